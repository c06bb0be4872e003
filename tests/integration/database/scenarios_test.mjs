#!/usr/bin/env node
// Whole psql scripts, direct and through the gateway, for a role that no guard looks at: every byte that psql prints must be the same,
// errors with all their fields, notices, copies and psql's own commands included. Then for an app's role under the guards that are on
// by themselves: what is refused is refused in words, with an SQLSTATE.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

const folder = new URL('scenarios/', import.meta.url).pathname;
const scripts = readdirSync(folder).filter((each) => each.endsWith('.sql'));
let postgres;

before(async () => {
  postgres = await startPostgres({ settings: ['max_prepared_transactions=5', 'wal_level=logical'] });
});
after(() => postgres?.stop());

function freshDatabase(owner = 'superuser') {
  for (const role of ['alice', 'bob', 'tester']) postgres.psql(`drop role if exists ${role}`, 'postgres');
  postgres.psql('drop database if exists scenario with (force)', 'postgres');
  postgres.psql(`create database scenario owner ${owner}`, 'postgres');
}

/** Standard output and errors as one text, in the order in which psql wrote them. */
function psql(port, script, user = 'superuser') {
  for (const each of ['copy.txt', 'copy.bin', 'lo.txt']) rmSync(`/tmp/bulwark_scenario_${each}`, { force: true });
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', 'exec psql -X -a "$0" -f "$1" 2>&1', `host=localhost port=${port} user=${user} dbname=scenario sslmode=require`, script],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder, env: { ...process.env, PGPASSWORD: `${user}-secret`, LC_ALL: 'C.UTF-8' } });
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(pieces).toString().replace(/process with PID \d+/g, 'process with PID n')));
  });
}

for (const mode of ['none', 'session', 'transaction']) describe(`pool mode ${mode}`, { timeout: 300_000 }, () => {
  let gateway;
  before(async () => {
    gateway = await startGateway(postgres, `verifiers_file: ${postgres.verifiersFile}\npool: {mode: ${mode}, size: 4}\nguards: {exempt_roles: [superuser]}`, { workers: 1, quiet: true });
  });
  after(() => gateway?.stop());

  for (const script of scripts) test(`${script} prints the same`, async () => {
    freshDatabase();
    const direct = await psql(postgres.port, script);
    assert.ok(direct.length > 2000, direct);
    freshDatabase();
    const through = await psql(gateway.port, script);
    freshDatabase();
    if (process.env.SCENARIO_OUT) {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(`${process.env.SCENARIO_OUT}/${script}.${mode}.direct`, direct);
      writeFileSync(`${process.env.SCENARIO_OUT}/${script}.${mode}.through`, through);
    }
    const [expected, seen] = [direct.split('\n'), through.split('\n')];
    const first = expected.findIndex((line, i) => line !== seen[i]);
    if (first >= 0) assert.fail(`${script}:\n${expected.slice(Math.max(0, first - 5), first + 3).join('\n')}\nthrough the gateway:\n${seen.slice(Math.max(0, first - 5), first + 3).join('\n')}`);
    assert.equal(seen.length, expected.length);
  });
});

test('the guards that are on by themselves refuse in words', async () => {
  const gateway = await startGateway(postgres, '', { workers: 1 });
  try {
    for (const script of scripts) {
      freshDatabase('app');
      const printed = await psql(gateway.port, script, 'app');
      assert.doesNotMatch(printed, /server closed the connection|lost synchronization/, script);
    }
    const refused = gateway.events.filter((each) => each.disposition === 'blocked' && each.class === 6005);
    assert.ok(refused.length > 50, `${refused.length}`);
    for (const each of refused) {
      assert.match(each.rule, /^database\.(multiple_statements|session_setting|dangerous_function|function_call)$/, JSON.stringify(each));
      assert.equal(each.detail.sqlstate, '42501');
      assert.ok(each.message.length > 10, each.message);
    }
  } finally {
    await gateway.stop();
  }
});
