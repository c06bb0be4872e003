#!/usr/bin/env node
// What is said is kept encrypted, survives kill -9, is exported per person while Bulwark runs, and is gone with the person's key.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ask as askAdmin } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { startModel } from './model_server.mjs';

const EMAIL = 'jane.doe@acme.io';
let model;
let bulwark;
let keys;

before(async () => {
  model = await startModel();
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {model: {servers: ["http://127.0.0.1:${model.port}"]}}
chat: {conversations: {keep: true}}
routes:
  - {path: /, upstream: model, identity: {require: any}, rate_limits: {}, chat: {pii: {card: block}}}
soc: {block_loopback: false}
`);
  keys = {};
  for (const user of ['jane', 'joe']) {
    const made = await bulwark.run(['key', 'new', '--user', user, '--tenant', 'acme']);
    keys[user] = made.stdout.match(/bwk_[0-9a-f]{16}_[\w-]{43}/)[0];
  }
  const deadline = Date.now() + 20_000;   // until the running process has read the last key
  while ((await ask('joe', 'hello')).status === 401) assert.ok(Date.now() < deadline);
});
after(async () => {
  await bulwark?.stop();
  await model?.stop();
});

function ask(user, content, more = {}) {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more });
  const [host, port] = bulwark.addresses.edge.split(':');
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${keys[user]}` };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ host, port, path: '/v1/chat/completions', method: 'POST', ca: bulwark.ca, headers }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function kept(count) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { status } = await askAdmin(bulwark, { command: 'status' });
    if (status.chat.conversations.records >= count) return status.chat.conversations;
    assert.ok(Date.now() < deadline, JSON.stringify(status.chat));
  }
}
const exported = async (person) => (await bulwark.run(['chat', 'export', '--person', person])).stdout.trim().split('\n').filter(Boolean).map(JSON.parse);

test('turns are kept as the client and as the model saw them, and exported per person', async () => {
  await ask('jane', `write to ${EMAIL}`);
  await ask('jane', 'streamed', { stream: true });
  assert.equal((await ask('jane', 'card 4111 1111 1111 1111')).status, 403);
  await kept(4);
  const [whole, streamed, refused] = await exported('jane');
  assert.ok(whole.request.includes(EMAIL) && whole.answer.includes(EMAIL) && !whole.sent.includes(EMAIL), JSON.stringify(whole));
  assert.match(streamed.answer, /^data: /);
  assert.equal(refused.refused, 'chat.pii.card');
  assert.equal(refused.sent, '');
  assert.equal((await exported('joe')).length, 1);
});

test('kill -9 loses nothing that was written, and nothing stands in clear', async () => {
  await bulwark.kill();
  for (const name of readdirSync(join(bulwark.directory, 'data')).filter((each) => each.startsWith('conversations.db')))
    assert.ok(!readFileSync(join(bulwark.directory, 'data', name)).includes(EMAIL), name);
  assert.equal((await exported('jane')).length, 3);   // also while nobody runs
  await bulwark.restart();
  assert.equal((await kept(4)).persons, 2);
});

test('a person is erased with the key, and the turns stay countable', async () => {
  const erased = await bulwark.run(['chat', 'erase', '--person', 'jane']);
  assert.equal(erased.code, 0, erased.stderr);
  assert.match(erased.stdout, /3 turns/);
  assert.deepEqual(await exported('jane'), []);
  assert.deepEqual(await kept(4), { records: 4, persons: 1 });
  assert.notEqual((await bulwark.run(['chat', 'erase', '--person', 'jane'])).code, 0);
  await ask('jane', 'me again');
  await kept(5);
  assert.equal((await exported('jane')).length, 1);
});
