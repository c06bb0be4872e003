#!/usr/bin/env node
// What the gateway refuses, on the wire: bad logins, malformed and absurd messages, denied statements, blocked actors, a lost server.
// Each gets a clear SQLSTATE and an event, and service to others goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';

import pg from 'pg';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

let postgres;
let gateway;
const client = (more = {}) => new pg.Client({ host: 'localhost', port: gateway.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: readFileSync(gateway.certificateFile, 'utf8') }, ...more });
const connect = async (more) => {
  const made = client(more);
  made.on('error', () => {});
  await made.connect();
  return made;
};
const serves = async () => {
  const other = await connect();
  assert.equal((await other.query('select 1 as one')).rows[0].one, 1, 'service to others');
  await other.end();
};
const int32 = (value) => { const b = Buffer.alloc(4); b.writeUInt32BE(value); return b; };
const message = (type, body) => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
const sslRequest = Buffer.concat([int32(8), int32(80877103)]);

/** Sends bytes in clear and resolves to all that came back until the gateway closed. */
const raw = (bytes) => new Promise((resolve) => {
  const chunks = [];
  const socket = connectTcp(gateway.port, '127.0.0.1', () => socket.write(bytes));
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
});
/** The same under TLS, after the gateway agreed to it. */
const rawTls = (bytes) => new Promise((resolve, reject) => {
  const chunks = [];
  const socket = connectTcp(gateway.port, '127.0.0.1', () => socket.write(sslRequest));
  socket.once('data', (answer) => {
    assert.equal(answer.toString(), 'S');
    const tls = connectTls({ socket, rejectUnauthorized: false }, () => tls.write(bytes));
    tls.on('data', (chunk) => chunks.push(chunk));
    tls.on('error', () => {});
    tls.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
  socket.on('error', reject);
});

before(async () => {
  postgres = await startPostgres({ roles: { app: 'app-secret', other: 'other-secret' }, sql: "create table users (id int primary key, name text); insert into users values (1, 'anna'), (2, 'bert')" });
  gateway = await startGateway(postgres, 'login_timeout: 1s\nmax_statement: 64KiB');
});
after(async () => {
  await gateway?.stop();
  await postgres?.stop();
});

test('wrong passwords and unknown roles look the same', async () => {
  await assert.rejects(client({ password: 'wrong' }).connect(), { code: '28P01', message: /password authentication failed for user "app"/ });
  await assert.rejects(client({ user: 'nobody', password: 'wrong' }).connect(), { code: '28P01', message: /password authentication failed for user "nobody"/ });
  await assert.rejects(client({ user: 'superuser', password: 'superuser-secret' }).connect(), { code: '28P01' });
  assert.equal((await gateway.event((e) => e.rule === 'database.password')).class, 3002);
});

test('clients without TLS, other encodings, settings and replication are refused at the start', async () => {
  await assert.rejects(client({ ssl: false }).connect(), { code: '28000' });
  assert.throws(() => execFileSync('psql', [`host=localhost port=${gateway.port} user=app dbname=app sslmode=require`, '-c', 'select 1'],
    { stdio: 'pipe', env: { ...process.env, PGPASSWORD: 'app-secret', PGCLIENTENCODING: 'LATIN1' } }), /only the client encoding UTF8/);
  await assert.rejects(client({ options: '-c session_preload_libraries=evil' }).connect(), { code: '42501' });
  await assert.rejects(client({ replication: 'database' }).connect(), { code: '42501' });
  const allowed = await connect({ options: '-c statement_timeout=12345' });
  assert.equal((await allowed.query('show statement_timeout')).rows[0].statement_timeout, '12345ms');
  await allowed.end();
});

test('bytes stuffed behind the TLS request are refused', async () => {
  assert.match(await raw(Buffer.concat([sslRequest, Buffer.from('more')])), /08P01/);
  await gateway.event((e) => e.rule === 'database.stuffed_tls');
});

test('a GSSAPI request is answered N, and the login goes on', async () => {
  const answer = await new Promise((resolve) => {
    const socket = connectTcp(gateway.port, '127.0.0.1', () => socket.write(Buffer.concat([int32(8), int32(80877104)])));
    socket.once('data', (data) => { socket.destroy(); resolve(data.toString()); });
  });
  assert.equal(answer, 'N');
});

test('malformed start-ups end with an error and do not hang', async () => {
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), Buffer.concat([int32(0xffffffff), int32(196608)]), int32(4),
    Buffer.concat([int32(8), int32(2 << 16)]), Buffer.concat([int32(13), int32(196608), Buffer.from('user\0')])])
    assert.match(await raw(bytes), /FATAL/);
  assert.match(await raw(Buffer.from([0])), /login took too long/, 'a client that says nothing more');
  await serves();
});

