#!/usr/bin/env node
// Sessions that share connections: each sees only its own settings, statements and rows, nobody waits for ever, and PostgreSQL never
// sees more connections than it was to see.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import pg from 'pg';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

let postgres;
let gateway;
const connect = async (more = {}) => {
  const client = new pg.Client({ host: 'localhost', port: gateway.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: readFileSync(gateway.certificateFile, 'utf8') }, ...more });
  client.on('error', () => {});
  await client.connect();
  return client;
};
const value = async (client, sql, values) => Object.values((await client.query(sql, values)).rows[0])[0];
const backends = (role = 'app') => Number(postgres.psql(`select count(*) from pg_stat_activity where usename = '${role}'`));
/** Tries until `attempt` resolves to something true; what never comes is a failure, not a test that runs on. */
const until = async (attempt, what) => {
  const deadline = Date.now() + 30_000;
  while (!(await attempt())) {
    assert.ok(Date.now() < deadline, `not within 30 s: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const backendsBecome = (count) => until(() => backends() === count, `${count} connections to PostgreSQL`);
/** One message of the extended protocol, as bytes. */
const message = (type, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const int16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16BE(n); return b; };
const int32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const parse = (name, sql) => message('P', name, sql, int16(0));
const bind = (name, portal = '') => message('B', portal, name, int16(0), int16(0), int16(0));
const execute = (portal = '') => message('E', portal, int32(0));
const sync = message('S');
/** Sends bytes and resolves to the types of the answers up to `ready` ReadyForQuery messages, with error codes and first columns. */
const exchange = (client, bytes, ready = 1) => new Promise((resolve) => {
  const seen = [];
  const { connection } = client;
  const saved = connection._con ?? connection;
  const listen = (name, note) => {
    const listeners = saved.listeners(name);
    saved.removeAllListeners(name);
    const mine = (msg) => { seen.push(note(msg)); if (name === 'readyForQuery' && --ready === 0) done(); };
    saved.on(name, mine);
    return () => { saved.removeListener(name, mine); for (const each of listeners) saved.on(name, each); };
  };
  const undo = [
    listen('parseComplete', () => '1'), listen('bindComplete', () => '2'), listen('closeComplete', () => '3'), listen('commandComplete', (m) => m.text),
    listen('dataRow', (m) => `row ${m.fields[0]}`), listen('errorMessage', (m) => `error ${m.code} ${m.message}`), listen('readyForQuery', (m) => `Z${m.status}`),
    listen('rowDescription', () => 'T'), listen('noData', () => 'n'),
  ];
  const done = () => { for (const each of undo) each(); resolve(seen); };
  saved.stream.write(bytes);
});

before(async () => {
  postgres = await startPostgres({ roles: { app: 'app-secret', other: 'other-secret' }, settings: ['max_connections=60'],
    sql: "create table notes (owner int, id serial, body text); create table own (client int primary key, n int not null default 0); insert into own select g from generate_series(0, 39) g" });
});
after(() => postgres?.stop());

describe('transaction mode', { timeout: 240_000 }, () => {
  before(async () => { gateway = await startGateway(postgres, 'pool: {mode: transaction, size: 3, queue_timeout: 20s}', { workers: 1 }); });
  after(() => gateway?.stop());

  test('many sessions on three connections read and write only what is theirs', async () => {
    const clients = await Promise.all(Array.from({ length: 40 }, () => connect()));
    await Promise.all(clients.map(async (client, me) => {
      for (let turn = 0; turn < 10; ++turn) {
        // The same name means another statement in each session; every third is the same text in all of them.
        assert.equal(await value(client, `select ${me} as me`), me);
        assert.equal((await client.query({ name: 's', text: `select ${me % 3 === 0 ? 7 : me}::int + $1::int as sum`, values: [turn] })).rows[0].sum, (me % 3 === 0 ? 7 : me) + turn);
        await client.query('begin');
        await client.query('update own set n = n + 1 where client = $1', [me]);
        assert.equal(await value(client, 'select n from own where client = $1', [me]), turn + 1);
        await client.query(turn % 2 ? 'commit' : 'rollback').then(() => turn % 2 ? undefined : client.query('update own set n = n + 1 where client = $1', [me]));
      }
    }));
    assert.ok(backends() <= 3);
    assert.equal(postgres.psql('select min(n), max(n) from own'), '10|10');
    await Promise.all(clients.map((client) => client.end()));
  });

  test('settings that PostgreSQL reports follow their session, also after a rollback', async () => {
    const [a, b] = [await connect(), await connect({ application_name: "b's \\ app" })];
    await a.query("set timezone = 'Asia/Tokyo'");
    await a.query("set datestyle = 'SQL, DMY'");
    await b.query("set timezone = 'America/Lima'");
    await a.query('begin');
    await a.query("set timezone = 'UTC'");
    await a.query('rollback');
    for (let turn = 0; turn < 6; ++turn) {
      assert.equal(await value(a, 'show timezone'), 'Asia/Tokyo');
      assert.equal(await value(b, 'show timezone'), 'America/Lima');
      assert.equal(await value(b, 'show application_name'), "b's \\ app");
      assert.equal(await value(a, "select to_char(date '2024-02-03', 'DD') || current_setting('datestyle')"), '03SQL, DMY');
    }
    await Promise.all([a.end(), b.end()]);
  });

  test('a new session begins with its login\'s settings, whatever others have set', async () => {
    const first = await connect();
    const zone = await value(first, 'show timezone');
    assert.notEqual(zone, 'Asia/Tokyo');
    await first.query("set timezone to 'Asia/Tokyo'");
    for (let turn = 0; turn < 8; ++turn) assert.equal(await value(first, 'show timezone'), 'Asia/Tokyo');   // on one connection or another
    const second = await connect();
    assert.equal(await value(second, 'show timezone'), zone);
    assert.equal(await value(first, 'show timezone'), 'Asia/Tokyo');
    await Promise.all([first.end(), second.end()]);
  });

  test('other state of a session keeps its connection, and is gone with it', async () => {
    for (const [make, look] of [['set search_path = pg_catalog', "select current_setting('search_path') = 'pg_catalog'"],
      ["select set_config('app.tenant', '7', false)", "select coalesce(current_setting('app.tenant', true), '') = '7'"],
      ['create temp table mine (x int)', "select to_regclass('pg_temp.mine') is not null"],
      ['select pg_advisory_lock(42)', "select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())"],
      ['prepare p as select 1', "select exists (select from pg_prepared_statements where name = 'p')"],
      ['declare c cursor with hold for select 1', "select exists (select from pg_cursors where name = 'c')"]]) {
      const owner = await connect();
      await owner.query(make);
      const pid = await value(owner, 'select pg_backend_pid()');
      const others = await Promise.all([connect(), connect(), connect()]);
      for (let turn = 0; turn < 3; ++turn) {
        assert.equal(await value(owner, look), true, make);
        for (const each of others) {
          assert.notEqual(await value(each, 'select pg_backend_pid()'), pid);
          assert.equal(await value(each, look), false, make);
        }
      }
      await owner.end();
      await Promise.all(others.map(async (each) => { assert.equal(await value(each, look), false); await each.end(); }));
    }
  });

  test('state of one transaction keeps nothing', async () => {
    const clients = await Promise.all([connect(), connect(), connect(), connect(), connect()]);
    // More sessions than connections: if one of these kept its connection, the last would wait in vain.
    for (const client of clients) {
      await client.query('begin');
      await client.query("set local search_path = 'pg_catalog'");
      await client.query("select set_config('app.tenant', '7', true), pg_advisory_xact_lock(1)");
      await client.query('set transaction isolation level serializable').catch(() => {});
      await client.query('rollback');
      assert.equal(await value(client, "select coalesce(current_setting('app.tenant', true), '')"), '');
    }
    await Promise.all(clients.map((client) => client.end()));
  });

  test('DISCARD ALL gives the connection back', async () => {
    const clients = await Promise.all([connect(), connect(), connect(), connect(), connect()]);
    for (const client of clients) {
      await client.query('set search_path = pg_catalog');
      await client.query({ name: 'n', text: 'select 1 as one' });
      await client.query('discard all');
      assert.match(await value(client, 'show search_path'), /public/);
      const again = await exchange(client, Buffer.concat([bind('n'), execute(), sync]));
      assert.deepEqual(again, ['error 26000 prepared statement "n" does not exist', 'ZI']);
    }
    await Promise.all(clients.map((client) => client.end()));
  });

  test('LISTEN keeps its connection and hears', async () => {
    const [listener, speaker] = [await connect(), await connect()];
    await listener.query('listen pooled');
    const told = once(listener, 'notification');
    await speaker.query("notify pooled, 'hello'");
    assert.equal((await told)[0].payload, 'hello');
    await Promise.all([listener.end(), speaker.end()]);
  });

  test('currval of another transaction is refused, not wrong', async () => {
    const client = await connect();
    await client.query("insert into notes (owner, body) values (1, 'x')");
    await assert.rejects(client.query('select lastval()'), { code: '0A000' });
    await client.query('begin');
    await client.query("insert into notes (owner, body) values (1, 'y')");
    assert.equal(await value(client, "select currval('notes_id_seq') = lastval()"), true);
    await client.query('commit');
    assert.ok(await value(client, "select nextval('notes_id_seq') = currval('notes_id_seq')"));
    await client.end();
  });

  test('prepared statements: made twice, closed, deallocated, skipped after an error, not there', async () => {
    const run = async (client) => [
      await exchange(client, Buffer.concat([parse('a', 'select 1'), bind('a'), execute(), sync])),
      await exchange(client, Buffer.concat([bind('a'), execute(), sync])),
      await exchange(client, Buffer.concat([parse('a', 'select 2'), sync])),
      await exchange(client, Buffer.concat([message('C', Buffer.from('S'), 'a'), parse('a', 'select 3'), bind('a'), execute(), sync])),
      await exchange(client, Buffer.concat([parse('', 'select 4'), sync])),
      await exchange(client, Buffer.concat([bind(''), execute(), sync])),
      // The failing one makes the server skip the rest: `a` stays what it was, `b` never comes to be.
      await exchange(client, Buffer.concat([parse('', 'select nothing'), message('C', Buffer.from('S'), 'a'), parse('b', 'select 5'), sync])),
      await exchange(client, Buffer.concat([bind('a'), execute(), sync])),
      await exchange(client, Buffer.concat([bind('b'), execute(), sync])),
      await exchange(client, message('Q', 'deallocate a')),
      await exchange(client, Buffer.concat([bind('a'), execute(), sync])),
      await exchange(client, Buffer.concat([bind(''), execute(), sync])),
      await exchange(client, Buffer.concat([message('D', Buffer.from('S'), 'nobody'), sync])),
      await exchange(client, Buffer.concat([parse('c', 'select 6'), parse('d', 'select 7'), sync, bind('d'), execute(), bind('c'), execute(), sync]), 2),
      await exchange(client, message('Q', 'deallocate all')),
      await exchange(client, Buffer.concat([bind('c'), execute(), sync])),
      await exchange(client, Buffer.concat([parse('c', 'select 8'), bind('c'), execute(), sync])),
    ];
    const direct = new pg.Client({ connectionString: postgres.url('app'), ssl: { ca: postgres.certificate } });
    await direct.connect();
    const expected = await run(direct);
    await direct.end();
    // Two sessions at once with the same names, the second over connections that the first has used.
    const clients = [await connect(), await connect(), await connect(), await connect()];
    for (const seen of await Promise.all(clients.map(run))) assert.deepEqual(seen, expected);
    await Promise.all(clients.map((client) => client.end()));
  });

  test('a statement that its table has outgrown fails once, and is prepared anew', async () => {
    const [one, other] = [await connect(), await connect()];
    const all = { name: 'all', text: 'select * from grows' };
    await one.query('create table grows (a int)');
    await one.query(all);
    await other.query(all);
    await one.query('alter table grows add column b int');
    for (const client of [one, other]) {
      await client.query(all).catch((error) => assert.match(error.message, /cached plan must not change result type/));
      assert.deepEqual((await client.query(all)).fields.map((each) => each.name), ['a', 'b']);
    }
    await one.query('drop table grows');
    await Promise.all([one.end(), other.end()]);
  });

  test('a connection knows a bounded number of statements', async () => {
    const client = await connect();
    for (let i = 0; i < 700; ++i) assert.equal((await client.query({ name: `n${i}`, text: `select ${i} as n` })).rows[0].n, i);
    for (const i of [0, 100, 699, 1]) assert.equal((await client.query({ name: `n${i}`, text: `select ${i} as n` })).rows[0].n, i);
    assert.ok(await value(client, 'select count(*)::int from pg_prepared_statements') <= 500);
    await client.end();
  });

  test("a session cannot use another one's statements", async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query({ name: 'secret', text: "select 'secret of a' as word" });
    await exchange(a, Buffer.concat([parse('', "select 'unnamed of a'"), sync]));
    assert.deepEqual(await exchange(b, Buffer.concat([bind(''), execute(), sync])), ['error 26000 unnamed prepared statement does not exist', 'ZI']);
    assert.deepEqual(await exchange(b, Buffer.concat([bind('secret'), execute(), sync])), ['error 26000 prepared statement "secret" does not exist', 'ZI']);
    const name = await value(b, "select name from pg_prepared_statements where statement like '%secret of a%' limit 1").catch(() => 'bulwark_00');
    assert.deepEqual(await exchange(b, Buffer.concat([bind(name), execute(), sync])), [`error 26000 prepared statement "${name}" does not exist`, 'ZI']);
    await Promise.all([a.end(), b.end()]);
  });

  test('a cancel request never stops what another session runs', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect()));
    const stop = (client) => new Promise((resolve) => {
      const canceller = new pg.Connection({ ssl: false });
      canceller.on('error', () => {});
      canceller.stream.once('close', resolve);
      canceller.connect(gateway.port, '127.0.0.1');
      canceller.once('connect', () => canceller.cancel(client.processID, client.secretKey));
    });
    // The first is cancelled again and again, between and during its statements; the others must never notice.
    let over = false;
    const storm = (async () => { while (!over) await Promise.all([stop(clients[0]), stop(clients[0]), stop(clients[0])]); })();
    await Promise.all(clients.slice(1).map(async (client, me) => {
      for (let turn = 0; turn < 40; ++turn) assert.equal(await value(client, `select ${me} + count(*)::int * 0 as me from generate_series(1, 20000)`), me);
    }).concat((async () => {
      for (let turn = 0; turn < 40; ++turn) await clients[0].query('select count(*) from generate_series(1, 20000)').catch((error) => assert.equal(error.code, '57014'));
    })()));
    over = true;
    await storm;
    await Promise.all(clients.map((client) => client.end()));
  });

  test('a client that vanishes inside a transaction leaves neither its changes nor its locks', async () => {
    for (let i = 0; i < 6; ++i) {
      const client = await connect();
      await client.query('begin');
      await client.query('update own set n = -1 where client = 0');
      client.connection.stream.destroy();
    }
    const client = await connect();
    await client.query('update own set n = 99 where client = 0');
    assert.equal(await value(client, 'select n from own where client = 0'), 99);
    await client.end();
    assert.ok(backends() <= 3);
  });

  test('a restart of the backends in the middle of traffic ends sessions with an error and mixes nothing up', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => connect()));
    const outcome = clients.map(async (client, me) => {
      for (let turn = 0; ; ++turn) {
        try {
          // Long enough that the connections are at work whenever they are ended.
          assert.equal(await value(client, 'select $1::int + count(*)::int * 0 as n from generate_series(1, 200000)', [me * 1000 + turn]), me * 1000 + turn);
        } catch (error) {
          return error.code ?? error.message;
        }
      }
    });
    let left = clients.length;
    for (const each of outcome) each.then(() => { --left; });
    await until(() => {
      postgres.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'");
      return left === 0;
    }, 'every session has lost a connection');
    for (const code of await Promise.all(outcome)) assert.match(String(code), /57P01|08006|Connection terminated/);
    const client = await connect();
    assert.equal(await value(client, 'select 1 as one'), 1);
    await client.end();
  });
});

describe('session mode', { timeout: 180_000 }, () => {
  before(async () => { gateway = await startGateway(postgres, 'pool: {mode: session, size: 2, queue: 1, queue_timeout: 1s}\nmax_connections: 6', { workers: 1 }); });
  after(() => gateway?.stop());

  test('a connection is reset before the next session has it', async () => {
    const first = await connect();
    const pid = await value(first, 'select pg_backend_pid()');
    await first.query("set search_path = pg_catalog; ");
    await first.query("select set_config('app.tenant', '7', false), pg_advisory_lock(9)");
    await first.query('create temp table mine (x int)');
    await first.query({ name: 'p', text: 'select 1' });
    await first.end();
    await until(async () => {
      const next = await connect();
      const same = await value(next, 'select pg_backend_pid()') === pid;
      assert.equal(await value(next, `select concat(current_setting('search_path'), current_setting('app.tenant', true), to_regclass('pg_temp.mine'),
        (select count(*) from pg_prepared_statements), (select count(*) from pg_locks where locktype = 'advisory'))`), '"$user", public00');
      await next.end();
      return same;
    }, 'the same connection again');
  });

  test('who finds no connection waits, the next is refused, and a wait ends', async () => {
    const [a, b] = [await connect(), await connect()];
    // Of two, one waits in vain in the queue of one, and the other finds it full.
    const reasons = new Set();
    await until(async () => {
      for (const { reason } of await Promise.allSettled([connect(), connect()])) reasons.add(`${reason.code} ${reason.message}`);
      return reasons.size >= 2;
    }, 'both reasons');
    assert.deepEqual([...reasons].sort(), ['53300 no connection to PostgreSQL became free in time', '53300 too many sessions wait for a connection to PostgreSQL']);
    const served = connect();
    await a.end();
    const c = await served;
    assert.equal(await value(c, 'select 1 as one'), 1);
    await gateway.event((e) => e.rule === 'database.pool');
    await Promise.all([b.end(), c.end()]);
  });

  test('beyond max_connections a client is told so', async () => {
    const idle = await Promise.all(Array.from({ length: 6 }, () => new Promise((resolve) => {
      const connection = new pg.Connection({ ssl: false });
      connection.connect(gateway.port, '127.0.0.1');
      connection.once('connect', () => resolve(connection));
    })));
    let code;
    await until(async () => {
      code = await connect().then((client) => client.end(), (error) => error.code);
      return code === '53300';
    }, 'a refusal');
    for (const each of idle) each.stream.destroy();
    await until(() => connect().then((client) => client.end().then(() => true), () => false), 'a place again');
  });

  test('a role never gets a connection of another role', async () => {
    const other = await connect({ user: 'other', password: 'other-secret' });
    assert.equal(await value(other, 'select current_user || session_user as who'), 'otherother');
    await other.end();
    const app = await connect();
    assert.equal(await value(app, 'select current_user || session_user as who'), 'appapp');
    await app.end();
  });
});

test('idle connections are closed in time, and none is left at the end', { timeout: 120_000 }, async () => {
  gateway = await startGateway(postgres, 'pool: {mode: transaction, size: 5, idle_timeout: 300ms}', { workers: 1 });
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect()));
  await Promise.all(clients.map((client) => client.query('select count(*) from generate_series(1, 100000)')));
  await backendsBecome(0);
  await Promise.all(clients.map(async (client) => { assert.equal(await value(client, 'select 1 as one'), 1); await client.end(); }));
  await gateway.stop();
  await backendsBecome(0);
});
