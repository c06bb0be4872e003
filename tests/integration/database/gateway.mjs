// The database gateway in front of a private PostgreSQL, for the tests beside this file.
import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const build = process.env.BULWARK_BUILD ?? new URL('../../../build/release', import.meta.url).pathname;
export const program = join(build, 'tests/integration/database/database_gateway');

/**
 * Starts the gateway. `extra` is YAML of the database section's other keys; `clear`: no TLS on either leg. Resolves to
 * { port, events, order(object), event(predicate): Promise, certificateFile, pid, rewrite(yaml), stop() }.
 */
export async function startGateway(postgres, extra = '', { workers = 2, quiet = false, upstreamPort = postgres.port, clear = false, clientCa = '' } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-database-'));
  const certificateFile = join(directory, 'gateway.crt');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', join(directory, 'gateway.key'), '-out', certificateFile], { stdio: 'ignore' });
  const file = join(directory, 'database.yaml');
  const write = (more) => writeFileSync(file, `listen: 127.0.0.1:0
upstream: 127.0.0.1:${upstreamPort}
upstream_ca: ${postgres.certificateFile}
verifiers_from: ${postgres.superuserUrl}${clear ? '?sslmode=require' : ''}
tls: {certificate_file: ${certificateFile}, key_file: ${join(directory, 'gateway.key')}${clear ? ', required: false' : ''}${clientCa ? `, client_ca_file: ${clientCa}` : ''}}${clear ? '\nupstream_tls: off' : ''}
${more}
`);
  write(extra);
  const child = spawn(program, [file, join(directory, 'spool'), String(workers), ...(quiet ? ['quiet'] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const events = [];
  const watchers = new Set();
  const orders = [];
  let listening;
  const ready = new Promise((resolve, reject) => {
    listening = resolve;
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const value = JSON.parse(line);
    if (value.listening) listening(value.listening);
    else if (value.done) orders.shift()();
    else {
      events.push(value);
      for (const watcher of watchers) watcher(value);
    }
  });
  const port = await ready;
  return {
    port, events, certificateFile, pid: child.pid,
    order: (object) => new Promise((resolve) => {
      orders.push(resolve);
      child.stdin.write(`${JSON.stringify(object)}\n`);
    }),
    rewrite: write,
    /** The first event that fits, past or to come. */
    event: (predicate, timeoutMs = 5_000) => new Promise((resolve, reject) => {
      const found = events.find(predicate);
      if (found) return resolve(found);
      const timer = setTimeout(() => {
        watchers.delete(watcher);
        reject(new Error(`no such event; the last: ${JSON.stringify(events.slice(-5), null, 1)}`));
      }, timeoutMs);
      const watcher = (value) => {
        if (!predicate(value)) return;
        clearTimeout(timer);
        watchers.delete(watcher);
        resolve(value);
      };
      watchers.add(watcher);
    }),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const code = await ended;
      clearTimeout(timer);
      rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}
