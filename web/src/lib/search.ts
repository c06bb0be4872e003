// The search box's language: words are searched for in the text, `name:value` narrows. Unknown names are text too.
//   plane:waf is:blocked source:203.0.113.9 rule:942100 user:ada "union select"
const parameters: Record<string, string> = {
  source: 'source', ip: 'source', rule: 'rule', plane: 'plane', user: 'user', tenant: 'tenant',
  trace: 'trace', severity: 'severity', class: 'class', is: 'disposition',
};

export interface Term {
  name: string; // '' for plain text
  value: string;
}

export function parse(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, name, quoted, bare] of text.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? bare ?? '';
    const known = name !== undefined && name in parameters;
    terms.push(known ? { name, value } : { name: '', value: name === undefined ? value : `${name}:${value}` });
  }
  return terms;
}

/** The query string for /api/events. */
export function toParameters(text: string): URLSearchParams {
  const out = new URLSearchParams();
  const words: string[] = [];
  for (const { name, value } of parse(text)) {
    if (name) out.set(parameters[name]!, value);
    else words.push(value);
  }
  if (words.length) out.set('text', words.join(' '));
  return out;
}

/** The text with `name:` set to the value, or taken out when the value is empty. */
export function withTerm(text: string, name: string, value: string): string {
  const kept = parse(text).filter((term) => term.name !== name);
  if (value) kept.push({ name, value });
  return kept.map((term) => `${term.name ? `${term.name}:` : ''}${/\s/.test(term.value) ? `"${term.value}"` : term.value}`).join(' ');
}

export function termOf(text: string, name: string): string {
  return parse(text).find((term) => term.name === name)?.value ?? '';
}

/** The address of the Events page with this search. */
export function eventsAddress(search: Record<string, string>, range = '24h'): string {
  const text = Object.entries(search).reduce((soFar, [name, value]) => withTerm(soFar, name, value), '');
  return `/events?${new URLSearchParams({ q: text, range })}`;
}