test('messages before the login, absurd lengths and unknown types end the session', async () => {
  const startup = (parameters) => {
    const body = Buffer.concat([int32(196608), Buffer.from(`${parameters.join('\0')}\0\0`)]);
    return Buffer.concat([int32(body.length + 4), body]);
  };
  const login = startup(['user', 'app', 'database', 'app']);
  assert.match(await rawTls(Buffer.concat([login, message('Q', Buffer.from('select 1\0'))])), /expected a SASL response/);
  assert.match(await rawTls(Buffer.concat([login, message('p', Buffer.from('PLAIN\0\0\0\0\0'))])), /FATAL/);
  for (const bytes of [Buffer.concat([Buffer.from('Q'), int32(0xfffffff0)]), Buffer.concat([Buffer.from('Q'), int32(3)]), message('?', Buffer.alloc(0)),
    message('Q', Buffer.from('select 1')), message('P', Buffer.from('x')), message('E', Buffer.alloc(3)), message('B', Buffer.from('a')), message('p', Buffer.from('x\0'))]) {
    const broken = await connect();
    const ended = new Promise((resolve) => broken.once('error', resolve));
    broken.connection.stream.write(bytes);
    const error = await ended;
    assert.equal(error.code, '08P01', error.message);
  }
  await gateway.event((e) => e.rule === 'database.protocol');
  await serves();
});

test('a statement beyond the limit is refused, and the session goes on', async () => {
  const session = await connect();
  await assert.rejects(session.query(`select '${'x'.repeat(100_000)}'`), { code: '54000' });
  await assert.rejects(session.query(`select $1::text || '${'x'.repeat(100_000)}'`, ['a']), { code: '54000' });
  assert.equal((await session.query('select $1::int as n', [7])).rows[0].n, 7);
  await session.end();
});

test('dangerous, stacked and role-changing statements are denied, simple or prepared', async () => {
  const session = await connect();
  for (const sql of ['select pg_sleep(10)', "copy users to program 'cat'", "copy users from '/etc/passwd'", 'do $$ begin end $$', 'select 1; delete from users',
    "select query_to_xml('select 1', true, true, '')", 'set role superuser', 'set standard_conforming_strings = off', "select set_config('role', 'superuser', false)",
    "set client_encoding = 'LATIN1'", 'create function f() returns int language sql as $$select 1$$', "select lo_import('/etc/passwd')"]) {
    await assert.rejects(session.query(sql), { code: '42501' }, sql);
    if (!sql.includes(';')) await assert.rejects(session.query({ text: sql, values: [] , name: `n${sql.length}` }), { code: '42501' }, sql);
  }
  assert.equal((await session.query('select count(*)::int as n from users')).rows[0].n, 2);
  await session.end();
});

test('an injection through the app is stopped, with the request it came from', async () => {
  const trace = '1234567890abcdef1234567890abcdef';
  const tail = ` /*traceparent='00-${trace}-1111111111111111-01'*/`;
  const session = await connect();
  await gateway.order({ enter: trace, inputs: { name: "' or 1=1 -- ", id: '2' } });
  await assert.rejects(session.query(`select * from users where name = '' or 1=1 -- '${tail}`), { code: '42501', message: /query name/ });
  assert.equal((await session.query(`select * from users where id = 2${tail}`)).rows.length, 1);
  const name = "' or 1=1 -- ";
  assert.equal((await session.query(`select * from users where name = '${name.replaceAll("'", "''")}'${tail}`)).rows.length, 0);
  assert.equal((await session.query(`select * from users where name = $1${tail}`, [name])).rows.length, 0);
  const event = await gateway.event((e) => e.rule === 'database.taint');
  assert.equal(event.trace, trace);
  assert.equal(event.disposition, 'blocked');
  await assert.rejects(session.query(`select * from users where id = 2 or or 1${tail}`), { code: '42601' });
  assert.equal((await gateway.event((e) => e.rule === 'database.unparsable')).trace, trace);
  // Without a trace id the statement may belong to any request in flight.
  await assert.rejects(session.query("select * from users where name = '' or 1=1 -- '"), { code: '42501' });
  await gateway.order({ leave: trace });
  await session.end();
});

