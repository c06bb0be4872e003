#!/usr/bin/env node
// The audit log of the real binary: every statement is on record before its result is seen, over kill -9 too; tampering is named;
// a disk that takes nothing refuses statements aloud. AUDIT_KILLS: how often the process is killed (`make audit-kill-test`: 100).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import pg from 'pg';

import { startBulwark } from '../../harness/bulwark.mjs';
import { startPostgres } from '../../harness/postgres.mjs';

const KILLS = Number(process.env.AUDIT_KILLS ?? 5);
const SESSIONS = 4;

let postgres;
before(async () => {
  postgres = await startPostgres({ sql: 'create table things (id int primary key, name text); insert into things select g, $$thing $$ || g from generate_series(1, 100) g' });
});
after(() => postgres?.stop());

const config = (audit) => (home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
workers: 1
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  audit: ${audit.replace('HOME', home)}
`;

async function login(bulwark) {
  const [host, port] = bulwark.addresses.database.split(':');
  const client = new pg.Client({ host, port: Number(port), user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false } });
  client.on('error', () => {});   // the end of a killed connection
  await client.connect();
  return client;
}

/** All records, each as { number, …its members }. */
async function records(bulwark) {
  const { stdout, code, stderr } = await bulwark.run(['audit', 'show', '--from', '0', '--count', '1000000']);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').filter(Boolean).map((line) => ({ number: Number(line.slice(0, line.indexOf(' '))), ...JSON.parse(line.slice(line.indexOf(' '))) }));
}
const verify = (bulwark, more = []) => bulwark.run(['audit', 'verify', ...more]);

test('each statement is on record, sealed and provable', async () => {
  const bulwark = await startBulwark(config('{durable: before_result, origin: example.com/test, witness_file: HOME/witness}'));
  const client = await login(bulwark);
  await client.query("select * from things where name = 'secret word'");
  await client.query('select * from things where id = $1', [7]);
  await client.query({ name: 'n', text: 'select count(*) from things where id > $1', values: [90] });
  await client.query({ name: 'n', text: 'select count(*) from things where id > $1', values: [95] });
  await assert.rejects(client.query('select * from nowhere'), { code: '42P01' });
  await assert.rejects(client.query("select pg_read_file('/etc/passwd')"), { code: '42501' });
  assert.equal((await client.query('select g from generate_series(1, 200000) g')).rows.length, 200_000);
  await client.end();
  const all = await records(bulwark);
  const done = all.filter((each) => each.outcome !== 'opened');
  assert.deepEqual(done.map((each) => [each.outcome, each.sqlstate, each.rows]), [['done', undefined, 0], ['done', undefined, 1], ['done', undefined, 1],
    ['done', undefined, 1], ['failed', '42P01', 0], ['refused', '42501', 0], ['done', undefined, 200_000]]);
  assert.equal(done[0].text, "select * from things where name = '?'");
  assert.equal(done[0].role, 'app');
  assert.ok(all.some((each) => each.outcome === 'opened' && each.text.startsWith('select g')), 'a long result was on record before it was complete');
  assert.ok(!JSON.stringify(all).includes('secret word'));

  const sound = await verify(bulwark, ['--witness', join(bulwark.directory, 'witness')]);
  assert.equal(sound.code, 0, sound.stdout + sound.stderr);
  await bulwark.kill();
  await bulwark.restart();   // what the second before the kill left unsigned is signed now
  const again = await login(bulwark);
  await again.query('select 1');
  await again.end();
  const directory = join(bulwark.directory, 'data', 'audit');
  const proof = join(bulwark.directory, 'proof');
  const entry = join(bulwark.directory, 'entry');
  const proved = await bulwark.run(['audit', 'prove', '2', '--entry', entry]);
  assert.equal(proved.code, 0, proved.stderr);
  writeFileSync(proof, proved.stdout);
  const key = readFileSync(join(directory, 'key'), 'utf8').trim();
  const checked = await bulwark.run(['audit', 'check-proof', proof, entry, '--key', key]);
  assert.match(checked.stdout, /record 2 is in the log/);
  writeFileSync(entry, readFileSync(entry, 'utf8').replace('"app"', '"apq"'));
  assert.equal((await bulwark.run(['audit', 'check-proof', proof, entry, '--key', key])).code, 1);

  assert.equal(await bulwark.stop(), 0);
});

test('what was bound is on record like a literal', async () => {
  const bulwark = await startBulwark(config('{durable: before_result, literals: keep}'));
  const client = await login(bulwark);
  await client.query('select $1::text, $2::int', ['bound', null]);
  await client.query({ name: 'again', text: 'select $1::text', values: ['first'] });
  await client.query({ name: 'again', values: ['second'] });
  await client.end();
  assert.deepEqual((await records(bulwark)).filter((each) => each.outcome === 'done' && each.parameters).map((each) => each.parameters), [['bound', null], ['first'], ['second']]);
  assert.equal(await bulwark.stop(), 0);
});

test('what was changed is named, and nothing is added to it', async () => {
  const bulwark = await startBulwark(config('{durable: before_result, literals: keep}'));
  const client = await login(bulwark);
  for (let i = 0; i < 20; ++i) await client.query(`select ${1000 + i}`);
  await client.end();
  await bulwark.kill();
  await bulwark.restart();
  const log = join(bulwark.directory, 'data', 'audit', 'records-0000000000000000');
  const more = await login(bulwark);
  await more.query('select 1');
  await more.end();
  await bulwark.kill();
  const whole = readFileSync(log);
  const at = whole.indexOf('1007');
  const edited = Buffer.from(whole);
  edited.write('6', at + 3);
  writeFileSync(log, edited);
  const found = await verify(bulwark);
  assert.equal(found.code, 1);
  assert.match(found.stdout, /CHANGED: records-0000000000000000: record 7 does not match its hash/);
  await assert.rejects(bulwark.restart(), /audit log is not what was signed/);
  assert.deepEqual(readFileSync(log), edited, 'evidence is left alone');
  writeFileSync(log, whole);
  await bulwark.restart();
  assert.equal((await verify(bulwark)).code, 0);
  assert.equal(await bulwark.stop(), 0);
});

test('a disk that takes no record lets no statement run', async () => {
  const bulwark = await startBulwark(config('{durable: before_result}'));
  const client = await login(bulwark);
  await client.query('select 1');
  execFileSync('prlimit', [`--pid=${bulwark.pid}`, '--fsize=1:unlimited']);
  // The first one is executed, and its result withheld: the connection ends.
  await assert.rejects(client.query('select 2'));
  const second = await login(bulwark);
  await assert.rejects(second.query('select 3'), { code: '58030' });
  execFileSync('prlimit', [`--pid=${bulwark.pid}`, '--fsize=unlimited']);
  for (let served = false; !served;) served = await second.query('select 4').then(() => true, (error) => { assert.equal(error.code, '58030'); return false; });
  await second.end();
  assert.equal((await verify(bulwark)).code, 0);
  assert.equal(await bulwark.stop(), 0);
});

for (const durable of ['before_result', 'before_execution'])
  test(`${KILLS} kills during load, ${durable}: what a client saw is on record, and the log is sound`, { timeout: 1_200_000 }, async () => {
    const bulwark = await startBulwark(config(`{durable: ${durable}, literals: keep}`));
    const seen = [];
    let next = 1;
    for (let round = 0; round < KILLS; ++round) {
      const enough = seen.length + 40 + (round * 37) % 200;
      let over = false;
      const load = async () => {
        try {
          const client = await login(bulwark);
          while (!over) {
            const number = next++;
            await client.query(`select ${number}`);
            seen.push(number);
            if (seen.length < enough || over) continue;
            over = true;
            await bulwark.kill();
          }
        } catch (error) {
          if (!over) throw error;   // cut off by the kill, in a statement or still at its login
        }
      };
      await Promise.all(Array.from({ length: SESSIONS }, load));
      await bulwark.restart();
      const checked = await verify(bulwark);
      assert.equal(checked.code, 0, `round ${round}: ${checked.stdout}`);
    }
    const known = new Set((await records(bulwark)).flatMap((each) => each.literals ?? []));
    const missing = seen.filter((number) => !known.has(String(number)));
    assert.deepEqual(missing, [], `${missing.length} of ${seen.length} statements are not on record`);
    console.log(`${seen.length} results seen over ${KILLS} kills, each on record`);
    assert.equal(await bulwark.stop(), 0);
  });
