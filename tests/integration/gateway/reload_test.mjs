#!/usr/bin/env node
// 100 reloads and certificate swaps under load on HTTP/1.1, HTTP/2 and WebSocket: not one request fails.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';

import { startBulwark } from '../../harness/bulwark.mjs';
import { keepAlive, send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const RELOADS = 100;

test('reloads lose nothing', { timeout: 300_000 }, async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const upstream = await startUpstream({
    onUpgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head, (peer) => peer.on('message', (data) => peer.send(`back ${data}`))),
  });
  const makeCertificate = (directory) =>
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', `${directory}/site.key`, '-out', `${directory}/site.crt`], { stdio: 'ignore' });
  const yaml = (directory, limit) => `data_dir: ${directory}/data
listen: 127.0.0.1:0
tls: [{certificate: ${directory}/site.crt, key: ${directory}/site.key}]
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, limits: {max_body: ${limit}KiB}}]
`;
  const bulwark = await startBulwark((directory) => {
    makeCertificate(directory);
    return yaml(directory, 64);
  });
  const { edge } = bulwark.addresses;
  const insecure = { rejectUnauthorized: false };   // the certificate changes under way: that is the point
  const agent = keepAlive();
  agent.options.rejectUnauthorized = false;
  let over = false;
  const done = { h1: 0, h2: 0, ws: 0 };
  const loop = async (kind, once) => {
    while (!over) {
      await once();
      ++done[kind];
    }
  };
  const h1 = () => send(edge, { agent, path: '/bytes/1000' }).then((answer) => assert.equal(answer.status, 200));
  const fresh = () => send(edge, { insecure: true, path: '/' }).then((answer) => assert.equal(answer.status, 200));

  // HTTP/2: streams on one session; a session that the server says goodbye to (GOAWAY) is followed by a new one, as clients do.
  let session;
  const open = () => {
    session = connect(`https://${edge}`, insecure);
    session.on('goaway', () => { session = undefined; });
    session.on('close', () => { session = undefined; });
  };
  const h2 = () => new Promise((resolve, reject) => {
    if (!session || session.closed || session.destroyed) open();
    const stream = session.request({ ':path': '/bytes/1000' });
    let size = 0;
    let status;
    stream.on('response', (headers) => { status = headers[':status']; });
    stream.on('data', (chunk) => { size += chunk.length; });
    stream.on('error', reject);
    stream.on('end', () => (status === 200 && size === 1000 ? resolve() : reject(new Error(`h2: ${status}, ${size} bytes`))));
    stream.end();
  });

  const socket = new WebSocket(`wss://${edge}/socket`, insecure);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const ws = () => new Promise((resolve, reject) => {
    const word = `word ${done.ws}`;
    socket.once('message', (data) => (String(data) === `back ${word}` ? resolve() : reject(new Error(`websocket: ${data}`))));
    socket.once('close', () => reject(new Error('the WebSocket was closed')));
    socket.send(word);
  });

  const load = Promise.all([loop('h1', h1), loop('h1', h1), loop('h1', h1), loop('h1', fresh), loop('h2', h2), loop('h2', h2), loop('ws', ws)]);
  const watched = load.catch((error) => { over = true; throw error; });
  watched.catch(() => {});
  for (let i = 0; i < RELOADS && !over; ++i) {
    if (i % 10 === 0) makeCertificate(bulwark.directory);
    const reloaded = await bulwark.reload(yaml(bulwark.directory, 64 + (i % 7)));
    assert.equal(reloaded.code, 0, reloaded.stderr);
  }
  over = true;
  await watched;
  socket.removeAllListeners('close');
  socket.terminate();
  session?.destroy();
  agent.destroy();
  console.log(`requests during ${RELOADS} reloads: h1 ${done.h1}, h2 ${done.h2}, websocket ${done.ws}`);
  assert.ok(done.h1 > RELOADS && done.h2 > RELOADS && done.ws > RELOADS);
  await bulwark.stop();
  sockets.close();
  await upstream.stop();
});
