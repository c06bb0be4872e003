#!/usr/bin/env node
// An app with an injection of every kind behind Bulwark, WAF off, taint the only guard that can help: one attack by hand on each point
// is stopped at the database and tied to its request; honest use of the same points goes on. `make sqlmap-test` lets sqlmap try.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { POINTS } from '../../sqlmap/points.mjs';
import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { freePort, startPostgres } from '../../harness/postgres.mjs';
import { jsonReady, start, stopAll } from '../../harness/process.mjs';

const folder = new URL('../../sqlmap/', import.meta.url).pathname;
let postgres;
let bulwark;

before(async () => {
  let port;
  let model;
  [postgres, port, model] = await Promise.all([startPostgres({ sql: readFileSync(join(folder, 'schema.sql'), 'utf8') }), freePort(),
    start('node', [join(folder, '../../examples/model/server.mjs')], { ready: jsonReady })]);
  bulwark = await startBulwark((directory) => `data_dir: ${directory}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${port}"]}}
routes: [{path: /, upstream: app, waf: {mode: off}}]
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  guards: {taint: true, allow_multiple_statements: true}
soc: {block_loopback: false}
`);
  await start('node', [join(folder, 'server.mjs')], { ready: jsonReady, env: { PORT: String(port), DATABASE_URL: `postgres://app:app-secret@${bulwark.addresses.database}/app`,
    DATABASE_CA: join(bulwark.directory, 'data/tls/edge.crt'), MODEL_URL: `http://127.0.0.1:${model.ready.port}/v1` } });
});
after(async () => {
  await stopAll();
  await bulwark?.stop();
  await postgres?.stop();
});

function use({ path, body, headers = {}, cookie }) {
  const json = typeof body === 'object';
  const type = body === undefined ? {} : { 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' };
  const bytes = json ? JSON.stringify(body) : body;
  return send(bulwark.addresses.edge, { ca: bulwark.ca, method: body === undefined ? 'GET' : 'POST', path: path.replace('*', ''),
    headers: { ...headers, ...type, ...(cookie ? { cookie } : {}), ...(bytes ? { 'content-length': Buffer.byteLength(bytes) } : {}) }, body: bytes });
}

/** The statement's own event follows the answer when the server is done with it. */
async function blocked(trace) {
  const deadline = Date.now() + 10_000;
  for (let seen = []; ; seen = await events(bulwark, { trace })) {
    if (seen.some((event) => event.rule === 'database.taint' && event.disposition === 'blocked')) return;
    if (Date.now() > deadline) assert.fail(JSON.stringify(seen));
  }
}

for (const point of POINTS)
  test(point.name, async () => {
    assert.equal((await use(point)).status, 200, 'honest use');
    let answer = await use({ ...point, ...point.attack });
    if (point.second) answer = await use({ path: point.second });
    await blocked(answer.id);
    assert.equal((await use(point)).status, 200, 'honest use afterwards');
  });