test('rules that people write hold on the wire, and a refusal names its request', async () => {
  const strict = await startGateway(postgres, `guards:
  catalogue: {mode: enforce}
  parameterised_only: {mode: monitor}
  least_privilege: {mode: enforce, roles: [{role: app, tables: [{table: users, allow: [select], deny_columns: [id]}, {table: "*", allow: [select]}]}]}
  tenant_filter: {mode: enforce, tables: [{table: users, column: name}]}
`);
  const session = new pg.Client({ host: 'localhost', port: strict.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: readFileSync(strict.certificateFile, 'utf8') } });
  await session.connect();
  const trace = 'fedcba0987654321fedcba0987654321';
  const tail = ` /*traceparent='00-${trace}-1111111111111111-01'*/`;
  await strict.order({ enter: trace, inputs: {}, tenant: 'anna' });
  assert.equal((await session.query(`select name from users where name = 'anna'${tail}`)).rows.length, 1);
  assert.equal((await session.query(`select name from users where name = $1${tail}`, ['anna'])).rows.length, 1);
  for (const [sql, rule] of [["select name from users where name = 'bert'", 'tenant_filter'], ['select name from users', 'tenant_filter'], ["select id from users where name = 'anna'", 'least_privilege'],
    ["update users set name = 'x' where name = 'anna'", 'least_privilege'], ['select tablename from pg_tables', 'catalogue']]) {
    await assert.rejects(session.query(`${sql}${tail}`), (error) => error.code === '42501' && error.message.endsWith(`(request ${trace})`), sql);
    await strict.event((e) => e.rule === `database.${rule}` && e.disposition === 'blocked' && e.trace === trace);
  }
  await strict.event((e) => e.rule === 'database.parameterised_only' && e.disposition === 'alert');
  // What is bound is compared as well, each time, for the request that is in flight then.
  const named = (value) => session.query({ name: 'by-name', text: 'select name from users where name = $1', values: [value] });
  assert.equal((await named('anna')).rows.length, 1);
  await assert.rejects(named('bert'), (error) => error.code === '42501' && /another than the request's/.test(error.message));
  await assert.rejects(session.query(`select name from users where name = $1${tail}`, ['bert']), { code: '42501' });
  await session.query('begin');
  await assert.rejects(named('bert'), { code: '42501' });
  await assert.rejects(named('anna'), { code: '25P02' });
  await session.query('rollback');
  // Another request runs the statement that was prepared for the first.
  await strict.order({ enter: trace.replace('f', 'a'), inputs: {}, tenant: 'bert' });
  assert.equal((await named('bert')).rows.length, 1);
  await assert.rejects(named('carl'), { code: '42501' });
  await strict.order({ leave: trace });
  await session.end();
  await strict.stop();
});

test('a blocked role or address is refused at the next statement and at login', async () => {
  const session = await connect();
  await session.query('select 1');
  await gateway.order({ block_role: 'app' });
  await assert.rejects(session.query('select 1'), { code: '28000' });
  await assert.rejects(client().connect(), { code: '28000' });
  const other = await connect({ user: 'other', password: 'other-secret' });
  await other.end();
  await gateway.order({ undo: true });
  await serves();
  await gateway.order({ block_ip: '127.0.0.1' });
  await assert.rejects(client({ host: '127.0.0.1', ssl: { rejectUnauthorized: false } }).connect(), { code: '28000' });
  await gateway.order({ undo: true });
  await serves();
});

test('a reload takes effect for sessions in progress; a broken one changes nothing', async () => {
  const session = await connect();
  await assert.rejects(session.query('select pg_sleep(0)'), { code: '42501' });
  gateway.rewrite('guards: {allow_functions: [pg_sleep]}');
  await gateway.order({ reload: true });
  // The new policy reaches the session's worker with its next turn.
  for (let done = false; !done;) done = await session.query('select pg_sleep(0)').then(() => true, () => false);
  gateway.rewrite('login_timeout: 1s\nmax_statement: 64KiB');
  await gateway.order({ reload: true });
  for (let denied = false; !denied;) denied = await session.query('select pg_sleep(0)').then(() => false, (error) => error.code === '42501');
  await session.end();
});

test('clients that vanish leave no server session behind', async () => {
  for (let i = 0; i < 20; ++i) {
    const session = await connect({ application_name: 'vanishing' });
    if (i % 2) session.query('begin').catch(() => {});
    session.connection.stream.destroy();
  }
  for (;;) if (postgres.psql("select count(*) from pg_stat_activity where application_name = 'vanishing'") === '0') break;
});

test('a restarted server ends sessions with an error, and new ones work', async () => {
  const session = await connect();
  const ended = new Promise((resolve) => session.once('error', resolve));
  postgres.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'");
  assert.equal((await ended).code, '57P01');
  await serves();
  const gone = await startGateway(postgres, 'connect_timeout: 2s', { upstreamPort: 1 }).catch((error) => error);
  if (gone.port) {
    const lost = new pg.Client({ host: 'localhost', port: gone.port, user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false } });
    await assert.rejects(lost.connect(), { code: '08001' });
    await gone.event((e) => e.rule === 'database.upstream');
    await gone.stop();
  }
});
