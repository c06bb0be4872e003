// What was said, out of the bodies of chat requests and replies: OpenAI's and Anthropic's, whole and streamed. What is none of these is
// shown as it is.
export interface Line {
  who: string;
  text: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const joined = (content: Json): string =>
  typeof content === 'string' ? content : Array.isArray(content) ? content.map((part) => part?.text ?? (part?.type ? `[${part.type}]` : '')).join(' ') : '';

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off, or no JSON
  }
}

/** The turns of a request. */
export function asked(body: string): Line[] {
  const request = parsed(body);
  if (!request) return body ? [{ who: '', text: body }] : [];
  const lines: Line[] = [];
  if (request.system) lines.push({ who: 'system', text: joined(request.system) });
  if (request.instructions) lines.push({ who: 'system', text: joined(request.instructions) });
  const messages = Array.isArray(request.messages) ? request.messages : Array.isArray(request.input) ? request.input : undefined;
  if (messages) for (const each of messages) lines.push({ who: each?.role ?? each?.type ?? '', text: joined(each?.content) || JSON.stringify(each?.tool_calls ?? '') });
  else if (typeof request.input === 'string') lines.push({ who: 'user', text: request.input });
  return lines.length ? lines : [{ who: '', text: body }];
}

const ofReply = (reply: Json): string =>
  [
    ...(reply.choices ?? []).map((each: Json) => joined(each?.message?.content) || JSON.stringify(each?.message?.tool_calls ?? '')),
    joined(reply.content),
    ...(reply.output ?? []).map((each: Json) => joined(each?.content)),
    reply.error?.message ?? '',
  ]
    .filter((text) => text && text !== '""')
    .join('\n');

const ofEvent = (event: Json): string =>
  event?.choices?.[0]?.delta?.content ?? (event?.type === 'response.output_text.delta' ? event.delta : event?.delta?.text) ?? '';

/** What the answer says. */
export function answered(body: string): string {
  const reply = parsed(body);
  if (reply) return ofReply(reply) || body;
  const events = body.split('\n').filter((line) => line.startsWith('data: '));
  if (!events.length) return body;
  return events.map((line) => ofEvent(parsed(line.slice(6)))).join('') || body;
}
