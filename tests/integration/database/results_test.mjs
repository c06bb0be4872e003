#!/usr/bin/env node
// Guards that look at results, before a real PostgreSQL: a result past a limit is cut with an error, what was written past one is taken
// back, honest statements do not notice, in simple, extended and pipelined use, in transactions and out, with connections shared or not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import pg from 'pg';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

const canary = 'canary.4711@acme.example';
const guards = (mode) => `guards:
  max_rows: {mode: ${mode}, limits: [{table: people, rows: 20}, {table: small, verbs: [select], rows: 3}]}
  bulk_read: {mode: ${mode}, min_rows: 50, factor: 2, learn_from: 5}
  honey_rows: {mode: ${mode}, rows: [{table: traps, value: ${canary}}, {table: numbers, value: 900417}]}
`;

let postgres;
const gateways = {};
const connect = async (gateway, more = {}) => {
  const made = new pg.Client({ host: 'localhost', port: gateway.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: readFileSync(gateway.certificateFile, 'utf8') }, ...more });
  made.on('error', () => {});
  await made.connect();
  return made;
};
const count = async (db, where = 'true') => Number((await db.query(`select count(*) from people where ${where}`)).rows[0].count);
const code = (promise) => promise.then(() => 'done', (error) => error.code);

before(async () => {
  postgres = await startPostgres({ roles: { app: 'app-secret', other: 'other-secret' }, sql: `
    create table people (id int primary key, name text); insert into people select i, 'person ' || i from generate_series(1, 100) i;
    create table small (id int); insert into small select generate_series(1, 10);
    create table plain (id int, note text); insert into plain select i, repeat('x', 100) from generate_series(1, 500) i;
    create table traps (id int, mail text); insert into traps values (1, 'anna@acme.example'), (2, '${canary}');
    create table numbers (id bigint); insert into numbers values (1), (900417);
    create table children (parent int references people (id) deferrable initially deferred);
    grant all on all tables in schema public to app, other` });
  gateways.none = await startGateway(postgres, guards('enforce'));
  gateways.transaction = await startGateway(postgres, `${guards('enforce')}pool: {mode: transaction, size: 2}\n`);
  gateways.monitor = await startGateway(postgres, guards('monitor'));
});
after(async () => {
  for (const each of Object.values(gateways)) await each.stop();
  await postgres.stop();
});

