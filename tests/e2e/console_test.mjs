#!/usr/bin/env node
// The console in a real browser against the real binary: from the first run to blocking an attacker and undoing it.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startBulwark } from '../harness/bulwark.mjs';
import { send } from '../harness/http.mjs';
import { startUpstream } from '../harness/upstream.mjs';
import { accessibilityProblems, launch, openWindow, picture } from './support/browser.mjs';
import { authenticator } from './support/totp.mjs';

const kPassword = 'correct horse battery staple';
const attack = `/?q=${encodeURIComponent("1' union select password from users--")}`;
let upstream;
let bulwark;
let browser;
let window; // the admin's
let nextCode;
let base;

before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
console: {listen: 127.0.0.1:0}
soc: {block_loopback: true}
`);
  browser = await launch();
  window = await openWindow(browser);
  base = `https://${bulwark.addresses.console}`;
});
after(async () => {
  await browser?.close();
  await bulwark?.stop();
  await upstream?.stop();
});

const from = (source, path = '/') => send(bulwark.addresses.edge, { ca: bulwark.ca, source, path, headers: { host: 'shop.example' } });
/** Looks again until the page is as wanted. (Not page.waitForFunction: it needs eval, which the policy forbids.) */
async function until(page, condition, argument) {
  const deadline = Date.now() + 15_000;
  while (!(await page.evaluate(condition, argument))) {
    assert.ok(Date.now() < deadline, `not within 15 s: ${condition}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
const heading = (page) => page.locator('main h1').first();

/** Goes through the set-up page; returns a function that gives the person's next TOTP code. */
async function enrol(page, name) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(kPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  const code = authenticator(await page.locator('code.secret').textContent());
  await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
  await picture(page, `set-up-${name}`);
  await page.getByLabel('Code from the app').fill(await code());
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).waitFor();
  assert.equal(await page.locator('.codes li').count(), 8);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('navigation').waitFor();
  return code;
}

async function signIn(page, name, code) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(kPassword);
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('the first admin comes in with the set-up code', async () => {
  const { page } = window;
  const file = join(bulwark.directory, 'data', 'console-setup-code');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await page.goto(`${base}/`);
  await page.getByRole('heading', { name: 'Set up Bulwark' }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByLabel('Set-up code').fill('AAAA-BBBB-CCCC-DDDD');
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(kPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').getByText('not valid').waitFor();
  await page.getByLabel('Set-up code').fill(readFileSync(file, 'utf8').trim());
  nextCode = await enrol(page, 'ada');
  assert.throws(() => statSync(file), 'the code is used up');
  await page.getByRole('heading', { name: 'All quiet' }).waitFor();
});

test('signing in takes password and code', async () => {
  const { page } = window;
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'sign-in');
  await signIn(page, 'ada', '000000');
  await page.getByRole('alert').getByText('wrong').waitFor();
  await page.getByLabel('Code').fill(await nextCode());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
  const [cookie] = (await window.context.cookies()).filter((each) => each.name === '__Host-bulwark');
  assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
  assert.equal(await page.evaluate(() => document.cookie), '');
});

test('live counters move as requests come, and nothing on the page jumps', async () => {
  const { page } = window;
  await page.goto(`${base}/live`);
  await page.locator('.node.edge .number').waitFor();
  await page.evaluate(() => {
    globalThis.shifts = [];
    // The list of the latest events moves by design; nothing else may.
    const outside = ({ node }) => node && !(node.parentElement ?? document.body).closest('.feed');
    const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
    const name = ({ node, previousRect, currentRect }) => `${node.nodeName}.${node.className ?? ''} "${node.textContent.slice(0, 40)}" ${place(previousRect)} -> ${place(currentRect)}`;
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries())
        if (sources.some(outside)) globalThis.shifts.push({ value, moved: sources.filter(outside).map(name) });
    }).observe({ type: 'layout-shift' });
  });
  const seen = () => page.locator('.node.edge .number').textContent().then((text) => Number(text.replace(/\D/g, '')));
  const before = await seen();
  for (let i = 0; i < 20; ++i) assert.equal((await from('127.0.0.20')).status, 200);
  await until(page, (least) => Number(document.querySelector('.node.edge .number').textContent.replace(/\D/g, '')) >= least, before + 20);
  assert.equal((await from('127.0.0.20', attack)).status, 403);
  await page.getByRole('heading', { name: 'Holding' }).waitFor();
  await page.locator('.feed').getByText('Blocked').first().waitFor();
  const shifts = await page.evaluate(() => globalThis.shifts);
  assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) < 0.02, `layout shift: ${JSON.stringify(shifts, null, 1)}`);
  await picture(page, 'live');
});

test('events are searched, walked through and opened with the keyboard alone', async () => {
  const { page } = window;
  await page.goto(`${base}/live`);
  await heading(page).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await until(page, () => document.activeElement?.id === 'search');
  await page.keyboard.type('plane:waf is:blocked source:127.0.0.20');
  await page.keyboard.press('Enter');
  await page.waitForURL(/plane%3Awaf/);
  await page.getByRole('row').first().waitFor();
  for (const row of await page.getByRole('row').all()) assert.match(await row.textContent(), /Blocked.*127\.0\.0\.20/s);
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await drawer.getByText('The whole way of this request').waitFor();
  await drawer.locator('ol li').getByText('Edge').first().waitFor();
  await drawer.locator('ol li').getByText('WAF').first().waitFor();
  await drawer.locator('dl').getByText('127.0.0.20').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'event');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
});

test('a search that finds nothing says what to do, one that is wrong says why', async () => {
  const { page } = window;
  await page.goto(`${base}/events?q=nothing-like-this-ever-happened&range=1h`);
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).last().click();
  await page.getByRole('row').first().waitFor();
  await page.getByLabel('Search events').fill('source:nowhere');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText("'source' has to be an IP address").waitFor();
});

test('a source is blocked from its event, and let in again with one click', async () => {
  const { page } = window;
  const source = '127.0.0.21';
  assert.equal((await from(source, attack)).status, 403);
  assert.equal((await from(source)).status, 200);
  await page.goto(`${base}/events?q=${encodeURIComponent(`source:${source} is:blocked`)}&range=1h`);
  // An event reaches the store a moment after the answer: search again until it is there.
  for (;;) {
    const found = page.getByRole('row').first();
    if (await found.waitFor({ timeout: 1000 }).then(() => true, () => false)) break;
    await page.getByRole('button', { name: 'Refresh' }).click();
  }
  await page.keyboard.press('j');
  await page.keyboard.press('b');
  const dialog = page.getByRole('dialog', { name: 'Block' });
  await dialog.getByLabel('Whom').waitFor();
  assert.equal(await dialog.getByLabel('Whom').inputValue(), source);
  assert.deepEqual(await accessibilityProblems(page), []);
  await dialog.getByLabel('Why').fill('Tries SQL injection');
  await dialog.getByText('10 min').click();
  await picture(page, 'block');
  await dialog.getByRole('button', { name: `Block ${source}` }).click();
  await page.getByRole('status').getByText(`Blocked ${source}.`).waitFor();
  assert.equal((await from(source)).status, 403, 'in force at once');
  assert.equal((await from('127.0.0.22')).status, 200, 'and for nobody else');

  await page.goto(`${base}/alerts`);
  const entry = page.getByRole('region', { name: 'In force now' }).locator('li').filter({ hasText: source });
  await entry.getByText('Tries SQL injection').waitFor();
  await picture(page, 'in-force');
  await entry.getByRole('button', { name: 'Undo' }).click();
  await entry.waitFor({ state: 'detached' });
  assert.equal((await from(source)).status, 200);
});

test('repeated attacks become an incident with its reason, its requests and what was done', async () => {
  const { page } = window;
  const source = '127.0.0.23';
  for (let i = 0; i < 8; ++i) assert.equal((await from(source, attack)).status, 403);
  await page.goto(`${base}/alerts`);
  const incident = page.getByRole('article', { name: 'Incident' });
  await incident.getByRole('heading', { name: source }).waitFor();
  await incident.getByText('playbook').first().waitFor();
  await incident.locator('details summary').first().click();
  await incident.getByText(/942\d{3}|949110/).first().waitFor();
  assert.equal((await from(source)).status, 403, 'the playbook blocked it');
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'incident');
  await incident.getByRole('button', { name: 'Undo the block' }).click();
  await incident.getByRole('button', { name: `Block ${source}` }).waitFor();
  assert.equal((await from(source)).status, 200);
  await incident.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { name: 'No open incident' }).waitFor();
});

test('a viewer sees everything and changes nothing', async () => {
  const { page } = window;
  await page.goto(`${base}/people`);
  await page.locator('.invite select').selectOption('viewer');
  await page.getByRole('button', { name: 'Make a set-up code' }).click();
  const code = await page.locator('.made code').textContent();
  const other = await openWindow(browser);
  await other.page.goto(`${base}/#set-up=${code}`);
  await enrol(other.page, 'vera');
  await other.page.goto(`${base}/alerts`);
  await other.page.getByRole('region', { name: 'In force now' }).waitFor();
  assert.equal(await other.page.getByRole('button', { name: 'Block somebody' }).count(), 0);
  assert.equal(await other.page.getByRole('link', { name: 'People' }).count(), 0);
  const refused = await other.page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/session')).json();
    const answer = await fetch('/api/block', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: '{}' });
    return [answer.status, (await answer.json()).error];
  });
  assert.deepEqual(refused, [403, 'role']);
  assert.deepEqual(other.complaints, []);
  // Removed by the admin, the viewer is out at once.
  await page.reload();
  await page.getByRole('button', { name: 'Remove vera' }).click();
  await page.getByRole('button', { name: 'Remove vera' }).click();
  await page.getByRole('status').getByText('vera can no longer sign in.').waitFor();
  await other.page.goto(`${base}/events`);
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.context.close();
});

for (const theme of ['light', 'dark'])
  test(`every page in ${theme} is accessible and keeps to its policy`, async () => {
    const { page } = window;
    await page.emulateMedia({ colorScheme: theme });
    for (const path of ['live', 'events', 'alerts', 'people', 'account']) {
      const response = await page.goto(`${base}/${path}`);
      assert.equal(response.headers()['content-security-policy'].includes('unsafe'), false);
      await heading(page).waitFor({ state: 'attached' });
      await page.locator('.stream.on').waitFor();
      assert.deepEqual(await accessibilityProblems(page), [], path);
      await picture(page, `${path}-${theme}`);
    }
  });

test('a theme chosen by hand stays over a reload', async () => {
  const { page } = window;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${base}/live`);
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Use the light theme' }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  await page.getByRole('button', { name: 'Use the light theme' }).click();
});

test('a session that ended elsewhere leads every open page back to signing in', async () => {
  const { page, context } = window;
  await page.goto(`${base}/live`);
  await page.locator('.stream.on').waitFor();
  const other = await context.newPage();
  await other.goto(`${base}/events`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByText('Your session has ended').waitFor({ timeout: 30_000 });
});

test('no page broke its policy or threw an error on the way', () => {
  assert.deepEqual(window.complaints, []);
});
