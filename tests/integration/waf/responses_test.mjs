#!/usr/bin/env node
// What rules see of responses of every framing and coding, through the real gateway from a real server: whole up to the limit, the
// beginning of longer ones, compressed ones as the client will read them; streams and pictures pass untouched.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';

import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const leak = 'before internal stack trace after';
const codings = { gzip: gzipSync, deflate: deflateSync, raw: deflateRawSync, br: brotliCompressSync };
const limit = 64 * 1024;

/** /KIND/CODING/PLACE: the leak in a body of that framing and coding, at its beginning or past the limit. */
function answer(request, response) {
  const [, kind, coding, place] = request.url.split('/');
  if (!['length', 'chunked', 'broken', 'stream', 'png'].includes(kind)) return false;
  const text = place === 'late' ? 'x'.repeat(3 * limit) + leak : leak + 'y'.repeat(place === 'long' ? 3 * limit : 10);
  const body = coding in codings ? codings[coding](text) : Buffer.from(text);
  response.setHeader('content-type', kind === 'stream' ? 'text/event-stream' : kind === 'png' ? 'image/png' : 'text/html; charset=utf-8');
  if (coding !== 'plain') response.setHeader('content-encoding', coding === 'raw' ? 'deflate' : coding);
  if (kind === 'broken') return response.end(Buffer.concat([gzipSync('x').subarray(0, 10), Buffer.from('no deflate here')])), true;
  if (kind === 'length') return response.setHeader('content-length', body.length), response.end(body), true;
  for (let at = 0; at < body.length; at += 10_000) response.write(body.subarray(at, at + 10_000));
  response.end();
  return true;
}

let upstream;
let bulwark;
before(async () => {
  upstream = await startUpstream({ handler: answer });
  bulwark = await startBulwark((home) => {
    writeFileSync(`${home}/leaks.conf`, 'SecRule RESPONSE_HEADERS:Content-Encoding "@rx ." "id:1,phase:4,pass,nolog,skipAfter:END"\nSecRule RESPONSE_BODY "@contains internal stack trace" "id:9001,phase:4,deny,status:403,t:none,msg:\'Leak\'"\nSecMarker END\n');
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
waf: {rules: ["${home}/leaks.conf"]}
routes: [{path: /, upstream: app, waf: {inspect_responses: true, response_limit: 64KiB}}]
`;
  });
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});
const get = (path) => send(bulwark.addresses.edge, { ca: bulwark.ca, path, headers: { 'accept-encoding': 'gzip, br' } });

test('upstream is asked not to compress', async () => {
  await get('/');
  assert.equal(upstream.requests.at(-1).headers['accept-encoding'], 'identity');
});

for (const kind of ['length', 'chunked'])
  for (const coding of ['plain', 'gzip', 'deflate', 'raw', 'br'])
    test(`a leak in a response with ${kind}, ${coding}, is stopped, also in the beginning of a long one`, async () => {
      assert.equal((await get(`/${kind}/${coding}/early`)).status, 403);
      assert.equal((await get(`/${kind}/${coding}/long`)).status, 403);
    });

test('what is longer than the limit arrives whole', async () => {
  for (const kind of ['length', 'chunked']) {
    const { status, body } = await get(`/${kind}/plain/late`);
    assert.equal(status, 200);
    assert.equal(body.length, 3 * limit + leak.length);
  }
});

test('other types are not held back', async () => {
  for (const kind of ['stream', 'png']) {
    const { status, body } = await get(`/${kind}/plain/early`);
    assert.equal(status, 200);
    assert.match(body, /stack trace/);
  }
});

test('a response that does not decode passes with an event', async () => {
  const { status, id } = await get('/broken/gzip/early');
  assert.equal(status, 200);
  const { stdout } = await bulwark.run(['explain', id]);
  assert.match(stdout, /waf\.response_coding/);
});

test('the coding stays what it was for the client', async () => {
  const { request } = await import('node:https');
  const [host, port] = bulwark.addresses.edge.split(':');
  const body = await new Promise((resolve, reject) => request({ host, port, servername: 'localhost', ca: bulwark.ca, path: '/length/gzip/late' }, (response) => {
    assert.equal(response.headers['content-encoding'], 'gzip');
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
  }).on('error', reject).end());
  assert.equal(gunzipSync(body).length, 3 * limit + leak.length);
});
