// Where the app can be injected, with what an honest user sends there, and how sqlmap is pointed at it.
const form = (data) => ['--data', data];
const json = (value) => ['--data', JSON.stringify(value), '--header', 'Content-Type: application/json'];

const text = "x' or '1'='1";
const number = '1 or 1=1';

/** name; path; what a user sends (several examples teach the allow-list); sqlmap's own arguments for the same; one attack by hand. */
export const POINTS = [
  { name: 'LIKE, rows shown', path: '/search?q=kettle', parameter: 'q', honest: ['/search?q=lamp', "/search?q=100%25"], attack: { path: `/search?q=${encodeURIComponent(text)}` } },
  { name: 'numeric, rows shown', path: '/product?id=1', parameter: 'id', honest: ['/product?id=2'], attack: { path: `/product?id=${encodeURIComponent(number)}` } },
  { name: 'ORDER BY', path: '/sorted?by=name', parameter: 'by', honest: ['/sorted?by=id', '/sorted?by=name%20desc'], attack: { path: `/sorted?by=${encodeURIComponent('(select 1)')}` } },
  { name: 'LIMIT', path: '/page?size=2', parameter: 'size', honest: ['/page?size=3'], attack: { path: `/page?size=${encodeURIComponent('(select count(*) from pg_user)')}` } },
  { name: 'IN list', path: '/many?ids=1', parameter: 'ids', honest: ['/many?ids=2', '/many?ids=1,2,3'], attack: { path: `/many?ids=${encodeURIComponent('1) or (1=1')}` } },
  { name: 'column name', path: '/report?column=category', parameter: 'column', honest: ['/report?column=stock'], attack: { path: `/report?column=${encodeURIComponent('(select password from customers limit 1)')}` } },
  { name: 'path segment, in brackets', path: '/category/living*', honest: ['/category/kitchen'], attack: { path: `/category/${encodeURIComponent(text)}` } },
  { name: 'JSON operator', path: '/gift?ref=A-1', parameter: 'ref', honest: ['/gift?ref=A-2'], attack: { path: `/gift?ref=${encodeURIComponent(text)}` } },
  { name: 'base64', path: '/token?t=bGl2aW5n', parameter: 't', extra: ['--base64', 't'], honest: ['/token?t=b2ZmaWNl'], attack: { path: `/token?t=${Buffer.from(text).toString('base64')}` } },
  { name: 'boolean blind', path: '/exists?email=ada@example.com', parameter: 'email', honest: ['/exists?email=nobody@example.com'], attack: { path: `/exists?email=${encodeURIComponent(text)}` } },
  { name: 'time blind, numeric', path: '/stock?id=1', parameter: 'id', honest: ['/stock?id=3'], attack: { path: `/stock?id=${encodeURIComponent(number)}` } },
  { name: 'cookie', path: '/me', cookie: 'session=s-ada', parameter: 'session', honest: ['/me'], attack: { cookie: `session=${encodeURIComponent(text)}` } },
  { name: 'User-Agent, INSERT', path: '/home', parameter: 'User-Agent', honest: ['/home'], attack: { headers: { 'User-Agent': "x'), ('y', 'z" } } },
  { name: 'header of its own', path: '/partner', headers: { 'X-Partner': 'Ada' }, extra: ['--header', 'X-Partner: Ada*'], honest: ['/partner'], attack: { headers: { 'X-Partner': text } } },
  { name: 'form, INSERT, silent', path: '/subscribe', body: 'email=ada@example.com', extra: form('email=ada@example.com'), parameter: 'email', honest: ['/subscribe'], attack: { body: `email=${encodeURIComponent("x'), ('y', 'z")}` } },
  { name: 'form, UPDATE', path: '/profile', body: 'bio=hello', extra: form('bio=hello'), parameter: 'bio', honest: ['/profile'], attack: { body: `bio=${encodeURIComponent("x', name = 'y")}` } },
  { name: 'form, DELETE, silent', path: '/forget', body: 'page=about', extra: form('page=about'), parameter: 'page', honest: ['/forget'], attack: { body: `page=${encodeURIComponent(text)}` } },
  { name: 'JSON body', path: '/api/find', body: { name: 'Ada' }, extra: json({ name: 'Ada' }), parameter: 'name', honest: ['/api/find'], attack: { body: { name: text } } },
  { name: 'JSON body, nested number', path: '/api/filter', body: { filter: { stock: '1' } }, extra: json({ filter: { stock: '1' } }), parameter: 'stock', honest: ['/api/filter'], attack: { body: { filter: { stock: number } } } },
  { name: 'second order', path: '/draft', body: 'title=kitchen', extra: form('title=kitchen'), parameter: 'title', second: '/draft', honest: ['/draft'], attack: { body: `title=${encodeURIComponent(text)}` } },
  { name: 'chat tool call', path: '/chat', body: { message: 'orders of Ada' }, extra: json({ message: 'orders of Ada' }), parameter: 'message', honest: ['/chat'], attack: { body: { message: `orders of ${text}` } } },
];
