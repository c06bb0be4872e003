#!/usr/bin/env node
// pgbench through the gateway and through pgbouncer, turn about, on the same PostgreSQL: transactions a second, and the CPU time that
// the process in between spends on each query. Both in session pooling, in clear, with SCRAM, one worker; the gateway with every
// guard and every statement on record.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '../../tests/harness/postgres.mjs';
import { start } from '../../tests/harness/process.mjs';
import { startGateway } from '../../tests/integration/database/gateway.mjs';

const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_EACH ?? 4);
const clients = 8;
const tick = 1 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds of a process so far. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tick;
}
const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function startBouncer(postgres) {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-bouncer-'));
  const [, , uid, gid] = execFileSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).split(':');
  const port = await freePort();
  writeFileSync(join(directory, 'users'), '"app" "app-secret"\n');
  writeFileSync(join(directory, 'pgbouncer.ini'), `[databases]\napp = host=127.0.0.1 port=${postgres.port} dbname=app\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}
auth_type = scram-sha-256\nauth_file = ${join(directory, 'users')}\npool_mode = session\ndefault_pool_size = 50\nunix_socket_dir =\nlogfile =\nserver_tls_sslmode = disable\n`);
  if (process.getuid() === 0) {
    for (const path of [directory, join(directory, 'users'), join(directory, 'pgbouncer.ini')]) chownSync(path, Number(uid), Number(gid));
  }
  chmodSync(directory, 0o700);
  const account = process.getuid() === 0 ? { uid: Number(uid), gid: Number(gid) } : {};
  const server = await start('pgbouncer', [join(directory, 'pgbouncer.ini')], { ...account, ready: (line) => /process up/.test(line) });
  return { port, pid: server.pid, stop: async () => { await server.stop('SIGTERM'); rmSync(directory, { recursive: true, force: true }); } };
}

function pgbench(port, mode) {
  const out = execFileSync('/usr/lib/postgresql/15/bin/pgbench', ['-S', '-n', '-M', mode, '-c', String(clients), '-j', '1', '-T', String(seconds),
    `host=127.0.0.1 port=${port} user=app dbname=app sslmode=disable`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PGPASSWORD: 'app-secret' } });
  return { tps: Number(/tps = ([\d.]+)/.exec(out)[1]), count: Number(/actually processed: (\d+)/.exec(out)[1]) };
}

const postgres = await startPostgres({ settings: ['max_connections=200'] });
const [gateway, bouncer] = await Promise.all([startGateway(postgres, '', { workers: 1, quiet: true, clear: true }), startBouncer(postgres)]);
execFileSync('/usr/lib/postgresql/15/bin/pgbench', ['-i', '-s', '5', '-q', `host=127.0.0.1 port=${postgres.port} user=app dbname=app sslmode=require`],
  { stdio: 'ignore', env: { ...process.env, PGPASSWORD: 'app-secret' } });

const figure = (name, value, unit, goal, met) => console.log(`figure ${name} ${value.toFixed(2)} ${unit} goal ${goal} ${met ? 'met' : 'short'}`);
for (const mode of ['simple', 'extended', 'prepared']) {
  const runs = { gateway: [], bouncer: [] };
  for (let round = 0; round < rounds; ++round)
    for (const [name, proxy] of [['gateway', gateway], ['bouncer', bouncer]]) {
      const before = cpu(proxy.pid);
      const { tps, count } = pgbench(proxy.port, mode);
      runs[name].push({ tps, us: (cpu(proxy.pid) - before) * 1e6 / count });
    }
  const tps = (name) => median(runs[name].map((run) => run.tps));
  const us = (name) => median(runs[name].map((run) => run.us));
  console.log(`${mode}: gateway ${tps('gateway').toFixed(0)} tps ${us('gateway').toFixed(1)} us, pgbouncer ${tps('bouncer').toFixed(0)} tps ${us('bouncer').toFixed(1)} us`);
  figure(`db_${mode}_tps_ratio`, tps('gateway') / tps('bouncer'), 'x', '>=0.90', tps('gateway') / tps('bouncer') >= 0.9);
  figure(`db_${mode}_cpu`, us('gateway'), 'us', '<=40', us('gateway') <= 40);
}
await Promise.all([gateway.stop(), bouncer.stop()]);
await postgres.stop();
