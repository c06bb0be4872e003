// The real binary with a configuration of the test's own, in a directory of its own; its ports are the kernel's choice.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { start } from './process.mjs';

export const binary = process.env.BULWARK ?? new URL('../../build/release/apps/bulwark/bulwark', import.meta.url).pathname;

/** Runs a command of the binary to its end; { code, stdout, stderr }. */
export async function run(args, options = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(binary, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/**
 * Starts `bulwark serve`. `config(directory)` returns the YAML; use port 0 everywhere and `data_dir: ${directory}/data`.
 * Resolves to { directory, configFile, addresses: { edge, database, console }, ca, pid, run(args), reload(yaml), stop(), kill() }.
 */
export async function startBulwark(config, { directory = mkdtempSync(join(tmpdir(), 'bulwark-test-')), env = {}, keep = false } = {}) {
  const configFile = join(directory, 'bulwark.yaml');
  writeFileSync(configFile, config(directory));
  const serve = () => start(binary, ['serve', configFile], { env, ready: (line) => (line.startsWith('{"ready"') ? JSON.parse(line) : undefined), timeoutMs: 60_000 });
  let server = await serve();
  const certificate = join(directory, 'data', 'tls', 'edge.crt');
  return {
    directory,
    configFile,
    get addresses() { return server.ready.addresses; },
    get pid() { return server.pid; },
    get exited() { return server.exited; },
    get ca() { return existsSync(certificate) ? readFileSync(certificate, 'utf8') : undefined; },
    output: () => server.output(),
    run: (args) => run([...args, '--config', configFile]),
    /** Writes a new configuration and waits until the running process says that it took or refused it. */
    async reload(yaml) {
      if (yaml !== undefined) writeFileSync(configFile, yaml);
      return run(['reload', '--config', configFile]);
    },
    async restart() { server = await serve(); },
    kill: () => server.stop('SIGKILL'),
    async stop() {
      const code = await server.stop();
      if (!keep) rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}
