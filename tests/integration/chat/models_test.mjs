#!/usr/bin/env node
// Models behind names, with keys that clients never see: who may use which, who takes over for whom, and what everybody may spend,
// as the real OpenAI and Anthropic clients meet it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import { after, before, test } from 'node:test';

import { ask as askAdmin, events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { startModel } from './model_server.mjs';

let OpenAI;
let Anthropic;
try {
  ({ default: OpenAI } = await import('openai'));
  ({ default: Anthropic } = await import('@anthropic-ai/sdk'));
} catch {
  console.log('skipped: run npm ci in tests/integration/chat first');
  process.exit(77);
}

let first;
let second;
let broken;
let brokenAsked = 0;
let bulwark;
let keys;

const configuration = (home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams:
  first: {servers: ["http://127.0.0.1:${first.port}"]}
  second: {servers: ["http://127.0.0.1:${second.port}"]}
  broken: {servers: ["http://127.0.0.1:${broken.address().port}"]}
  deserted: {servers: ["http://127.0.0.1:1"], connect_timeout: 1s}
chat:
  budgets:
    - {name: hourly, by: user, per: 24h, tokens: 400}
    - {name: money, by: tenant, per: 24h, cost: 1000}
  prices: {real-fast: {input: 1, output: 2}, "*": {input: 3, output: 9}}
routes:
  - path: /
    upstream: first
    identity: {require: any}
    rate_limits: {}
    chat:
      api_key: sk-first
      injection: {user: monitor}
      models:
        - {name: fast, as: real-fast}
        - {name: other, upstream: second, api_key: sk-second}
        - {name: keyless, upstream: second}
        - {name: staff, upstream: second, roles: [staff]}
        - {name: shaky, upstream: broken, api_key: sk-broken, retries: 2, fallback: [other]}
        - {name: away, upstream: deserted, retries: 0, fallback: [staff, fast]}
        - {name: alone, upstream: broken, retries: 0}
soc: {block_loopback: false}
`;

async function makeKey(user, ...roles) {
  const made = await bulwark.run(['key', 'new', '--user', user, '--tenant', 'acme', ...roles.flatMap((role) => ['--role', role])]);
  assert.equal(made.code, 0, made.stderr);
  return made.stdout.match(/bwk_[0-9a-f]{16}_[\w-]{43}/)[0];
}

const clients = (apiKey, maxRetries = 0) => {
  const options = { apiKey, httpAgent: new Agent({ ca: bulwark.ca }), maxRetries };
  return {
    openai: new OpenAI({ ...options, baseURL: `https://${bulwark.addresses.edge}/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: `https://${bulwark.addresses.edge}` }),
  };
};
const chat = (model, content = 'hello', more = {}) => ({ model, messages: [{ role: 'user', content }], ...more });

before(async () => {
  first = await startModel();
  second = await startModel();
  broken = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      ++brokenAsked;
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end('{"error":{"message":"overloaded","type":"server_error"}}');
    });
  });
  await new Promise((resolve) => { broken.listen(0, '127.0.0.1', resolve); });
  bulwark = await startBulwark(configuration);
  keys = { jane: await makeKey('jane'), joe: await makeKey('joe', 'staff'), eve: await makeKey('eve'), sam: await makeKey('sam') };
  const deadline = Date.now() + 20_000;   // until the running process has read the last key
  for (;;) {
    try {
      await clients(keys.sam).openai.chat.completions.create(chat('fast', 'x'));
      return;
    } catch (error) {
      if (error.status !== 401 || Date.now() > deadline) throw error;
    }
  }
});
after(async () => {
  await bulwark?.stop();
  await first?.stop();
  await second?.stop();
  broken?.closeAllConnections();
  await new Promise((resolve) => { broken.close(resolve); });
});

test('a name becomes an upstream, a key and another name', async () => {
  const { openai, anthropic } = clients(keys.joe);
  await openai.chat.completions.create(chat('fast'));
  assert.equal(JSON.parse(first.requests.at(-1).raw).model, 'real-fast');
  assert.equal(first.requests.at(-1).headers.authorization, 'Bearer sk-first');
  await openai.chat.completions.create(chat('other'));
  assert.equal(second.requests.at(-1).headers.authorization, 'Bearer sk-second');
  await anthropic.messages.create(chat('other', 'hello', { max_tokens: 9 }));
  assert.equal(second.requests.at(-1).headers['x-api-key'], 'sk-second');
  await openai.chat.completions.create(chat('keyless'));
  const kept = JSON.stringify(second.requests.at(-1).headers);
  assert.ok(!kept.includes('sk-first') && !kept.includes(keys.joe), 'a key went to the wrong upstream');
});

