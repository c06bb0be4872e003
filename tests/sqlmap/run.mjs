#!/usr/bin/env node
// Attacks every point of the app with sqlmap: straight, then through Bulwark with the WAF off and the allow-list alone, then with
// taint alone. Every other guard that could help is switched off, so that each of the two is seen by itself.
//
// Environment: BULWARK (the binary), JOBS (points attacked at a time, default 1), ONLY (a regular expression of point names),
// RUNS (of direct,allow_list,taint), POINT_SECONDS (the time for one point, default 240).
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBulwark } from '../harness/bulwark.mjs';
import { freePort, startPostgres } from '../harness/postgres.mjs';
import { jsonReady, start, stopAll } from '../harness/process.mjs';
import { POINTS } from './points.mjs';

const here = new URL('.', import.meta.url).pathname;
const jobs = Number(process.env.JOBS ?? 1);
const seconds = Number(process.env.POINT_SECONDS ?? 240);
const only = new RegExp(process.env.ONLY ?? '');
const runs = (process.env.RUNS ?? 'direct,allow_list,taint').split(',');
const points = POINTS.filter((point) => only.test(point.name));
const output = mkdtempSync(join(tmpdir(), 'bulwark-sqlmap-'));

const guards = {
  learn: (file) => `{taint: false, allow_list: {mode: learn, file: ${file}}`,
  allow_list: (file) => `{taint: false, allow_list: {mode: enforce, file: ${file}}`,
  taint: () => '{taint: true',
};

/** No WAF, no source is ever blocked, and nothing in the database plane but the one guard that is shown. */
const configuration = (directory, appPort, postgres, guard) => `data_dir: ${directory}/data
listen: 127.0.0.1:0
plaintext: true
upstreams: {app: {servers: ["http://127.0.0.1:${appPort}"]}}
routes: [{path: /, upstream: app, waf: {mode: off}}]
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
  guards: ${guards[guard](`${directory}/statements.list`)}, allow_multiple_statements: true, allow_server_code: true, allow_functions: [pg_sleep, query_to_xml, database_to_xml, schema_to_xml, table_to_xml, dblink, dblink_connect, lo_import, lo_export, pg_read_file, pg_ls_dir]}
soc: {block_loopback: false}
console: {listen: "127.0.0.1:0"}
`;

/** One honest request; resolves to its status. */
function send(base, point, path) {
  const url = new URL(path.replace('*', ''), base);
  const json = typeof point.body === 'object';
  const headers = { ...point.headers, ...(point.cookie ? { cookie: point.cookie } : {}),
    ...(point.body ? { 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' } : {}) };
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method: point.body ? 'POST' : 'GET', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject);
    call.end(json ? JSON.stringify(point.body) : point.body);
  });
}

/** What a user does at every point; every answer must be 200, with and without Bulwark. */
async function honestUse(base) {
  for (const point of points) {
    for (const path of [point.path, ...point.honest]) {
      const status = await send(base, point, path);
      if (status !== 200) throw new Error(`honest use of ${path} was answered with ${status}`);
    }
    if (point.second && (await send(base, {}, point.second)) !== 200) throw new Error(`honest use of ${point.second} failed`);
  }
}

