// What the demonstration sends: ordinary use, with names and words that naive filters trip over, and attacks on every plane.
const json = { 'content-type': 'application/json' };
const chat = (message) => JSON.stringify({ message });
const word = (text) => `/api/products?q=${encodeURIComponent(text)}`;

export const BENIGN = [
  { name: 'list products', path: '/api/products?q=' },
  { name: 'search for a lamp', path: word('lamp') },
  { name: 'one product', path: '/api/products/2' },
  { name: 'the start page', path: '/' },
  { name: 'log in', method: 'POST', path: '/api/login', headers: json, body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse' }) },
  { name: 'an honest review', method: 'POST', path: '/api/reviews', headers: json, body: JSON.stringify({ product: 1, text: 'Select this one: better than the union of all others!' }) },
  { name: 'chat: a question', method: 'POST', path: '/api/chat', headers: json, body: chat('Do you sell lamps? Mail me at ada@example.com') },
  { name: 'chat: a tool call', method: 'POST', path: '/api/chat', headers: json, body: chat('show the orders of ada@example.com') },
];

export const ATTACKS = [
  { name: 'SQL injection: union in the query', path: word("x' union select id, email||password, 0 from customers --") },
  { name: 'SQL injection: tautology in JSON', source: '127.0.0.3', method: 'POST', path: '/api/login', headers: json, body: JSON.stringify({ email: "' or 1=1 --", password: 'x' }) },
  { name: 'cross-site scripting: reflected', source: '127.0.0.3', path: `/search?q=${encodeURIComponent('<script>alert(document.cookie)</script>')}` },
  { name: 'cross-site scripting: stored', source: '127.0.0.4', method: 'POST', path: '/api/reviews', headers: json, body: JSON.stringify({ product: 1, text: '<img src=x onerror=alert(1)>' }) },
  { name: 'path traversal', source: '127.0.0.4', path: '/static/..%2f..%2f..%2fetc/passwd' },
  { name: 'command injection', source: '127.0.0.5', path: word('x; cat /etc/passwd') },
  { name: 'Shellshock in a header', source: '127.0.0.5', path: '/', headers: { 'user-agent': '() { :; }; /bin/cat /etc/passwd' } },
  { name: 'a tool call made to inject SQL', source: '127.0.0.6', method: 'POST', path: '/api/chat', headers: json, body: chat("show the orders of x' union select id, 0 from customers where '1'='1"), harmless: (answer) => !/"id\\?":/.test(answer.body) },
  { name: 'again and again: 1', source: '127.0.0.7', path: word("1' or '1'='1") },
  { name: 'again and again: 2', source: '127.0.0.7', path: word("1' or '1'='1") },
  { name: 'again and again: 3', source: '127.0.0.7', path: word("1' or '1'='1") },
  { name: 'again and again: 4', source: '127.0.0.7', path: word("1' or '1'='1") },
  { name: 'again and again: 5', source: '127.0.0.7', path: word("1' or '1'='1") },
  { name: 'an honest request from the same source', source: '127.0.0.7', path: '/api/products/1' },
];
