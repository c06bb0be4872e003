#!/usr/bin/env node
// The Chat page in a real browser: a tool call that waits is shown with what the model asks for and let go by a click, a refused one ends,
// blocks are counted by guard, and the budget shows what was spent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startBulwark } from '../harness/bulwark.mjs';
import { startModel } from '../integration/chat/model_server.mjs';
import { accessibilityProblems, launch, openWindow, picture } from './support/browser.mjs';
import { authenticator } from './support/totp.mjs';

const kPassword = 'correct horse battery staple';
let model;
let bulwark;
let browser;
let page;

before(async () => {
  model = await startModel();
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {model: {servers: ["http://127.0.0.1:${model.port}"]}}
chat:
  conversations: {keep: true}
  budgets: [{name: daily, by: everybody, per: 24h, tokens: 1000}]
routes:
  - {path: /, upstream: model, rate_limits: {}, chat: {injection: {user: monitor}, pii: {card: block}, tools: {list: [{name: mail, confirm: true}]}}}
console: {listen: 127.0.0.1:0}
soc: {block_loopback: false}
`);
  browser = await launch();
  ({ page } = await openWindow(browser));
});
after(async () => {
  await browser?.close();
  await bulwark?.stop();
  await model?.stop();
});

/** Asks the model; resolves to { status, text }. */
function ask(content) {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
  const [host, port] = bulwark.addresses.edge.split(':');
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ host, port, path: '/v1/chat/completions', method: 'POST', ca: bulwark.ca, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('the first admin comes in and finds the page', async () => {
  await page.goto(`https://${bulwark.addresses.console}/`);
  await page.getByLabel('Set-up code').fill(readFileSync(join(bulwark.directory, 'data', 'console-setup-code'), 'utf8').trim());
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(kPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  const code = authenticator(await page.locator('code.secret').textContent());
  await page.getByLabel('Code from the app').fill(await code());
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('link', { name: 'Chat', exact: true }).click();
  await page.getByRole('heading', { name: 'Waiting for a person' }).waitFor();
});

test('a call that waits is shown, confirmed and refused', async () => {
  const confirmed = ask('please mail jane.doe@acme.io');
  await page.getByText('"to":"jane.doe@acme.io"').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'chat');
  await page.getByRole('button', { name: 'Confirm' }).click();
  const answer = await confirmed;
  assert.equal(answer.status, 200);
  assert.match(answer.text, /jane\.doe@acme\.io/);
  const refused = ask('please mail bob');
  await page.getByRole('button', { name: 'Refuse' }).click();
  assert.equal((await refused).status, 403);
  await page.getByText('A tool call that needs a yes shows here').waitFor();
});

test('blocks by guard, budgets and what is kept are counted', async () => {
  assert.equal((await ask('my card is 4111 1111 1111 1111')).status, 403);
  await page.getByRole('row', { name: /chat\.pii\.card/ }).waitFor();
  await page.getByRole('row', { name: /chat\.output\.tools/ }).waitFor();
  await page.getByRole('region', { name: 'Budget daily' }).getByText('everybody').waitFor();
  await page.getByText(/3 turns kept, of 1 people/).waitFor();
});

test('the models in force and where scores lie are shown; nothing was before, so nothing can be rolled back', async () => {
  const models = page.getByRole('region', { name: 'Models in force' });
  await models.getByText(/injection .*\([0-9a-f]{12}\), tagger/).first().waitFor();
  await models.getByText(/attacks in turns found/).waitFor();
  assert.equal(await models.getByRole('button').count(), 0);
  await page.getByRole('region', { name: 'Where scores lie' }).getByText(/what is usual is not known yet: \d of 1,000 requests/).first().waitFor();
});

test('an admin sees a turn as the user said it and as the model got it, and why one was refused', async () => {
  const turns = page.getByRole('region', { name: 'Conversations' });
  await turns.getByRole('button', { name: 'Show the latest turns' }).click();
  await turns.getByText('chat.pii.card').first().click();
  await turns.getByText('my card is 4111 1111 1111 1111').waitFor();
  await turns.getByText('before anything was sent').waitFor();
  await turns.locator('summary').last().click();
  const sides = turns.locator('details').last().locator('.sides');
  await sides.getByText('please mail jane.doe@acme.io').waitFor();
  assert.match(await sides.locator('div').nth(1).textContent(), /please mail \S+@example\.(com|org|net)/);
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'chat-turns');
});
