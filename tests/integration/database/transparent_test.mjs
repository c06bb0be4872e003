#!/usr/bin/env node
// What clients get through the gateway is what they get from PostgreSQL itself: queries, pipelines, COPY, cancel, notices, LISTEN.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';

import copyStreams from 'pg-copy-streams';
import pg from 'pg';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

let postgres;
let gateway;
const connect = async (port, more = {}) => {
  const client = new pg.Client({ host: 'localhost', port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: port === postgres.port ? postgres.certificate : readFileSync(gateway.certificateFile, 'utf8') }, ...more });
  await client.connect();
  return client;
};
const psql = (port, sql, ca) => {
  try {
    return execFileSync('psql', ['-X', '-A', `host=localhost port=${port} user=app dbname=app sslmode=verify-full sslrootcert=${ca}`, '-c', sql],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PGPASSWORD: 'app-secret' } });
  } catch (error) {
    return error.stderr;
  }
};

before(async () => {
  postgres = await startPostgres({ sql: `create table things (id serial primary key, name text not null, price numeric(10,2), made timestamptz default '2024-01-01 00:00:00+00', data jsonb);
    insert into things (name, price, data) select 'thing ' || g, g * 1.5, jsonb_build_object('n', g) from generate_series(1, 100) g` });
});
after(() => postgres?.stop());

