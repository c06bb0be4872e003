#!/usr/bin/env node
// Columns that PostgreSQL stores sealed, and that clients use as if they were not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import pg from 'pg';

import { startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

const SQL = 'create table patients (id int primary key, name bytea, ssn bytea, born bytea, notes bytea, ward text)';
const directory = mkdtempSync(join(tmpdir(), 'bulwark-encryption-'));
const PROTECTION = `protection:
  refresh: 1h
  keys_file: ${join(directory, 'keys')}
  masks:
    - {column: patients.ssn, roles: [support], mask: partial, keep_last: 2}
  encrypt:
    - {column: patients.name}
    - {column: patients.ssn, type: integer}
    - {column: patients.born, type: date}
    - {column: patients.notes, type: json, lookup: false}`;

let postgres;
const gateways = [];

before(async () => {
  postgres = await startPostgres({ roles: { app: 'app-secret', support: 'support-secret' }, sql: SQL });
});
after(async () => {
  for (const each of gateways) await each.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function gatewayWith(extra = '') {
  const gateway = await startGateway(postgres, `${PROTECTION}\n${extra}`);
  gateways.push(gateway);
  return gateway;
}
async function connect(gateway, user = 'app') {
  const client = new pg.Client({ host: 'localhost', port: gateway.port, user, password: `${user}-secret`, database: 'app', ssl: { ca: readFileSync(gateway.certificateFile, 'utf8') } });
  client.on('error', () => {});
  await client.connect();
  return client;
}
const psql = (gateway, sql) =>
  execFileSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', `host=localhost port=${gateway.port} user=app dbname=app sslmode=require`, '-c', sql],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PGPASSWORD: 'app-secret' } }).trim();

for (const pool of ['', 'pool: {mode: transaction, size: 2}']) {
  test(`the app does not notice (${pool || 'no pool'})`, async () => {
    postgres.psql('truncate patients');
    const gateway = await gatewayWith(pool);
    const app = await connect(gateway);
    const insert = 'insert into patients (id, name, ssn, born, notes, ward) values ($1, $2, $3, $4, $5, $6) returning name, ssn';
    const first = await app.query(insert, [1, "Anna O'Brien", 123456, '1987-05-17', { blood: '0+' }, 'A']);
    assert.deepEqual(first.rows[0], { name: "Anna O'Brien", ssn: 123456 });
    await app.query("insert into patients values (2, 'Bert', -7, '1990-01-31', null, 'B'), (3, null, 123456, null, '{}', 'B')");

    const [anna] = (await app.query('select * from patients where ssn = $1 and name = $2', [123456, "Anna O'Brien"])).rows;
    assert.deepEqual({ ...anna, born: anna.born.toDateString() }, { id: 1, name: "Anna O'Brien", ssn: 123456, born: 'Sun May 17 1987', notes: { blood: '0+' }, ward: 'A' });
    const prepared = { name: 'by ssn', text: 'select id, ssn from patients where ssn = $1 order by id' };
    assert.deepEqual((await app.query({ ...prepared, values: [123456] })).rows, [{ id: 1, ssn: 123456 }, { id: 3, ssn: 123456 }]);
    assert.deepEqual((await app.query({ ...prepared, values: [-7] })).rows, [{ id: 2, ssn: -7 }]);
    assert.deepEqual((await app.query("select id from patients p where p.name in ('Bert', 'Nobody')")).rows, [{ id: 2 }]);
    assert.deepEqual((await app.query('select id from patients where name is null')).rows, [{ id: 3 }]);
    assert.equal((await app.query("update patients set name = 'Berta' where name = 'Bert'")).rowCount, 1);
    assert.equal((await app.query('update patients set ssn = $2 where id = $1', [2, 99])).rowCount, 1);
    assert.deepEqual((await app.query('select name, ssn from patients where id = 2')).rows, [{ name: 'Berta', ssn: 99 }]);
    assert.equal((await app.query("insert into patients (id, name) values (2, 'Bertha') on conflict (id) do update set name = excluded.name returning name")).rows[0].name, 'Bertha');

    const int4 = Buffer.from([0, 0, 0, 99]);
    const raw = { getTypeParser: () => (value) => value };
    const binary = await app.query({ text: 'select ssn, name from patients where id = $1', values: [2], binary: true, types: raw });
    assert.deepEqual(binary.rows[0], { ssn: int4.toString('utf8'), name: 'Bertha' });
    assert.deepEqual(binary.fields.map((each) => each.dataTypeID), [23, 25], 'with the types that it knows');

    await app.query('begin');
    await app.query("declare c cursor for select name from patients where name = 'Bertha'");
    assert.deepEqual((await app.query('fetch all from c')).rows, [{ name: 'Bertha' }]);
    await app.query('commit');

    const stored = postgres.psql("select string_agg(encode(name, 'hex') || encode(ssn, 'hex'), ' ') from patients");
    for (const plain of ['Anna', 'Bert', '123456']) assert.ok(!stored.includes(Buffer.from(plain).toString('hex')), plain);
    assert.equal(postgres.psql('select count(distinct substr(ssn, 1, 17)) = 2 and count(distinct ssn) = 3 from patients'), 't', 'equal values show as equal, no more');

    const support = await connect(gateway, 'support');
    assert.deepEqual((await support.query('select ssn from patients where id = 1')).rows, [{ ssn: 56 }], 'opened, then masked');
    await app.end();
    await support.end();
  });
}

test('psql and COPY', async () => {
  const gateway = await gatewayWith();
  assert.equal(psql(gateway, "select name, ssn from patients where name = 'Bertha'"), 'Bertha|99');
  assert.equal(psql(gateway, 'copy patients (id, name, born) to stdout').split('\n').sort()[0], "1\tAnna O'Brien\t1987-05-17");
  assert.throws(() => psql(gateway, 'copy patients (id, name) from stdin'), /patients\.name is encrypted: only a literal or a parameter/);
});

test('what cannot be done is refused with column and reason', async () => {
  const gateway = await gatewayWith();
  const app = await connect(gateway);
  for (const [sql, values, reason] of [
    ["select id from patients where name like 'A%'", [], /patients\.name is encrypted: it can be compared for equality/],
    ['select id from patients where ssn > 5', [], /not by range/],
    ['select id from patients order by born', [], /patients\.born is encrypted: it cannot be sorted/],
    ['select upper(name) from patients', [], /not be computed with/],
    ["select id from patients where notes = '{}'", [], /no index to be compared by/],
    ['update patients set name = ward', [], /only a literal or a parameter/],
  ]) await assert.rejects(app.query(sql, values), { code: '0A000', message: reason }, sql);
  await assert.rejects(app.query('update patients set ssn = $1', ['many']), { code: '22P02', message: /parameter \$1 is no value of column patients\.ssn/ });
  await assert.rejects(app.query("update patients set ssn = 'many'"), { code: '22P02' });
  assert.equal((await app.query('select 1 as one')).rows[0].one, 1, 'and the session goes on');
  await gateway.event((e) => e.rule === 'database.encrypted_column' && e.disposition === 'blocked');
  await app.end();
});

test('what was changed outside is not shown, and said', async () => {
  const gateway = await gatewayWith();
  for (const [tamper, why] of [
    ["update patients set name = set_byte(name, 40, get_byte(name, 40) # 1) where id = 1", /patients\.name: a stored value does not open: it was changed/],
    ['update patients set name = ssn where id = 1', /does not open: its key is not known/],
    ["update patients set name = 'plain' where id = 1", /it was not encrypted here/],
  ]) {
    postgres.psql(tamper);
    const app = await connect(gateway);
    await assert.rejects(app.query('select name from patients where id = 1'), { code: 'XX001', message: why });
  }
  const app = await connect(gateway);
  assert.equal((await app.query('select name from patients where id = 2')).rows[0].name, 'Bertha');
  await app.end();
  await gateway.event((e) => e.rule === 'database.encrypted_column' && /does not open/.test(e.message));
});