test('models that are not for the user, or not at all, are refused as the clients expect', async () => {
  const reached = second.requests.length;
  for (const model of ['staff', 'gpt-unknown']) {
    await assert.rejects(clients(keys.jane, 2).openai.chat.completions.create(chat(model)), (error) => {
      assert.ok(error instanceof OpenAI.PermissionDeniedError);
      assert.equal(error.code, 'model_not_allowed');
      assert.equal(error.param, 'model');
      return true;
    });
    await assert.rejects(clients(keys.jane, 2).anthropic.messages.create(chat(model, 'x', { max_tokens: 9 })), Anthropic.PermissionDeniedError);
  }
  assert.equal(second.requests.length, reached);
  await clients(keys.joe).openai.chat.completions.create(chat('staff'));
  assert.equal(second.requests.length, reached + 1);
});

test('another model takes over before the first byte, and says so', async () => {
  const { openai } = clients(keys.joe);
  brokenAsked = 0;
  const { data, response } = await openai.chat.completions.create(chat('shaky', 'jane.doe@acme.io')).withResponse();
  assert.equal(data.choices[0].message.content, 'jane.doe@acme.io');
  assert.equal(response.headers.get('x-bulwark-model'), 'other');
  assert.equal(brokenAsked, 3);
  assert.ok(!second.requests.at(-1).raw.includes('jane.doe@acme.io'), 'the fallback model saw what is masked');
  const rules = (await events(bulwark, { trace: response.headers.get('x-request-id') })).map((event) => event.rule);
  assert.ok(rules.includes('chat.model.fallback') && rules.includes('chat.model.retry'), rules.join());
  let said = '';
  for await (const part of await openai.chat.completions.create(chat('shaky', 'streamed', { stream: true }))) said += part.choices[0]?.delta.content ?? '';
  assert.equal(said, 'streamed');
  const away = await openai.chat.completions.create(chat('away')).withResponse();
  assert.equal(away.response.headers.get('x-bulwark-model'), 'staff');
  const notStaff = await clients(keys.sam).openai.chat.completions.create(chat('away')).withResponse();
  assert.equal(notStaff.response.headers.get('x-bulwark-model'), 'fast');
  await assert.rejects(openai.chat.completions.create(chat('alone')), (error) => error.status === 503);
});

/** Asks until the budget is spent; gives the refusal. */
async function spend(client, ask) {
  for (let i = 0; i < 100; ++i) {
    try {
      await ask(client);
    } catch (error) {
      return error;
    }
  }
  throw new Error('the budget has no end');
}

test('a spent budget is refused as the clients expect, and outlives a restart', async () => {
  const ask = async (client) => {   // streamed, the model tells no usage: it is estimated
    for await (const part of await client.openai.chat.completions.create(chat('fast', 'word '.repeat(60), { stream: true }))) assert.ok(part);
  };
  const refused = await spend(clients(keys.eve, 2), ask);
  assert.ok(refused instanceof OpenAI.RateLimitError, String(refused));
  assert.equal(refused.code, 'budget_exceeded');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  await assert.rejects(clients(keys.eve, 2).anthropic.messages.create(chat('fast', 'word '.repeat(60), { max_tokens: 9 })), Anthropic.RateLimitError);
  await ask(clients(keys.jane));
  const { status } = await askAdmin(bulwark, { command: 'status' });
  const hourly = status.chat.budgets.find((budget) => budget.name === 'hourly');
  assert.ok(hourly.spent.some((each) => each.who === 'user eve' && each.tokens > 0), JSON.stringify(hourly));
  const seen = await events(bulwark, { rule: 'chat.budget.hourly' });
  assert.ok(seen.length > 0);
  process.kill(bulwark.pid, 'SIGTERM');
  await bulwark.exited;
  await bulwark.restart();
  await assert.rejects(ask(clients(keys.eve)), (error) => error.code === 'budget_exceeded');
  await ask(clients(keys.jane));
});
