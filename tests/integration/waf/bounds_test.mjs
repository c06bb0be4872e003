#!/usr/bin/env node
// Values made to be hard, through the real listener: each is refused, names its reason in an event, and costs bounded CPU time.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const CPU_LIMIT_MS = 2000;   // of one request, on a machine that may be busy; see the printed figures for what it takes
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let upstream;
let bulwark;

before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => {
    const rules = join(home, 'plain.conf');
    writeFileSync(rules, 'SecRule ARGS "@rx ^(?:a+)+b$" "id:100001,phase:2,deny,t:none"\n');
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes:
  - {path: /, upstream: app, waf: {mode: enforce, paranoia_level: 4}}
  - {path: /plain, upstream: app, waf: {mode: enforce, rule_set: plain}}
  - {path: /trusting, upstream: app, waf: {mode: enforce, rule_set: plain, on_encoded_body: log}}
  - {path: /small, upstream: app, waf: {mode: enforce, body_limit: 64KiB}}
waf: {rule_sets: {plain: {files: [${rules}]}}}
soc: {block_loopback: false}
`;
  });
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});

/** Milliseconds of CPU that the process has used; the kernel counts in hundredths of a second. */
function cpuMs() {
  const fields = readFileSync(`/proc/${bulwark.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Sends it, expects `status` and an event by a rule like `rule`, and that the app saw nothing. */
async function refused(name, path, body, headers, status, rule) {
  const reached = upstream.requests.length;
  const start = cpuMs();
  const answer = await send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', path, headers: { host: 'shop.example', ...headers }, body });
  const used = cpuMs() - start;
  console.log(`figure waf.bounds.${name} ${used} ms goal <=${CPU_LIMIT_MS} ${used <= CPU_LIMIT_MS ? 'met' : 'short'}`);
  assert.equal(answer.status, status, answer.body);
  assert.ok(used <= CPU_LIMIT_MS, `${used} ms of CPU`);
  assert.equal(upstream.requests.length, reached, 'nothing reached the app');
  const rules = (await events(bulwark, { trace: answer.id })).map((event) => event.rule);
  assert.ok(rules.some((each) => rule.test(each)), `${rule} among ${rules}`);
}

test('1 MB that makes a pattern backtrack', () =>
  refused('backtracking', '/plain', `q=${'a'.repeat(1024 * 1024)}bc`, FORM, 403, /^waf\.budget$/));

test('1 MB of quotes and comments against the Core Rule Set at its strictest', () =>
  refused('hostile_megabyte', '/', `q=${"'/**/or".repeat(150_000)}`, FORM, 403, /^(waf\.budget|949110)$/));   // whichever comes first on this machine

test('100,000 arguments', () =>
  refused('arguments', '/', Array.from({ length: 100_000 }, (_, i) => `a${i}=1`).join('&'), FORM, 400, /^200002$/));

test('a body past its limit', () => refused('body_limit', '/small', `q=${'x'.repeat(256 * 1024)}`, FORM, 413, /^edge\.body_too_large$/));

const bomb = Buffer.alloc(64 * 1024 * 1024);
for (const [coding, body] of [['gzip', gzipSync(bomb)], ['deflate', deflateSync(bomb)]]) {
  test(`a ${coding} bomb is refused by the Core Rule Set`, () =>
    refused(`${coding}_bomb`, '/', body, { ...FORM, 'content-encoding': coding }, 403, /^949110$/));
  test(`a ${coding} bomb is refused where no rule looks at its coding`, () =>
    refused(`${coding}_bomb_plain`, '/plain', body, { ...FORM, 'content-encoding': coding }, 415, /^waf\.encoded_body$/));
}

test('a route may let encoded bodies through, and says so each time', async () => {
  const answer = await send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', path: '/trusting', body: gzipSync('q=1'), headers: { ...FORM, 'content-encoding': 'gzip' } });
  assert.equal(answer.status, 200);
  const rules = (await events(bulwark, { trace: answer.id })).map((event) => event.rule);
  assert.ok(rules.includes('waf.encoded_body'), `${rules}`);
  const named = await send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', path: '/plain', body: 'q=1', headers: { ...FORM, 'content-encoding': 'identity' } });
  assert.equal(named.status, 200, 'identity is no coding');
});
