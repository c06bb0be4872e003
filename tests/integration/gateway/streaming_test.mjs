#!/usr/bin/env node
// Bodies and event streams pass through without being held: the first byte arrives before the last is sent, and a quarter of a
// gigabyte either way leaves the memory of the process where it was.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';

import { startBulwark } from '../../harness/bulwark.mjs';

const SIZE = 256 * 1024 * 1024;
const MOST_GROWTH = 32 * 1024 * 1024;   // an eighth of it
const BLOCK = Buffer.alloc(256 * 1024, 'x');
let app;        // an http.Server; what it does with a request is the test's
let answer;
let bulwark;

before(async () => {
  app = createServer((incoming, response) => answer(incoming, response));
  await new Promise((resolve) => { app.listen(0, '127.0.0.1', resolve); });
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${app.address().port}"]}}
routes: [{path: /, upstream: app, waf: {mode: off}, limits: {max_body: 1GiB}}]   # a WAF would look at bodies whole
`);
});
after(async () => {
  await bulwark?.stop();
  app?.closeAllConnections();
  app?.close();
});

const memory = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${bulwark.pid}/status`, 'utf8'))[1]) * 1024;

/** One exchange over either protocol: { out: where its body goes, status and answer: promises of what comes back, close() }. */
function open(version, method) {
  const { ca, addresses: { edge } } = bulwark;
  if (version === 'h2') {
    const session = connect(`https://${edge.replace('127.0.0.1', 'localhost')}`, { ca });
    session.on('error', () => {});
    const stream = session.request({ ':path': '/', ':method': method }, { endStream: method === 'GET' });
    const headers = new Promise((resolve, reject) => { stream.once('response', resolve).once('error', reject); });
    return { out: stream, status: headers.then((all) => all[':status']), answer: headers.then(() => stream), close: () => session.destroy() };
  }
  const [host, port] = edge.split(':');
  const call = request({ host, port, servername: 'localhost', ca, method, path: '/', agent: false });
  const response = new Promise((resolve, reject) => { call.once('response', resolve).once('error', reject); });
  if (method === 'GET') call.end();
  return { out: call, status: response.then((each) => each.statusCode), answer: response, close: () => call.destroy() };
}

const bytesOf = async (stream) => {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
};

function* blocks() {
  for (let made = 0; made < SIZE; made += BLOCK.length) yield BLOCK;
}
const fill = (stream) => pipeline(Readable.from(blocks()), stream);

for (const version of ['h1', 'h2']) {
  test(`each event of a stream arrives before the next is sent (${version})`, { timeout: 30_000 }, async () => {
    let send;
    const begun = new Promise((resolve) => {
      answer = (_incoming, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        send = (text) => response.write(text);
        response.flushHeaders();
        resolve(response);
      };
    });
    const exchange = open(version, 'GET');
    const theirs = await begun;
    assert.equal(await exchange.status, 200);   // the head is here though no byte of the body was written
    const events = (await exchange.answer)[Symbol.asyncIterator]();
    for (let i = 0; i < 20; ++i) {
      send(`data: ${i}\n\n`);
      assert.equal(String((await events.next()).value), `data: ${i}\n\n`);
    }
    theirs.end();
    exchange.close();
  });

  test(`a request's first bytes reach the app before the last are sent (${version})`, { timeout: 30_000 }, async () => {
    let first;
    const arrived = new Promise((resolve) => { first = resolve; });
    answer = async (incoming, response) => {
      let text = '';
      for await (const chunk of incoming) first(text += chunk);
      response.end(text);
    };
    const exchange = open(version, 'POST');
    exchange.out.write('the beginning');
    assert.equal(await arrived, 'the beginning');
    exchange.out.end(' and the end');
    assert.equal(await textOf(await exchange.answer), 'the beginning and the end');
    exchange.close();
  });

  test(`large bodies take no memory (${version})`, { timeout: 120_000 }, async () => {
    answer = async (incoming, response) => {
      const size = await bytesOf(incoming);
      response.writeHead(200, { 'x-size': String(size) });
      await fill(response);
    };
    const before_ = memory();
    let most = before_;
    const watch = setInterval(() => { most = Math.max(most, memory()); }, 20);
    try {
      const exchange = open(version, 'POST');
      await fill(exchange.out);
      assert.equal(await exchange.status, 200);
      assert.equal(await bytesOf(await exchange.answer), SIZE);
      exchange.close();
    } finally {
      clearInterval(watch);
    }
    most = Math.max(most, memory());
    console.log(`${version}: ${SIZE >> 20} MiB each way, ${(most - before_) >> 20} MiB more memory at most`);
    assert.ok(most - before_ < MOST_GROWTH, `grew by ${(most - before_) >> 20} MiB`);
  });
}

// Borders of chunks in every read, and a client that catches up between two of them: once, the part that was held back stopped
// everything behind it, about one time in eight for each of these.
test('a response in many chunks never stops (h1)', { timeout: 60_000 }, async () => {
  const chunk = Buffer.alloc(20_000, 'y');
  const count = Math.ceil(SIZE / chunk.length);
  answer = (_incoming, response) => {
    pipeline(Readable.from((function* chunks() { for (let i = 0; i < count; ++i) yield chunk; })()), response).catch(() => {});
  };
  const download = async () => {
    const exchange = open('h1', 'GET');
    assert.equal(await bytesOf(await exchange.answer), count * chunk.length);
    exchange.close();
  };
  await Promise.all([download(), download(), download(), download()]);
});

test('a client that does not read holds the app back', { timeout: 60_000 }, async () => {
  let written = 0;
  let finish;
  const stuck = new Promise((resolve) => { finish = resolve; });
  answer = (_incoming, response) => {
    const more = () => {
      while (response.write(BLOCK)) written += BLOCK.length;
      written += BLOCK.length;
    };
    response.on('drain', more).on('close', finish);
    more();
  };
  const before_ = memory();
  const exchange = open('h1', 'GET');
  const response = await exchange.answer;
  response.pause();
  let seen = -1;
  while (seen !== written) {   // until nothing moves any more between two looks
    seen = written;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
  assert.ok(written < 64 * 1024 * 1024, `${written >> 20} MiB were taken from the app`);
  assert.ok(memory() - before_ < MOST_GROWTH);
  response.on('error', () => {});
  exchange.close();
  await stuck;
});
