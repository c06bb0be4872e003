#!/usr/bin/env node
// pgbench through the gateway and through pgbouncer, turn about, on the same PostgreSQL: transactions a second, and the CPU time that
// the process in between spends on each query. Both pooling alike, in clear, with SCRAM, one worker; the gateway with every guard, the
// allow-list enforced, requests in flight whose inputs are compared, and every statement on record, in the spool and in the audit log. pgbouncer 1.18 has no prepared
// statements in transaction mode: there the gateway is held against its session mode, with as many connections to PostgreSQL as that
// needs (one a client), and once more with the half of them.
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
const few = clients / 2;   // fewer connections than clients: they really take turns
const poolSize = { session: 50, transaction: few };
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

async function startBouncer(postgres, mode) {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-bouncer-'));
  const [, , uid, gid] = execFileSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).split(':');
  const port = await freePort();
  writeFileSync(join(directory, 'users'), '"app" "app-secret"\n');
  writeFileSync(join(directory, 'pgbouncer.ini'), `[databases]\napp = host=127.0.0.1 port=${postgres.port} dbname=app\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}
auth_type = scram-sha-256\nauth_file = ${join(directory, 'users')}\npool_mode = ${mode}\ndefault_pool_size = ${poolSize[mode]}\nunix_socket_dir =\nlogfile =\nserver_tls_sslmode = disable\n`);
  if (process.getuid() === 0) {
    for (const path of [directory, join(directory, 'users'), join(directory, 'pgbouncer.ini')]) chownSync(path, Number(uid), Number(gid));
  }
  chmodSync(directory, 0o700);
  const account = process.getuid() === 0 ? { uid: Number(uid), gid: Number(gid) } : {};
  const server = await start('pgbouncer', [join(directory, 'pgbouncer.ini')], { ...account, ready: (line) => /process up/.test(line) });
  return { port, pid: server.pid, stop: async () => { await server.stop('SIGTERM'); rmSync(directory, { recursive: true, force: true }); } };
}

function pgbench(port, mode, length) {
  const out = execFileSync('/usr/lib/postgresql/15/bin/pgbench', ['-S', '-n', '-M', mode, '-c', String(clients), '-j', '1', ...length,
    `host=127.0.0.1 port=${port} user=app dbname=app sslmode=disable`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PGPASSWORD: 'app-secret' } });
  return { tps: Number(/tps = ([\d.]+)/.exec(out)[1]), count: Number(/actually processed: (\d+)/.exec(out)[1]) };
}

async function startTaught(postgres, mode, size = poolSize[mode]) {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  const settings = (allowList) => `pool: {mode: ${mode}, size: ${size}}\nguards: {allow_list: {mode: ${allowList}, file: ${join(directory, 'statements.list')}}}`;
  const gateway = await startGateway(postgres, settings('learn'), { workers: 1, quiet: true, clear: true });
  for (const protocol of protocols) pgbench(gateway.port, protocol, ['-t', '10']);
  gateway.rewrite(settings('enforce'));
  await gateway.order({ reload: true });
  for (let i = 0; i < 8; ++i)
    await gateway.order({ enter: String(i).repeat(32).replace(/^0+$/, 'a'.repeat(32)), inputs: { q: 'blue suede shoes size 43', page: String(i), name: "Jane O'Brien", email: 'jane@acme.example', token: 'b64f0c1d2e3f4a5b6c7d8e9fa0b1c2d3' } });
  return { ...gateway, stop: async () => { await gateway.stop(); rmSync(directory, { recursive: true, force: true }); } };
}

const protocols = ['simple', 'extended', 'prepared'];
const postgres = await startPostgres({ settings: ['max_connections=200'] });
execFileSync('/usr/lib/postgresql/15/bin/pgbench', ['-i', '-s', '5', '-q', `host=127.0.0.1 port=${postgres.port} user=app dbname=app sslmode=require`],
  { stdio: 'ignore', env: { ...process.env, PGPASSWORD: 'app-secret' } });
const gateways = { session: await startTaught(postgres, 'session'), transaction: await startTaught(postgres, 'transaction'), even: await startTaught(postgres, 'transaction', clients) };
const bouncers = { session: await startBouncer(postgres, 'session'), transaction: await startBouncer(postgres, 'transaction') };
const comparisons = [
  ...protocols.map((protocol) => ({ name: `session_${protocol}`, protocol, gateway: 'session', peer: 'session' })),
  ...['simple', 'extended'].map((protocol) => ({ name: `transaction_${protocol}`, protocol, gateway: 'transaction', peer: 'transaction' })),
  { name: 'transaction_prepared', protocol: 'prepared', gateway: 'even', peer: 'session' },
  { name: 'transaction_prepared_half_the_connections', protocol: 'prepared', gateway: 'transaction', peer: 'session' },
].filter(({ name }) => name.startsWith(process.env.ONLY ?? ''));

const figure = (name, value, unit, goal, met) => console.log(`figure ${name} ${value.toFixed(2)} ${unit} goal ${goal} ${met ? 'met' : 'short'}`);
for (const { name, protocol, gateway, peer } of comparisons) {
  const runs = { gateway: [], bouncer: [] };
  for (let round = 0; round < rounds; ++round)
    for (const [side, proxy] of [['gateway', gateways[gateway]], ['bouncer', bouncers[peer]]]) {
      const before = cpu(proxy.pid);
      const { tps, count } = pgbench(proxy.port, protocol, ['-T', String(seconds)]);
      runs[side].push({ tps, us: (cpu(proxy.pid) - before) * 1e6 / count });
    }
  const tps = (side) => median(runs[side].map((run) => run.tps));
  const us = (side) => median(runs[side].map((run) => run.us));
  const ratio = tps('gateway') / tps('bouncer');
  console.log(`${name}: gateway ${tps('gateway').toFixed(0)} tps ${us('gateway').toFixed(1)} us, pgbouncer (${peer}) ${tps('bouncer').toFixed(0)} tps ${us('bouncer').toFixed(1)} us`);
  figure(`db_${name}_tps_ratio`, ratio, 'x', '>=0.90', ratio >= 0.9);
  figure(`db_${name}_cpu`, us('gateway'), 'us', '<=40', us('gateway') <= 40);
}
await Promise.all([...Object.values(gateways), ...Object.values(bouncers)].map((each) => each.stop()));
await postgres.stop();
