#!/usr/bin/env node
// A column that holds values in clear is encrypted while the real binary serves the table: it is converted, each value stays readable and
// findable on the way, an interrupted run goes on, and in the end nothing is in clear.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';

import pg from 'pg';

import { binary, startBulwark } from '../../harness/bulwark.mjs';
import { startPostgres } from '../../harness/postgres.mjs';

const ROWS = 600;
let postgres;
let bulwark;
const config = (rule) => (home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
workers: 2
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  audit: {durable: before_result, literals: keep}
  protection:
    refresh: 200ms
    encrypt: [${rule}]
`;
const tolerant = '{column: people.ssn, plaintext: true}, {column: people.age, type: integer, plaintext: true}';
const ssn = (id) => (id % 50 === 0 ? `O'Brien \\ ${id}` : `ssn-${String(id).padStart(6, '0')}`);
before(async () => {
  postgres = await startPostgres({ sql: `create table people (id int primary key, ssn text unique, age int, ward text);
    insert into people select g, case when g % 50 = 0 then 'O''Brien \\ ' || g else 'ssn-' || lpad(g::text, 6, '0') end, g % 90, 'A' from generate_series(1, ${ROWS}) g; insert into people values (100000, null, null, 'B')` });
  bulwark = await startBulwark(config(tolerant));
});
after(async () => {
  await bulwark?.stop();
  await postgres?.stop();
});

async function login() {
  const [host, port] = bulwark.addresses.database.split(':');
  const client = new pg.Client({ host, port: Number(port), user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false } });
  client.on('error', () => {});
  await client.connect();
  return client;
}
const encrypt = (column, ...more) => bulwark.run(['db', 'encrypt-column', '--column', column, '--batch', '50', '--url', postgres.superuserUrl, ...more]);
const inClear = () => Number(postgres.psql("select count(*) from people where ssn is not null and (get_byte(ssn, 0) <> 1 or length(ssn) < 49)"));

test('what is wrong is said before anything is changed', async () => {
  const unknown = await encrypt('people.name');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /names no column people\.name/);
  const plain = await encrypt('people.ssn');
  assert.equal(plain.code, 2);
  assert.match(plain.stderr, /is of type text: with --convert it becomes bytea/);
  postgres.psql('alter table people alter age type text');
  postgres.psql("update people set age = 'many' where id = 7");
  const bad = await encrypt('people.age', '--dry-run');
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /people\.age: a stored value is none of the column's type \(row \(\d+,\d+\)\)/);
  postgres.psql("update people set age = '7' where id = 7");
  postgres.psql('alter table people alter age type int using age::int');
  const dry = await encrypt('people.ssn', '--dry-run');
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, new RegExp(`column people\\.ssn \\(text\\): ${ROWS} values in clear, 0 encrypted, 1 null`));
  assert.match(dry.stdout, /index people_ssn_key stands over the column: it will not keep values unique any more/);
  assert.equal(postgres.psql("select format_type(atttypid, -1) from pg_attribute where attrelid = 'people'::regclass and attname = 'ssn'"), 'text', 'nothing was changed');
});

test('before it begins the app works on the column as it is', async () => {
  const app = await login();
  assert.deepEqual((await app.query('select id, ssn from people where ssn = $1', [ssn(50)])).rows, [{ id: 50, ssn: ssn(50) }]);
  assert.equal((await app.query("select count(*)::int as n from people where ssn like 'ssn%'")).rows[0].n, ROWS - ROWS / 50);
  await app.end();
});

