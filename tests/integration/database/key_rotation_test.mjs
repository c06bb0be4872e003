#!/usr/bin/env node
// A new key for an encrypted column while the real binary serves: every value stays readable and findable, and in the end none is left
// under the old key. A value that does not open stops the rotation and is named.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import pg from 'pg';

import { startBulwark } from '../../harness/bulwark.mjs';
import { startPostgres } from '../../harness/postgres.mjs';

let postgres;
let bulwark;
before(async () => {
  postgres = await startPostgres({ sql: 'create table people (id int primary key, ssn bytea)' });
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
workers: 2
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  protection:
    encrypt: [{column: people.ssn}]
`);
});
after(async () => {
  await bulwark?.stop();
  await postgres?.stop();
});

async function login() {
  const [host, port] = bulwark.addresses.database.split(':');
  const client = new pg.Client({ host, port: Number(port), user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false } });
  await client.connect();
  return client;
}
const rotate = () => bulwark.run(['db', 'rotate-key', '--column', 'people.ssn', '--batch', '50', '--url', postgres.superuserUrl]);
const keysInUse = () => postgres.psql("select string_agg(distinct encode(substr(ssn, 18, 4), 'hex'), ' ') from people");
const ssn = (id) => `ssn-${String(id).padStart(6, '0')}`;

test('values are readable and findable while they are sealed again', async () => {
  const [reader, writer] = [await login(), await login()];
  const ids = Array.from({ length: 400 }, (_, i) => i + 1);
  await writer.query(`insert into people values ${ids.map((id) => `(${id}, '${ssn(id)}')`).join(',')}`);
  await writer.query('insert into people values (100000, null)');
  assert.equal(keysInUse(), '00000001');

  let over = false;
  let written = 1000;
  const reading = (async () => {
    for (let i = 0; !over; i += 1) {
      const id = (i % 400) + 1;
      assert.deepEqual((await reader.query('select id, ssn from people where ssn = $1', [ssn(id)])).rows, [{ id, ssn: ssn(id) }]);
    }
  })();
  const writing = (async () => {
    for (; !over; written += 1) await writer.query('insert into people values ($1, $2)', [written, ssn(written)]);
  })();
  const done = await rotate();
  over = true;
  await Promise.all([reading, writing]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /key 2 is in use, \d+ values were sealed again/);
  assert.equal(keysInUse(), '00000002');
  const all = (await reader.query('select id, ssn from people where ssn is not null order by id')).rows;
  assert.equal(all.length, 400 + written - 1000);
  for (const row of all) assert.equal(row.ssn, ssn(row.id));
  await reader.end();
  await writer.end();
});

test('a value that does not open is named, and the rest goes on when it is mended', async () => {
  postgres.psql("update people set ssn = set_byte(ssn, 40, get_byte(ssn, 40) # 1) where id = 7");
  const failed = await rotate();
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /column people\.ssn: a stored value does not open: it was changed.*\(row \(\d+,\d+\)\)/);
  postgres.psql('delete from people where id = 7');
  assert.equal((await rotate()).code, 0);
  assert.equal(keysInUse(), '00000004');
  const unknown = await bulwark.run(['db', 'rotate-key', '--column', 'people.name', '--url', postgres.superuserUrl]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /names no column people\.name/);
});
