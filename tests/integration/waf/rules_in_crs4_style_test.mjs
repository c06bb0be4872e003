#!/usr/bin/env node
// A rule set written and laid out like the Core Rule Set 4.x, and tests in its format: what `bulwark waf test` says about them, over
// HTTP through its listener; that a wrong expectation fails by name; and that overrides change it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from '../../harness/bulwark.mjs';

const rules = fileURLToPath(new URL('./crs4', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'bulwark-waf-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('every test of the small rule set passes', async () => {
  const { code, stdout, stderr } = await run(['waf', 'test', '--rules', rules, '--', join(rules, 'tests')]);
  assert.equal(code, 0, stdout + stderr);
  const [, passed, failed] = stdout.trim().split('\n').at(-1).match(/^(\d+) passed, (\d+) failed$/);
  assert.ok(Number(passed) >= 60 && failed === '0', stdout);
});

test('a wrong expectation fails by name, and an override with its reason changes it', async () => {
  const test = (id) => `rule_id: 911100\ntests:\n  - test_id: ${id}\n    stages:\n      - input: {uri: /, headers: {Host: localhost}}\n        output: {log: {expect_ids: [911100]}}\n`;
  writeFileSync(join(directory, 'wrong.yaml'), test(7));
  const wrong = await run(['waf', 'test', '--rules', rules, '--', directory]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /911100-7: rule 911100 did not match\n0 passed, 1 failed/);
  const file = join(directory, 'overrides.yml.txt');
  writeFileSync(file, 'version: v0.1.0\ntest_overrides:\n  - {rule_id: 911100, test_ids: [7], reason: GET is allowed, output: {log: {no_expect_ids: [911100]}}}\n');
  const overridden = await run(['waf', 'test', '--rules', rules, '--overrides', file, '--', directory]);
  assert.equal(overridden.code, 0, overridden.stdout);
});

test('a rule set of a configuration can be tested', async () => {
  const file = join(directory, 'bulwark.conf');
  writeFileSync(file, `data_dir: ${directory}/data\nlisten: 127.0.0.1:0\nupstreams: {app: {servers: ["http://127.0.0.1:1"]}}\nwaf: {rule_sets: {small: {files: ["${rules}"]}}}\nroutes: [{path: /, upstream: app, waf: {rule_set: small}}]\n`);
  const { code, stdout, stderr } = await run(['waf', 'test', '--config', file, '--rule-set', 'small', '--only', '911218', join(rules, 'tests')]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /2 passed, 0 failed/);
});