for (const mode of ['none', 'session', 'transaction']) describe(`pool mode ${mode}`, { timeout: 300_000 }, () => {
  before(async () => { gateway = await startGateway(postgres, `pool: {mode: ${mode}, size: 12}`); });
  after(() => gateway?.stop());

  test('psql prints the same through the gateway', () => {
    for (const sql of ['select * from things order by id limit 5', 'select 1/0', 'selec', 'select * from nowhere', 'select null, true, 1.5, now() - now()',
      "select 'it''s', E'a\\nb', $$dollar$$", 'show server_version', '\\d things', '\\dt', 'select count(*), sum(price) from things',
      "do $$ begin raise notice 'hello'; end $$", 'begin', 'insert into things (id, name) values (1000, null)', 'values (1),(2)', 'explain (costs off) select * from things where id = 5',
      "select set_config('timezone', 'UTC', false)", 'select * from things where id = any(array[1,2,3]) order by 1', '']) {
      if (sql.startsWith('do ')) continue; // refused unless allow_server_code
      assert.equal(psql(gateway.port, sql, gateway.certificateFile), psql(postgres.port, sql, postgres.certificateFile), sql);
    }
  });

  test('parameters, named statements and types', async () => {
    const run = async (port) => {
      const client = await connect(port);
      const rows = [];
      for (const id of [1, 2, 3]) rows.push((await client.query({ name: 'one', text: 'select * from things where id = $1', values: [id] })).rows);
      rows.push((await client.query('select $1::int as a, $2::text as b, $3::jsonb as c, $4::timestamptz as d', [5, "O'Brien; drop table things", { a: [1] }, '2024-05-05'])).rows);
      rows.push(await client.query({ text: 'select id, price from things order by id limit 3', rowMode: 'array' }).then((r) => [r.rows, r.fields.map((f) => [f.name, f.dataTypeID])]));
      rows.push(await client.query('select $1::int', ['x']).catch((e) => [e.code, e.message]));
      for (const [text, values] of [['select nothing from things'], ['selec 1'], ['select from where', []], ["select 'ünï', 1 +* from things"], ["select repeat('x', 1500000)::int"]])
        rows.push(await client.query(text, values).catch((e) => [e.code, e.message, e.position, e.file, e.line, e.routine]));
      await client.end();
      return rows;
    };
    assert.deepEqual(await run(gateway.port), await run(postgres.port));
  });

  test('an error inside a transaction fails the transaction, also when the gateway refused', async () => {
    const client = await connect(gateway.port);
    await client.query('begin');
    await assert.rejects(client.query("select pg_read_file('/etc/passwd')"), { code: '42501' });
    await assert.rejects(client.query('select 1'), { code: '25P02' });
    await client.query('rollback');
    await client.query('begin');
    await assert.rejects(client.query('select pg_sleep($1)', [1]), { code: '42501' });
    await assert.rejects(client.query('select $1::int', [1]), { code: '25P02' });
    await client.query('rollback');
    assert.equal((await client.query('select 1 as one')).rows[0].one, 1);
    await client.end();
  });

  test('COPY in and out, with rows larger than any buffer', async () => {
    const client = await connect(gateway.port);
    await client.query('create temp table bulk (id int, body text)');
    const line = (i) => `${i}\t${'x'.repeat(i % 10 === 0 ? 300_000 : 100)}\n`;
    await pipeline(Readable.from((function* () { for (let i = 0; i < 500; ++i) yield line(i); })()), client.query(copyStreams.from('copy bulk from stdin')));
    assert.equal((await client.query('select count(*)::int as n from bulk')).rows[0].n, 500);
    let bytes = 0;
    for await (const chunk of client.query(copyStreams.to('copy bulk to stdout'))) bytes += chunk.length;
    let expected = 0;
    for (let i = 0; i < 500; ++i) expected += line(i).length;
    assert.equal(bytes, expected);
    const broken = client.query(copyStreams.from('copy bulk from stdin'));
    broken.end('not a number\tx\n');
    await assert.rejects(once(broken, 'finish'), { code: '22P02' });
    assert.equal((await client.query('select 1 as one')).rows[0].one, 1);
    await client.end();
  });

  test('large rows are streamed', async () => {
    const client = await connect(gateway.port);
    const { rows } = await client.query("select repeat('y', 20000000) as big");
    assert.equal(rows[0].big.length, 20_000_000);
    const big = 'z'.repeat(5_000_000);
    assert.equal((await client.query('select length($1) as n', [big])).rows[0].n, 5_000_000);
    await client.end();
  });

  test('a running statement is cancelled with the key that the gateway gave', async () => {
    const client = await connect(gateway.port);
    const slow = client.query("select count(*) from generate_series(1, 2000000000)");
    const rejected = assert.rejects(slow, { code: '57014' });
    // Only once the server runs it can a cancel mean it.
    for (;;) {
      const active = postgres.psql("select count(*) from pg_stat_activity where state = 'active' and query like '%2000000000%' and pid <> pg_backend_pid()");
      if (active === '1') break;
    }
    const canceller = new pg.Connection({ ssl: false });
    canceller.connect(gateway.port, '127.0.0.1');
    canceller.once('connect', () => canceller.cancel(client.processID, client.secretKey));
    await rejected;
    const shown = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
    if (mode === 'transaction') assert.notEqual(client.processID, shown, 'the number is nobody\'s');
    else assert.equal(client.processID, shown, 'the number is the connection\'s, by which a client finds itself in pg_locks');
    await client.end();
  });

  test('notices, LISTEN and NOTIFY arrive', async () => {
    const listener = await connect(gateway.port);
    const speaker = await connect(gateway.port);
    await listener.query('listen news');
    const told = once(listener, 'notification');
    await speaker.query("notify news, 'paper'");
    assert.equal((await told)[0].payload, 'paper');
    const noticed = once(speaker, 'notice');
    await speaker.query('drop table if exists not_there');
    assert.match((await noticed)[0].message, /does not exist, skipping/);
    await listener.end();
    await speaker.end();
  });

  test('each statement is on record with rows, time and shape, without its literals', async () => {
    const client = await connect(gateway.port, { application_name: 'recorder' });
    const trace = 'abcdefabcdefabcdefabcdefabcdef12';
    await client.query(`select id from things where name = 'thing 7 secret' or id < 4 /*traceparent='00-${trace}-1111111111111111-01'*/`);
    await client.query('update things set price = $1 where id = any($2)', [1, [1, 2]]);
    const select = await gateway.event((e) => e.trace === trace);
    assert.equal(select.target, "select id from things where name = '?' or id < ?");
    assert.equal(select.rows, 3);
    assert.equal(select.user, 'app');
    assert.equal(select.database, 'app');
    assert.equal(select.class, 6005);
    assert.ok(select.duration_us > 0);
    const update = await gateway.event((e) => e.target.startsWith('update things set price'));
    assert.equal(update.rows, 2);
    assert.ok(!JSON.stringify(gateway.events).includes('secret'));
    await client.end();
  });

  test('pgbench runs in every mode', () => {
    const target = `host=localhost port=${gateway.port} user=app dbname=app sslmode=require`;
    const bench = (...args) => execFileSync('/usr/lib/postgresql/15/bin/pgbench', [...args, target], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PGPASSWORD: 'app-secret' } });
    bench('-i', '-s', '1', '-q');
    for (const mode of ['simple', 'extended', 'prepared']) {
      const out = bench('-M', mode, '-n', '-c', '8', '-j', '2', '-t', '40');
      assert.match(out, /transactions actually processed: 320\/320/);
      assert.match(out, /failed transactions: 0 /);
    }
  });
});
