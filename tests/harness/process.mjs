// Child processes that say when they are ready and that end with the one who started them, by their own pid.
import { spawn } from 'node:child_process';

const running = new Set();

/** Ends everything that start() began; called at exit too, so that a failing test leaves nothing behind. */
export async function stopAll() {
  await Promise.all([...running].map((child) => child.stop()));
}
process.on('exit', () => {
  for (const child of running) {
    try { process.kill(child.pid, 'SIGKILL'); } catch { /* gone already */ }
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopAll().finally(() => process.exit(130)));

/**
 * Starts a program. `ready(line, stream)` looks at each line it prints and returns a truthy value when it is up;
 * resolves to { pid, ready: that value, output(): all it said, stop(signal), exited: Promise<code> }.
 */
export async function start(command, args, { env = {}, cwd, ready = () => true, timeoutMs = 30_000, uid, gid } = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, uid, gid, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
    child.once('error', (error) => resolve(error.message));   // could not be started at all
  });
  let resolveReady;
  const up = new Promise((resolve) => { resolveReady = resolve; });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop();
      for (const line of parts) {
        lines.push(line);
        if (lines.length > 20_000) lines.shift();
        const value = ready(line, stream === child.stdout ? 'stdout' : 'stderr');
        if (value) resolveReady(value);
      }
    });
  }
  const handle = {
    pid: child.pid,
    exited,
    output: () => lines.join('\n'),
    async stop(signal = 'SIGTERM') {
      running.delete(handle);
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await exited;
        clearTimeout(timer);
      }
      return exited;
    },
  };
  running.add(handle);
  exited.then(() => running.delete(handle));
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${command} was not ready in ${timeoutMs} ms:\n${handle.output()}`)), timeoutMs);
  });
  const died = exited.then((code) => {
    throw new Error(`${command} ended before it was ready (${code}):\n${handle.output()}`);
  });
  died.catch(() => {});
  try {
    handle.ready = await Promise.race([up, late, died]);
  } catch (error) {
    await handle.stop('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return handle;
}

/** For programs of ours that print {"ready":true,"port":N}. */
export function jsonReady(line) {
  return line.startsWith('{"ready"') ? JSON.parse(line) : undefined;
}
