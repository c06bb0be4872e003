#!/usr/bin/env node
// What a newcomer does: init, check, serve, an attack, explain, a reload; and what they are told when they mistype.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { run, startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-cli-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('init writes at most 30 commented lines that check accepts', async () => {
  const file = join(directory, 'first.yaml');
  assert.equal((await run(['init', file, '--upstream', '127.0.0.1:3999'])).code, 0);
  const text = readFileSync(file, 'utf8');
  assert.ok(text.split('\n').length <= 31, 'more than 30 lines');
  assert.match(text, /127\.0\.0\.1:3999/);
  const checked = await run(['check', file], { cwd: directory });
  assert.equal(checked.code, 0, checked.stderr);
  const again = await run(['init', file]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists/);
});

test('check names line, key and the nearest valid spelling', async () => {
  const file = join(directory, 'typo.yaml');
  writeFileSync(file, 'data_dir: ./d\nlisten: 127.0.0.1:0\nupsteams: {app: {servers: ["http://127.0.0.1:1"]}}\nroutes:\n  - {path: /, upstream: app, waf: {mode: enfroce}}\n');
  const checked = await run(['check', file]);
  assert.equal(checked.code, 2);
  assert.match(checked.stderr, /typo\.yaml:3: unknown key 'upsteams'; did you mean 'upstreams'\?/);
  assert.match(checked.stderr, /typo\.yaml:5: 'enfroce' is not one of .*did you mean 'enforce'\?/);
});

test('check names what a route or an upstream refers to in vain', async () => {
  const file = join(directory, 'dangling.yaml');
  writeFileSync(file, 'data_dir: ./d\nlisten: 127.0.0.1:0\nupstreams: {shop: {servers: ["http://127.0.0.1:1"]}}\nroutes:\n  - {path: /, upstream: shpo}\n');
  const checked = await run(['check', file]);
  assert.equal(checked.code, 2);
  assert.match(checked.stderr, /shpo/);
  assert.match(checked.stderr, /shop/);
});

let upstream;
let bulwark;
before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
soc: {block_loopback: false}
noc: {probes: [{name: upstream, url: "http://127.0.0.1:${upstream.port}/", interval: 100ms}]}
console: {listen: "127.0.0.1:0"}
`);
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});

test('an attack is blocked, and explain says why by rule, field and score', async () => {
  const attack = await send(bulwark.addresses.edge, { ca: bulwark.ca, path: `/?q=${encodeURIComponent("1' union select password from users--")}` });
  assert.equal(attack.status, 403);
  assert.match(attack.headers['content-type'], /application\/problem\+json/);
  assert.equal(JSON.parse(attack.body).request_id, attack.id);
  assert.doesNotMatch(attack.body, /942|libinjection|union/i, 'the client learns which rule to evade');
  const why = await bulwark.run(['explain', attack.id]);
  assert.equal(why.code, 0, why.stderr);
  assert.match(why.stdout, /942\d\d\d/);
  assert.match(why.stdout, /ARGS:q/);
  const unknown = await bulwark.run(['explain', 'f'.repeat(32)]);
  assert.equal(unknown.code, 1);
});

test('an ordinary request passes, is explained as allowed, and carries what Bulwark sets', async () => {
  const answer = await send(bulwark.addresses.edge, { ca: bulwark.ca, path: '/echo?q=lamp', headers: { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-bulwark-user': 'root', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } });
  assert.equal(answer.status, 200);
  const { headers } = JSON.parse(answer.body);
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.doesNotMatch(headers.forwarded ?? '', /6\.6\.6\.6/);
  assert.equal(headers['x-bulwark-user'], undefined);
  assert.match(headers.traceparent, new RegExp(`^00-${answer.id}-[0-9a-f]{16}-0[01]$`));
  assert.equal((await bulwark.run(['explain', answer.id])).code, 0);
});

test('a broken configuration on reload is refused aloud and changes nothing', async () => {
  const good = readFileSync(bulwark.configFile, 'utf8');
  const refused = await bulwark.reload(good.replace('upstream: app', 'upstraem: app'));
  assert.notEqual(refused.code, 0);
  assert.match(refused.stdout + refused.stderr, /upstraem/);
  assert.equal((await send(bulwark.addresses.edge, { ca: bulwark.ca, path: '/' })).status, 200);
  assert.equal((await bulwark.reload(good)).code, 0);
});

test('a reload names what only a restart can change', async () => {
  const good = readFileSync(bulwark.configFile, 'utf8');
  const reloaded = await bulwark.reload(good.replace('block_loopback: false', 'block_loopback: true'));
  assert.equal(reloaded.code, 0, reloaded.stderr);
  assert.match(reloaded.stdout, /needs a restart: soc/);
  const back = await bulwark.reload(good);
  assert.doesNotMatch(back.stdout, /restart/);
});

test('SIGHUP reloads', async () => {
  const good = readFileSync(bulwark.configFile, 'utf8');
  writeFileSync(bulwark.configFile, good.replace('mode: enforce', 'mode: off'));
  process.kill(bulwark.pid, 'SIGHUP');
  const attack = () => send(bulwark.addresses.edge, { ca: bulwark.ca, path: `/?q=${encodeURIComponent("1' union select password from users--")}` });
  const deadline = Date.now() + 20_000;
  let status;
  do ({ status } = await attack()); while (status !== 200 && Date.now() < deadline);
  assert.equal(status, 200);
  assert.equal((await bulwark.reload(good)).code, 0);
  assert.equal((await attack()).status, 403);
});

test('status and /metrics tell what goes on', async () => {
  const status = await bulwark.run(['status']);
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /requests: [1-9]/);
  assert.match(status.stdout, /name: upstream\n\s+health: up/);
  const metrics = await send(bulwark.addresses.console, { path: '/metrics', insecure: true });
  assert.equal(metrics.status, 200);
  assert.match(metrics.body, /^# TYPE bulwark_requests gauge$/m);
  assert.match(metrics.body, /^bulwark_requests_denied [1-9]/m);
});

test('the reference in docs is the one that the binary prints', async () => {
  const printed = (await run(['reference'])).stdout;
  assert.equal(readFileSync(new URL('../../../docs/operating/reference.md', import.meta.url), 'utf8'), printed, 'run: bulwark reference > docs/operating/reference.md');
});

test('what is private is private', () => {
  assert.equal(statSync(join(bulwark.directory, 'data')).mode & 0o077, 0);
  assert.ok(existsSync(join(bulwark.directory, 'data', 'tls', 'edge.crt')));
});

test('API keys: made once, listed without the secret, revoked', async () => {
  const made = await bulwark.run(['key', 'new', '--user', 'ada', '--tenant', 'acme', '--role', 'admin']);
  assert.equal(made.code, 0, made.stderr);
  const [secret] = made.stdout.match(/bwk_\S+/);
  const listed = await bulwark.run(['key', 'list']);
  assert.match(listed.stdout, /ada/);
  assert.ok(!listed.stdout.includes(secret));
});