for (const pool of ['none', 'transaction']) {
  test(`a result past the limit is cut (${pool})`, async () => {
    const gateway = gateways[pool];
    const db = await connect(gateway);
    for (const parameters of [undefined, []]) {
      // `values` makes node-postgres use the extended protocol.
      const query = (text) => db.query({ text, values: parameters });
      assert.equal((await query('select * from small where id < 4')).rows.length, 3);
      assert.equal(await code(query('select * from small')), '54000');
      assert.equal(await code(query('select * from small limit 4')), '54000');
      assert.equal((await query('select count(*) from small')).rows[0].count, '10', 'serves on');
      assert.equal((await query('select * from plain limit 40')).rows.length, 40);
      assert.equal(await code(query('copy small to stdout')), '54000');
      await query('begin');
      await query('insert into plain values (1000)');
      assert.equal(await code(query('select * from small')), '54000');
      assert.equal(await code(query('select 1')), '25P02', 'the transaction failed, as the server sees it too');
      await query('rollback');
      assert.equal((await query('select count(*) from plain where id = 1000')).rows[0].count, '0');
    }
    const event = await gateway.event((each) => each.rule === 'database.max_rows');
    assert.equal(event.disposition, 'blocked');
    assert.match(event.message, /more than the 3 rows/);
    await db.end();
  });

  test(`what was written past the limit is taken back (${pool})`, async () => {
    const db = await connect(gateways[pool]);
    for (const values of [undefined, []]) {
      const query = (text) => db.query({ text, values });
      assert.equal((await query("update people set name = 'a' where id <= 20")).rowCount, 20);
      assert.equal(await count(db, "name = 'a'"), 20, 'committed');
      assert.equal(await code(query("update people set name = 'b'")), '54000');
      assert.equal(await count(db, "name = 'b'"), 0);
      assert.equal(await code(query('delete from people where id > 5')), '54000');
      assert.equal(await code(query('insert into people select i + 1000, null from generate_series(1, 21) i')), '54000');
      assert.equal(await code(query("with x as (update people set name = 'b' returning *) select * from x")), '54000');
      assert.equal(await count(db), 100);
      assert.equal((await query("update people set name = 'c' where id <= 3 returning id")).rows.length, 3);
      assert.equal(await count(db, "name = 'c'"), 3);
      await query('begin');
      await query("update people set name = 'd' where id = 1");
      assert.equal(await code(query("update people set name = 'e'")), '54000');
      assert.equal(await code(query('commit')), 'done');
      assert.equal(await count(db, "name in ('d', 'e')"), 0, 'a failed transaction is rolled back by its commit');
      // What fails by itself says so in PostgreSQL's own words, at the end of the transaction too.
      assert.equal(await code(query('insert into people values (1, null)')), '23505');
      assert.equal(await code(query('insert into people (nothing) values (1)')), '42703');
      assert.equal(await code(query("update people set id = -1 where id = 1")), 'done');
      assert.equal(await code(query("update people set id = 1 where id = -1")), 'done');
      await query('insert into children values (1)');
      assert.equal(await code(query('delete from people where id = 1')), '23503', 'a constraint that is checked at commit');
      await query('delete from children');
      assert.equal((await query('insert into people values (5001, null)')).rowCount, 1);
      assert.equal((await query('delete from people where id = 5001')).rowCount, 1);
      await query("update people set name = 'person'  where id <= 20");
    }
    await db.end();
  });

  test(`what follows in a pipeline is not carried out after a denial (${pool})`, async () => {
    const gateway = gateways[pool];
    const script = join(mkdtempSync(join(tmpdir(), 'bulwark-results-')), 'pipeline.sql');
    const pipelined = (...statements) => {
      writeFileSync(script, `\\startpipeline\n${statements.map((each) => `${each};\n`).join('')}\\endpipeline\n`);
      return spawnSync('pgbench', ['-n', '-M', 'extended', '-t', '1', '-f', script, 'host=localhost dbname=app user=app sslmode=require port=' + gateway.port],
        { env: { ...process.env, PGPASSWORD: 'app-secret' }, encoding: 'utf8', timeout: 20_000 });
    };
    const honest = pipelined("update people set name = 'f' where id <= 20", 'insert into plain values (2000)', 'select * from small where id < 4', 'select 1');
    assert.equal(honest.status, 0, honest.stderr);
    const db = await connect(gateway);
    assert.equal(await count(db, "name = 'f'"), 20);
    const denied = pipelined('insert into plain values (2001)', "update people set name = 'g'", 'insert into plain values (2002)');
    assert.match(denied.stderr, /more than the 20 rows/);
    assert.equal(await count(db, "name = 'g'"), 0);
    assert.deepEqual((await db.query('select id from plain where id between 2000 and 2002')).rows, [{ id: 2000 }]);
    await db.query('delete from plain where id = 2000');
    await db.end();
    rmSync(dirname(script), { recursive: true });
  });

  test(`honey rows are withheld, and who read them is told (${pool})`, async () => {
    const gateway = gateways[pool];
    const trace = pool === 'none' ? '4bf92f3577b34da6a3ce929d0e0e4736' : '4bf92f3577b34da6a3ce929d0e0e4737';
    const db = await connect(gateway);
    for (const values of [undefined, []]) {
      const query = (text) => db.query({ text, values });
      assert.equal((await query('select * from traps where id = 1')).rows.length, 1);
      assert.equal(await code(query('select * from traps')), '42501');
      assert.equal(await code(query('select upper(mail), row_to_json(traps) from traps')), '42501');
      assert.equal(await code(query('select id as x from numbers')), '42501');
      assert.equal((await query('select 900417 as id')).rows[0].id, 900417, 'the number alone means nothing');
    }
    await gateway.order({ enter: trace, inputs: { q: '1' }, tenant: 'blue' });
    assert.equal(await code(db.query(`select * from traps /*traceparent='00-${trace}-00f067aa0ba902b7-01'*/`)), '42501');
    const event = await gateway.event((each) => each.rule === 'database.honey_rows' && each.trace === trace);
    assert.match(event.message, /^a honey row of table traps was read by role app for /);
    await gateway.order({ leave: trace });
    await db.end();
  });

  test(`a result far larger than usual is cut (${pool})`, async () => {
    const db = await connect(gateways[pool], { user: 'other', password: 'other-secret' });
    for (let i = 1; i <= 6; ++i) assert.equal((await db.query(`select * from plain where id <= ${i} order by 1`)).rows.length, i);
    assert.equal((await db.query('select * from plain where id <= 50 order by 1')).rows.length, 50);
    assert.equal(await code(db.query('select * from plain where id <= 500 order by 1')), '54000');
    assert.equal(await code(db.query('select * from plain')), '54000', 'of another shape');
    await db.end();
  });
}

test('statements whose rows cannot be counted are refused', async () => {
  const db = await connect(gateways.none);
  assert.equal(await code(db.query('prepare p as select * from small')), '54000');
  await db.query('begin');
  assert.equal(await code(db.query('declare c cursor for select * from small')), '54000');
  await db.query('rollback');
  await db.end();
});

test('monitoring tells and lets it pass', async () => {
  const gateway = gateways.monitor;
  const db = await connect(gateway);
  assert.equal((await db.query('select * from small')).rows.length, 10);
  assert.equal((await db.query('update people set name = name')).rowCount, 100);
  assert.equal((await db.query('select * from traps')).rows.length, 2);
  assert.equal((await gateway.event((each) => each.rule === 'database.max_rows')).disposition, 'alert');
  assert.equal((await gateway.event((each) => each.rule === 'database.honey_rows')).disposition, 'alert');
  await db.end();
});
