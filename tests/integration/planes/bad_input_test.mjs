#!/usr/bin/env node
// Bad input to every plane: a clear status or error, an event that names it, and service to others goes on.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { raw, send } from '../../harness/http.mjs';
import { startPostgres } from '../../harness/postgres.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

let postgres;
let upstream;
let bulwark;
const ok = async () => assert.equal((await send(bulwark.addresses.edge, { ca: bulwark.ca, path: '/' })).status, 200, 'service to others');

before(async () => {
  [postgres, upstream] = await Promise.all([startPostgres({}), startUpstream()]);
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams:
  app: {servers: ["http://127.0.0.1:${upstream.port}"]}
  gone: {servers: ["http://127.0.0.1:1"], connect_timeout: 500ms}
  slow: {servers: ["http://127.0.0.1:${upstream.port}"]}
routes:
  - {path: /, upstream: app, waf: {mode: enforce}, limits: {header_timeout: 700ms, body_timeout: 700ms, max_body: 64KiB}}
  - {path: /gone, upstream: gone}
  - {path: /slow, upstream: slow, limits: {upstream_timeout: 500ms}}
limits: {header_timeout: 700ms, body_timeout: 700ms, max_body: 64KiB}
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
soc: {block_loopback: false}
`);
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
  await postgres?.stop();
});

const MALFORMED = {
  'Content-Length and Transfer-Encoding': 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two Content-Lengths': 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
  'a signed Content-Length': 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello',
  'obs-fold': 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n',
  'a bare LF': 'GET / HTTP/1.1\nHost: localhost\n\n',
  'a bad chunk size': 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n',
  'NUL in a value': 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n',
  'a space before the colon': 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n',
  'no Host': 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n',
  'two Hosts': 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n',
  'an absolute target that is not Host': 'GET http://other/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'an unknown Expect': 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: a miracle\r\n\r\n',
  'TRACE': 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a look-alike of a framing header': 'POST / HTTP/1.1\r\nHost: localhost\r\nContent_Length: 5\r\nContent-Length: 5\r\n\r\nhello',
  'Transfer-Encoding that is not chunked': 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
};

for (const [name, bytes] of Object.entries(MALFORMED))
  test(`malformed HTTP: ${name}`, async () => {
    const before_ = upstream.requests.length;
    const answer = await raw(bulwark.addresses.edge, bytes, { ca: bulwark.ca });
    assert.match(answer, /^HTTP\/1\.1 4\d\d /);
    assert.match(answer, /connection: close/i);
    const id = /x-request-id: ([0-9a-f]{32})/i.exec(answer)?.[1];
    assert.ok(id, 'the refusal carries a request id');
    const seen = await events(bulwark, { trace: id });
    assert.ok(seen.length > 0 && seen.some((event) => event.rule.startsWith('http.')), JSON.stringify(seen));
    assert.equal(upstream.requests.length, before_, 'nothing reached the app');
    await ok();
  });

test('TLS garbage is cut off', async () => {
  const [host, port] = bulwark.addresses.edge.split(':');
  for (const garbage of [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), Buffer.alloc(4096, 0xff), Buffer.from('160301ffff', 'hex')]) {
    await new Promise((resolve) => {
      const socket = connect(Number(port), host, () => socket.end(garbage));
      socket.on('error', resolve).on('close', resolve);
      socket.resume();
    });
  }
  await ok();
});

test('slow headers and slow bodies are given up', async () => {
  for (const bytes of ['GET / HTTP/1.1\r\nHost: localh', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this']) {
    const answer = await raw(bulwark.addresses.edge, bytes, { ca: bulwark.ca });
    assert.match(answer, /^HTTP\/1\.1 408 /);
  }
  await ok();
});

test('a body past its limit is 413, headers past theirs 431', async () => {
  const big = await send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', path: '/', body: Buffer.alloc(256 * 1024), headers: { 'content-type': 'application/octet-stream' } }).catch((error) => error);
  assert.equal(big.status, 413);
  const wide = await raw(bulwark.addresses.edge, `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`, { ca: bulwark.ca });
  assert.match(wide, /^HTTP\/1\.1 431 /);
  await ok();
});

test('an upstream that is gone is 502, one that is silent 504, each with an event', async () => {
  for (const [path, status] of [['/gone', 502], ['/slow/5000', 504]]) {
    const answer = await send(bulwark.addresses.edge, { ca: bulwark.ca, path });
    assert.equal(answer.status, status);
    assert.match(answer.headers['content-type'], /problem\+json/);
    assert.ok((await events(bulwark, { trace: answer.id })).length > 0);
  }
  await ok();
});

/** Bytes to the database port in clear (before TLS) or after a TLS handshake; resolves when Bulwark hangs up. */
function database(bytes, { tls = false } = {}) {
  const [host, port] = bulwark.addresses.database.split(':');
  return new Promise((resolve, reject) => {
    const chunks = [];
    const timer = setTimeout(() => reject(new Error('not cut off')), 15_000);
    const finish = () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    };
    const socket = connect(Number(port), host, () => {
      if (!tls) return socket.write(bytes);
      socket.write(Buffer.from('0000000804d2162f', 'hex'));
      return socket.once('data', () => {
        const secure = connectTls({ socket, rejectUnauthorized: false }, () => secure.write(bytes));
        secure.on('data', (chunk) => chunks.push(chunk));
        secure.on('end', finish).on('error', finish).on('close', finish);
      });
    });
    socket.on('data', (chunk) => tls || chunks.push(chunk));
    socket.on('error', finish).on('close', finish).on('end', finish);
  });
}

test('PostgreSQL messages with absurd lengths are refused', async () => {
  const startup = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 3, 0, 0]), Buffer.from('user\0app\0database\0app\0\0')]);
  startup.writeInt32BE(startup.length, 0);
  for (const [bytes, options] of [
    [Buffer.from('7fffffff00030000', 'hex'), {}],
    [Buffer.from('ffffffff00030000', 'hex'), {}],
    [Buffer.from('0000000400', 'hex'), {}],
    [Buffer.from('7fffffff00030000', 'hex'), { tls: true }],
    [Buffer.concat([startup, Buffer.from('517fffffff', 'hex')]), { tls: true }],
    [Buffer.concat([startup, Buffer.from('7000000000', 'hex')]), { tls: true }],
    [Buffer.concat([Buffer.from('0000000804d2162f', 'hex'), startup]), {}],
  ]) await database(bytes, options);
  await ok();
  const seen = await events(bulwark, { plane: 'database' });
  assert.ok(seen.some((event) => event.rule.startsWith('database.')), JSON.stringify(seen.slice(0, 3)));
});
