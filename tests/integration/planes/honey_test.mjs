#!/usr/bin/env node
// A row that nobody has a reason to read: whoever gets the app to read it does not get it, and is an incident with a reason that a person
// understands, tied to the request; where a playbook says so, every plane refuses the source from then on, until somebody takes that back.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { ask, events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { freePort, startPostgres } from '../../harness/postgres.mjs';

const pg = createRequire(new URL('../../../examples/shop/package.json', import.meta.url))('pg');
const CANARY = 'canary.4711@acme.example';
let postgres;
let bulwark;
let app;
let pool;

before(async () => {
  let port;
  [postgres, port] = await Promise.all([startPostgres({ sql: `create table customers (id int primary key, mail text);
    insert into customers select g, 'customer' || g || '@example.com' from generate_series(1, 50) g; insert into customers values (4711, '${CANARY}')` }), freePort()]);
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${port}"]}}
routes: [{path: /, upstream: app}]
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  guards: {honey_rows: {mode: enforce, rows: [{table: customers, value: ${CANARY}}]}}
soc:
  block_loopback: true
  playbooks: [{name: block-honey, detector: honey_reads, min_severity: critical, action: block, ttl: 10m}]
`);
  const [databaseHost, databasePort] = bulwark.addresses.database.split(':');
  pool = new pg.Pool({ host: databaseHost, port: Number(databasePort), user: 'app', password: 'app-secret', database: 'app', ssl: { rejectUnauthorized: false }, max: 2 });
  pool.on('error', () => {});
  // The app has no hole: whoever may list customers lists one page, or all of them.
  app = createServer(async (request, response) => {
    const all = request.url === '/export';
    try {
      const { rows } = await pool.query(`select * from customers ${all ? '' : 'where id <= 10'} /*traceparent='${request.headers.traceparent}'*/`);
      response.end(JSON.stringify(rows));
    } catch (error) {
      response.statusCode = 500;
      response.end(JSON.stringify({ code: error.code }));
    }
  }).listen(port, '127.0.0.1');
});
after(async () => {
  await pool?.end();
  app?.close();
  await bulwark?.stop();
  await postgres?.stop();
});

const from = (source, path) => send(bulwark.addresses.edge, { ca: bulwark.ca, source, path });
async function until(look) {
  for (const deadline = Date.now() + 10_000; ;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, 'in time');
  }
}

test('reading a honey row is an incident about the one who asked, and is answered', async () => {
  const [thief, customer] = ['127.0.0.9', '127.0.0.10'];
  assert.equal((await from(customer, '/')).status, 200);
  assert.equal(JSON.parse((await from(thief, '/')).body).length, 10);

  const answer = await from(thief, '/export');
  assert.equal(answer.status, 500);
  assert.deepEqual(JSON.parse(answer.body), { code: '42501' });
  assert.ok(!String(answer.body).includes(CANARY));

  const incident = await until(async () => (await ask(bulwark, { command: 'incidents', open: true })).incidents.find((each) => JSON.stringify(each).includes('honey')));
  assert.ok(JSON.stringify(incident).includes(thief), JSON.stringify(incident));
  const alert = (await ask(bulwark, { command: 'alerts' })).alerts.find((each) => each.detector === 'honey_reads');
  assert.match(alert.title, /a honey row of table customers was read by role app/);
  assert.match(alert.why, /No honest use reads this row.*select \* from customers.*withheld/s);
  assert.ok(JSON.stringify(alert).includes(answer.id), 'the request is the evidence');
  const explained = await events(bulwark, { trace: answer.id });
  assert.ok(explained.some((each) => each.rule === 'database.honey_rows' && each.disposition === 'blocked'), JSON.stringify(explained));

  await until(async () => (await from(thief, '/')).status === 403);
  assert.equal((await from(customer, '/')).status, 200, 'nobody else is blocked');
  const entry = (await ask(bulwark, { command: 'entries' })).entries.find((each) => each.value.startsWith(thief));
  assert.ok(entry, 'and it can be taken back');
  assert.ok((await ask(bulwark, { command: 'undo', id: entry.id })).ok);
  await until(async () => (await from(thief, '/')).status === 200);
});
