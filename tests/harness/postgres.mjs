// A private PostgreSQL: its own data directory, certificate and port, ended and removed with the test.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { start } from './process.mjs';

/** The newest installed server's programs. */
export function postgresBin() {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root).map(Number).filter(Boolean).sort((a, b) => b - a)[0];
  return join(root, String(newest), 'bin');
}

/** A port that was free a moment ago, for a program that cannot choose one itself or must be named before it starts. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
    server.on('error', reject);
  });
}

/** The server refuses to run as root: then it runs as the user `postgres`. */
function account() {
  if (process.getuid() !== 0) return undefined;
  const [, , uid, gid] = execFileSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Starts a server with TLS and SCRAM. `roles`: { name: password }. `sql`: run once as superuser in database `app`.
 * Resolves to { port, directory, certificate, certificateFile, verifiersFile, superuserUrl, url(role), psql(sql), stop() };
 * verifiersFile is what the gateway's `verifiers_file` wants: each login role's SCRAM verifier.
 */
export async function startPostgres({ roles = { app: 'app-secret' }, sql = '', settings = [] } = {}) {
  const bin = postgresBin();
  const who = account();
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-pg-'));
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'superuser-password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, 'superuser-secret\n', { mode: 0o600 });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout', join(directory, 'server.key'), '-out', join(directory, 'server.crt')], { stdio: 'ignore' });
  chmodSync(join(directory, 'server.key'), 0o600);
  if (who) for (const path of [directory, data, passwordFile, join(directory, 'server.key'), join(directory, 'server.crt')]) chownSync(path, who.uid, who.gid);
  chmodSync(directory, 0o755);
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'superuser', '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { stdio: 'ignore', cwd: directory, ...who });
  for (let attempt = 0; ; ++attempt) {
    const port = await freePort();
    try {
      const server = await start(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1',
        '-c', 'ssl=on', '-c', `ssl_cert_file=${join(directory, 'server.crt')}`, '-c', `ssl_key_file=${join(directory, 'server.key')}`,
        '-c', 'fsync=off', '-c', 'password_encryption=scram-sha-256', ...settings.flatMap((each) => ['-c', each])],
      { ...who, cwd: directory, ready: (line) => line.includes('database system is ready') });
      const psql = (text, database = 'app') =>
        execFileSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', directory, '-p', String(port), '-U', 'superuser', '-d', database, '-c', text],
          { encoding: 'utf8', env: { ...process.env, PGPASSWORD: 'superuser-secret' } }).trim();
      psql('create database app', 'postgres');
      for (const [name, password] of Object.entries(roles)) psql(`create role ${name} login password '${password}'; grant all on schema public to ${name}`);
      if (sql) psql(sql);
      for (const name of Object.keys(roles)) psql(`grant all on all tables in schema public to ${name}; grant all on all sequences in schema public to ${name}`);
      const verifiersFile = join(directory, 'verifiers');
      writeFileSync(verifiersFile, `${psql("select rolname || E'\\t' || rolpassword from pg_authid where rolcanlogin and rolpassword is not null")}\n`, { mode: 0o600 });
      return {
        port, directory, verifiersFile, psql, pid: server.pid, process: server,
        certificate: readFileSync(join(directory, 'server.crt'), 'utf8'),
        certificateFile: join(directory, 'server.crt'),
        superuserUrl: `postgres://superuser:superuser-secret@127.0.0.1:${port}/app`,
        url: (role) => `postgres://${role}:${roles[role]}@127.0.0.1:${port}/app`,
        async stop() {
          await server.stop('SIGINT');
          rmSync(directory, { recursive: true, force: true });
        },
      };
    } catch (error) {
      if (attempt === 3 || !/in use/.test(error.message)) throw error;
    }
  }
}
