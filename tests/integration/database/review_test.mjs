#!/usr/bin/env node
// `bulwark db` on a real PostgreSQL that is set up badly: what the review finds, and that its REVOKE script takes away only what is not
// used; the learned list is compared, signed, and enforced as it was signed.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import pg from 'pg';

import { run, startBulwark } from '../../harness/bulwark.mjs';
import { startPostgres } from '../../harness/postgres.mjs';

let postgres;
let directory;
const list = () => join(directory, 'statements.list');
const config = () => join(directory, 'bulwark.yaml');
const write = (more = '') => writeFileSync(config(), `data_dir: ${directory}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:1"]}}
routes: [{path: /, upstream: app}]
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  guards: {allow_list: {mode: enforce, file: ${list()}${more}}}
`);
const line = (digit, shape, role = 'app') => `${digit.repeat(64)}\t${role}\t${shape}\n`;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bulwark-review-'));
  postgres = await startPostgres({ roles: { app: 'app-secret', worker: 'worker-secret' }, settings: ['ssl_min_protocol_version=TLSv1.1', 'log_connections=off'],
    sql: `create table orders (id int primary key, card text); create table items (id int); create role boss superuser login password 'x';
      alter role app createdb; grant pg_read_all_data to worker; set password_encryption = 'md5'; create role old login password 'x'; create table owned (id int); alter table owned owner to worker` });
  write();
});
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await postgres?.stop();
});

test('the review names what is weak and which grants nothing uses', async () => {
  writeFileSync(list(), line('a', 'select id from orders where id = ?') + line('b', "insert into orders (id, card) values (?, '?')") + line('c', 'select id from items', 'worker'));
  const { code, stdout, stderr } = await run(['db', 'review', '--config', config()]);
  assert.equal(code, 1, stderr);
  for (const expected of [/role app can log in and may create databases/, /role boss is a superuser/, /role worker is a member of pg_read_all_data/, /role worker owns 1 tables/,
    /password of role old is kept as MD5/, /ssl_min_protocol_version is TLSv1\.1/, /log_connections is off/, /role app writes strings into a statement.*insert into orders/,
    /REVOKE DELETE ON "public"\."orders" FROM "app";/, /REVOKE SELECT ON "public"\."items" FROM "app";/, /REVOKE INSERT ON "public"\."items" FROM "worker";/])
    assert.match(stdout, expected);
  assert.doesNotMatch(stdout, /REVOKE (SELECT|INSERT) ON "public"."orders" FROM "app"|REVOKE SELECT ON "public"."items" FROM "worker"|superuser-secret/);
  postgres.psql(stdout.split('\n').filter((each) => each.startsWith('REVOKE')).join('\n'));
  postgres.psql("set role app; insert into orders values (1, 'x'); select id from orders");
  assert.throws(() => postgres.psql('set role app; delete from orders'), /permission denied/);
  assert.match((await run(['db', 'review', '--config', config()])).stdout, / 0 grants to revoke/);
});

test('statements that are put together from text are counted from what was recorded', async () => {
  const bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  audit: {durable: before_result}
`);
  try {
    const [host, port] = bulwark.addresses.database.split(':');
    const client = new pg.Client({ host, port: Number(port), user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false } });
    await client.connect();
    for (const name of ['a', 'b', 'c', 'd']) await client.query(`select ${"'"}${name}${"'"} as concatenated`);
    for (const name of ['a', 'b', 'c', 'd']) await client.query('select $1::text as bound', [name]);
    for (let i = 0; i < 4; ++i) await client.query("select 'constant' as always");
    await client.end();
    const { code, stdout, stderr } = await bulwark.run(['db', 'review']);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /HIGH +3 of 12 recorded statements were put together from text: .* \(1 shapes\)/);
    assert.match(stdout, /role app put this together 3 times: select '\?' as concatenated/);
    assert.doesNotMatch(stdout, /as bound|as always/);
  } finally {
    await bulwark.stop();
  }
});

test('the list is compared, signed and enforced as it was signed', async () => {
  writeFileSync(list(), line('a', 'select 1'));
  const first = await run(['db', 'allow-list', 'diff', '--config', config()]);
  assert.match(first.stdout, /^\+ aaaaaaaaaaaaaaaa app {2}select 1\n1 new, 0 gone/);
  assert.equal(first.code, 1);
  const signed = await run(['db', 'allow-list', 'sign', '--by', 'ada', '--key', join(directory, 'key'), '--config', config()]);
  assert.equal(signed.code, 0, signed.stderr);
  const key = /signed_by: \[([0-9a-f]{64})\]/.exec(signed.stdout)[1];
  assert.equal((await run(['db', 'allow-list', 'diff', '--config', config()])).code, 0);
  appendFileSync(list(), line('b', 'drop table orders'));
  assert.match((await run(['db', 'allow-list', 'diff', '--config', config()])).stdout, /\+ b+ app {2}drop table orders\n1 new, 0 gone/);
  write(`, signed_by: [${key}]`);
  const fine = await run(['check', config()]);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  writeFileSync(`${list()}.signed`, readFileSync(`${list()}.signed`, 'utf8').replace('select 1', 'select 2'));
  const changed = await run(['check', config()]);
  assert.notEqual(changed.code, 0);
  assert.match(changed.stdout + changed.stderr, /signature fits none of the keys/);
});