/** Points sqlmap at one place; 'found', 'safe', 'late' when its time ran out before it was sure, 'edge'. */
function attack(base, point, folder) {
  const args = ['-u', new URL(point.path, base).href, '--batch', '--level', '3', '--dbms', 'PostgreSQL', '--disable-coloring', '--flush-session',
    '--time-sec', '2', '--output-dir', folder, '--skip-waf', '--ignore-stdin', '--keep-alive', ...(point.parameter ? ['-p', point.parameter] : []),
    ...(point.cookie ? ['--cookie', point.cookie] : []), ...(point.second ? ['--second-url', new URL(point.second, base).href] : []), ...(point.extra ?? [])];
  return new Promise((resolve) => {
    execFile('sqlmap', args, { maxBuffer: 64 * 1024 * 1024, timeout: seconds * 1000, killSignal: 'SIGINT' }, (_error, stdout) => {
      if (process.env.VERBOSE) console.log(stdout);
      // Refused at the edge, the attack has not come as far as the database and shows nothing.
      if (/403 \(Forbidden\)|\b429 \(/.test(stdout)) return resolve('edge');
      if (/identified the following injection point/.test(stdout)) return resolve('found');
      resolve(/do not appear to be injectable|does not seem to be injectable/.test(stdout) ? 'safe' : 'late');
    });
  });
}

async function attackAll(label, base) {
  const results = new Map();
  const left = [...points];
  const began = Date.now();
  const worker = async () => {
    for (let point = left.shift(); point; point = left.shift()) {
      const from = Date.now();
      const result = await attack(base, point, join(output, label, String(POINTS.indexOf(point))));
      results.set(point.name, result);
      console.log(`${label.padEnd(10)} ${result.padEnd(6)} ${point.name}  (${((Date.now() - from) / 1000).toFixed(0)} s; ${results.size} of ${points.length})`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  console.log(`${label.padEnd(10)} ${[...results.values()].filter((each) => each === 'found').length} of ${points.length} points found in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  return results;
}

const model = await start('node', [join(here, '../../examples/model/server.mjs')], { ready: jsonReady });
const app = (port, url, ca) => start('node', [join(here, 'server.mjs')], { ready: jsonReady, env: { PORT: String(port), DATABASE_URL: url, ...(ca ? { DATABASE_CA: ca } : {}), MODEL_URL: `http://127.0.0.1:${model.ready.port}/v1` } });

/** One run on a database of its own. */
async function direct() {
  const postgres = await startPostgres({ sql: readFileSync(join(here, 'schema.sql'), 'utf8') });
  const served = await app(0, postgres.url('app'), postgres.certificateFile);
  const base = `http://127.0.0.1:${served.ready.port}`;
  await honestUse(base);
  const results = await attackAll('direct', base);
  await served.stop();
  await postgres.stop();
  return results;
}

async function protectedBy(guard) {
  const [postgres, port] = await Promise.all([startPostgres({ sql: readFileSync(join(here, 'schema.sql'), 'utf8') }), freePort()]);
  const bulwark = await startBulwark((directory) => configuration(directory, port, postgres, guard === 'allow_list' ? 'learn' : guard));
  const served = await app(port, `postgres://app:app-secret@${bulwark.addresses.database}/app`, join(bulwark.directory, 'data/tls/edge.crt'));
  const base = `http://${bulwark.addresses.edge}`;
  await honestUse(base);
  if (guard === 'allow_list') {
    const reloaded = await bulwark.reload(configuration(bulwark.directory, port, postgres, guard));
    if (reloaded.code !== 0) throw new Error(reloaded.stderr);
    await honestUse(base);
  }
  const results = await attackAll(guard, base);
  await honestUse(base);   // and after all that, users are still served
  await served.stop();
  await bulwark.stop();
  await postgres.stop();
  return results;
}

const found = (results) => [...results.values()].filter((each) => each !== 'safe').length;
let unprotected;
let through = 0;
for (const run of runs) {
  const results = run === 'direct' ? await direct() : await protectedBy(run);
  if (run === 'direct') unprotected = [...results.values()].filter((each) => each === 'found').length;
  else {
    through = Math.max(through, found(results));   // a point that sqlmap did not finish with counts as found
    console.log(`figure points_found_with_${run}_alone ${found(results)} points goal 0 ${found(results) === 0 ? 'met' : 'short'}`);
  }
}
if (unprotected !== undefined) console.log(`figure points_found_unprotected ${unprotected} points goal >=15 ${unprotected >= 15 ? 'met' : 'short'}`);
if (runs.some((run) => run !== 'direct')) console.log(`figure points_found_protected ${through} points goal 0 ${through === 0 ? 'met' : 'short'}`);
await stopAll();
rmSync(output, { recursive: true, force: true });
process.exit((unprotected === undefined || unprotected >= 15 || points.length < 15) && through === 0 ? 0 : 1);
