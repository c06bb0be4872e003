#!/usr/bin/env node
// What real clients see when a request is hostile or the model is: clear errors, nothing leaked, and the next request is served.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';

import { ask as askAdmin } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';

let OpenAI;
try {
  ({ default: OpenAI } = await import('openai'));
} catch {
  console.log('skipped: run npm ci in tests/integration/chat first');
  process.exit(77);
}

const EMAIL = 'jane.doe@acme.io';
const KEY = 'sk-held-by-bulwark-0001';
const chunk = (content) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`;

/** How the model misbehaves, by the first word that it is told. */
const BEHAVIOUR = {
  stall(response) {   // a first word, then nothing for ever
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk('Well'));
  },
  silent() {},
  drop(response) {   // in the middle of a document
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"choices":[', () => response.socket.destroy());
  },
  flood(response) {   // one event without an end
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = () => {
      while (!response.destroyed) if (!response.write(`data: ${'x'.repeat(65536)}`)) return response.once('drain', more);
      return undefined;
    };
    more();
  },
  nonsense(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"choices": [} not json');
  },
  fail(response) {   // repeats the key that it was given
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'no such key', type: 'invalid_request_error', code: 'invalid_api_key' } }));
  },
  fine(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }] }));
  },
};

let model;
let bulwark;
let openai;
let reached = 0;

before(async () => {
  model = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      ++reached;
      const body = JSON.parse(Buffer.concat(parts).toString());
      return BEHAVIOUR[body.messages[0].content.split(' ')[0]](response);
    });
  });
  await new Promise((resolve) => { model.listen(0, '127.0.0.1', resolve); });
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams:
  model: {servers: ["http://127.0.0.1:${model.address().port}"]}
chat: {budgets: [{name: all, by: everybody, per: 24h, tokens: 1000000}]}
routes:
  - {path: /v1, upstream: model, chat: {api_key: ${KEY}}, rate_limits: {}, limits: {upstream_timeout: 1s}}
soc: {block_loopback: false}
`);
  openai = new OpenAI({ apiKey: 'sk-of-the-client', httpAgent: new Agent({ ca: bulwark.ca }), maxRetries: 0, baseURL: `https://${bulwark.addresses.edge}/v1` });
});
after(async () => {
  await bulwark?.stop();
  model?.closeAllConnections();
  await new Promise((resolve) => { model.close(resolve); });
});

const ask = (content, more = {}) => openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }], ...more });

async function served() {
  assert.equal((await ask('fine')).choices[0].message.content, 'yes');
}

test('a model that says nothing is given up, with an error that names no inside', async () => {
  await assert.rejects(ask(`silent for ${EMAIL}`), (error) => {
    assert.equal(error.status, 504);
    assert.ok(!JSON.stringify(error).includes(EMAIL) && !JSON.stringify(error).includes(KEY));
    return true;
  });
  await served();
});

test('a model that stalls, drops or floods ends the answer, and only that', async () => {
  const read = async (content) => {
    let said = '';
    for await (const part of await ask(content, { stream: true })) said += part.choices[0]?.delta.content ?? '';
    return said;
  };
  await assert.rejects(read('stall please'));
  await assert.rejects(read('flood please'));
  await assert.rejects(ask('drop please'));
  await served();
});

test('nonsense and errors of the model arrive as they are, without the key', async () => {
  await assert.rejects(ask('nonsense please'));
  await assert.rejects(ask('fail please'), (error) => {
    assert.equal(error.status, 401);
    assert.ok(!JSON.stringify(error).includes(KEY));
    return true;
  });
  await served();
});

/** Waits to be asked for the body, so that a refusal by the head alone is not lost in a broken connection. */
function post(body) {
  return new Promise((resolve, reject) => {
    const [host, port] = bulwark.addresses.edge.split(':');
    const sent = httpsRequest({ host, port, path: '/v1/chat/completions', method: 'POST', ca: bulwark.ca, headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' } }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject);
    sent.on('continue', () => sent.end(body));
    sent.flushHeaders();
  });
}

test('hostile requests get clear errors and never reach the model', async () => {
  const said = (text) => Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }));
  const deep = Buffer.from(`{"messages":${'['.repeat(100)}${']'.repeat(100)}}`);
  const spent = async () => (await askAdmin(bulwark, { command: 'status' })).status.chat.budgets[0].spent[0]?.tokens ?? 0;
  await served();
  const before_ = reached;
  const spentBefore = await spent();
  assert.ok(spentBefore > 0);
  const refused = (answer, status) => {
    assert.equal(answer.status, status, answer.text);
    const { error } = JSON.parse(answer.text);
    assert.ok(error?.message.length > 10 && error.code, answer.text);
  };
  refused(await post(said('x'.repeat(10 * 1024 * 1024))), 413);
  refused(await post(said('x'.repeat(2 * 1024 * 1024))), 413);   // one text
  refused(await post(deep), 413);
  for (const bad of [Buffer.from('{"messages":[{"role":"user","content":"\xff"}]}', 'latin1'), Buffer.from('{"messages":[{"content":"\\ud800"}]}'), Buffer.from('{'), Buffer.from('')])
    refused(await post(bad), 400);
  assert.equal(reached, before_);
  assert.equal(await spent(), spentBefore);
  await served();
});