test('values are readable and findable while the column is encrypted, over a kill of the command', { timeout: 120_000 }, async () => {
  postgres.psql('alter table people drop constraint people_ssn_key');
  let over = false;
  let written = 1000;
  // What was prepared for the column as it was ends in an error, as with any change of a type; nothing else may fail.
  const changed = (error) => /cached plan must not change|is of type bytea but expression is of type text|operator does not exist: bytea = text|invalid input syntax for type bytea/.test(error.message);
  const reading = (async () => {
    const reader = await login();
    for (let i = 0; !over; i += 1) {
      const id = (i % ROWS) + 1;
      const found = await reader.query('select id, ssn from people where ssn = $1', [ssn(id)]).catch((error) => assert.ok(changed(error), error.message));
      if (found) assert.deepEqual(found.rows, [{ id, ssn: ssn(id) }]);
      const others = await reader.query(`select count(*)::int as n from people where id <= ${ROWS} and ssn <> '${ssn(id).replace("'", "''")}'`).catch((error) => assert.ok(changed(error), error.message));
      if (others) assert.equal(others.rows[0].n, ROWS - 1);
      assert.equal((await reader.query(`select count(*)::int as n from people where ssn in ($1, '${ssn(1)}', $2)`, [ssn(2), ssn(3)])).rows[0].n, 3);
    }
    await reader.end();
  })();
  const writing = (async () => {
    const writer = await login();
    for (; !over; written += 1) {
      await writer.query('insert into people (id, ssn) values ($1, $2)', [written, `new ${written}`]);
      await writer.query('update people set ssn = $1 where id = $2', [`new ${written}.`, written]);
    }
    await writer.end();
  })();
  const killed = new Promise((resolve) => {
    const child = execFile(binary, ['db', 'encrypt-column', '--column', 'people.ssn', '--batch', '50', '--convert', '--url', postgres.superuserUrl, '--config', bulwark.configFile]);
    child.stdout.on('data', (text) => { if (/100 of/.test(text)) child.kill('SIGKILL'); });
    child.on('exit', resolve);
  });
  await killed;
  assert.ok(inClear() > 0, 'it was interrupted');
  const done = await encrypt('people.ssn');
  over = true;
  await Promise.all([reading, writing]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /column people\.ssn \(bytea\): \d+ values in clear, \d+ encrypted, 1 null\n(.*\n)*50 of \d+ values\n/);
  assert.match(done.stdout, /\d+ values were encrypted, none is in clear; now take `plaintext: true` out/);
  assert.equal(inClear(), 0);
  assert.ok(!postgres.psql("select encode(string_agg(ssn, ''), 'escape') from people").includes('ssn-0000'));
});

test('then the rule is strict, and says the same', async () => {
  const reloaded = await bulwark.reload(config('{column: people.ssn}')(bulwark.directory));
  assert.equal(reloaded.code, 0, reloaded.stdout + reloaded.stderr);
  const app = await login();
  const { rows } = await app.query(`select id, ssn from people where id <= ${ROWS} order by id`);
  for (const row of rows) assert.equal(row.ssn, ssn(row.id));
  assert.equal((await app.query("select count(*)::int as n from people where ssn = 'new 1000.'")).rows[0].n, 1);
  postgres.psql("update people set ssn = 'planted' where id = 1");
  await assert.rejects(app.query('select ssn from people where id = 1'), { code: 'XX001' });
});

test('nothing of the column is in the audit log, though it keeps literals', async () => {
  const app = await login();
  await app.query("select ward from people where ssn = 'secret literal' and ward = 'kept literal'");
  await app.query('select ward from people where ssn = $1 and ward = $2', ['secret bound', 'kept bound']);
  await assert.rejects(app.query("select ward from people where ssn > 'secret range'"), { code: '0A000' });
  await assert.rejects(app.query("select pg_read_file('secret refused') from people where ssn = 'secret refused'"), { code: '42501' });
  await app.end();
  const { stdout } = await bulwark.run(['audit', 'show', '--from', '0', '--count', '1000000']);
  assert.match(stdout, /"literals":\["\(encrypted\)","'kept literal'"\]/);
  assert.match(stdout, /"parameters":\["\(encrypted\)","kept bound"\]/);
  assert.doesNotMatch(stdout, /secret/);
});
