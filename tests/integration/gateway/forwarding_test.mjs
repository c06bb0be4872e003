#!/usr/bin/env node
// Who the client is, and which request this is, are told to the app by the gateway alone: what a client says about either is replaced,
// never added to. A call that comes back in while its request is in flight continues the trace.
import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';

import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const SOURCE = '127.0.0.5';
const STRANGER = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const LIES = {
  'x-forwarded-for': '6.6.6.6, 7.7.7.7', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example', 'x-forwarded-port': '1',
  'x-forwarded-server': 'evil', 'x-forwarded-prefix': '/evil', 'x-real-ip': '6.6.6.6', forwarded: 'for=6.6.6.6;host=evil.example', 'x-request-id': 'mine',
  traceparent: STRANGER, tracestate: 'evil=1',
};
let upstream;
let bulwark;
let onCall;   // what the app does before it answers /call

before(async () => {
  upstream = await startUpstream({
    handler: (request, response) => {
      if (request.url !== '/call') return false;
      onCall(request.headers).then((body) => response.end(JSON.stringify(body)), (error) => response.writeHead(500).end(String(error)));
      return true;
    },
  });
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app}]
soc: {block_loopback: false}
`);
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});

const h1 = (path, headers) => send(bulwark.addresses.edge, { ca: bulwark.ca, path, headers, source: SOURCE });
const h2 = (path, headers) => new Promise((resolve, reject) => {
  const session = connect(`https://${bulwark.addresses.edge}`, { ca: bulwark.ca, servername: 'localhost', localAddress: SOURCE });
  session.on('error', reject);
  const stream = session.request({ ':path': path, ':authority': 'localhost', ...headers });
  let body = '';
  let id;
  stream.setEncoding('utf8').on('response', (fields) => { id = fields['x-request-id']; }).on('data', (chunk) => { body += chunk; }).on('error', reject);
  stream.on('end', () => session.close(() => resolve({ body, id })));
});

for (const [version, ask] of Object.entries({ h1, h2 }))
  test(`what a client says about itself is replaced (${version})`, async () => {
    const { body, id } = await ask('/echo', LIES);
    assert.match(id, /^[0-9a-f]{32}$/);
    const { raw } = JSON.parse(body);
    const told = {};
    for (let i = 0; i < raw.length; i += 2) (told[raw[i].toLowerCase()] ??= []).push(raw[i + 1]);
    assert.deepEqual(told['x-forwarded-for'], [SOURCE]);
    assert.deepEqual(told['x-real-ip'], [SOURCE]);
    assert.deepEqual(told['x-forwarded-proto'], ['https']);
    assert.equal(told['x-forwarded-host'].length, 1);
    assert.match(told['x-forwarded-host'][0], /^localhost|^127\.0\.0\.1/);
    assert.equal(told.forwarded.length, 1);
    assert.match(told.forwarded[0], new RegExp(`^for=${SOURCE.replaceAll('.', '\\.')};host="[^"]+";proto=https$`));
    assert.deepEqual(told['x-request-id'], [id]);
    assert.equal(told.traceparent.length, 1);
    assert.match(told.traceparent[0], new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
    for (const name of ['x-forwarded-port', 'x-forwarded-server', 'x-forwarded-prefix', 'tracestate']) assert.equal(told[name], undefined, name);
    assert.doesNotMatch(body, /6\.6\.6\.6|7\.7\.7\.7|evil|mine/);
  });

test('a trace that is in flight is continued, down to the app', async () => {
  onCall = async ({ traceparent }) => {
    const inner = await h1('/echo', { traceparent });
    return { traceparent, id: inner.id, onwards: JSON.parse(inner.body).headers.traceparent };
  };
  const outer = await h1('/call');
  const seen = JSON.parse(outer.body);
  assert.equal(seen.id, outer.id, 'the inner request is the same request');
  assert.match(seen.onwards, new RegExp(`^00-${outer.id}-`));
  assert.notEqual(seen.onwards, seen.traceparent, 'in a span of its own');
});

test('a trace that nobody knows, or that is not well-formed, is not taken up', async () => {
  const strange = await h1('/echo', { traceparent: STRANGER });
  assert.notEqual(strange.id, 'a'.repeat(32));
  onCall = async ({ traceparent }) => ({ id: (await h1('/echo', { traceparent: `${traceparent}, 00` })).id });
  const outer = await h1('/call');
  assert.notEqual(JSON.parse(outer.body).id, outer.id);
});
