#!/usr/bin/env node
// Several servers behind one route, real processes under load: one is killed and comes back, and no request that could be sent again fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { keepAlive, send } from '../../harness/http.mjs';
import { jsonReady, start } from '../../harness/process.mjs';

const SERVERS = 3;
const CLIENTS = 8;
const script = new URL('app_server.mjs', import.meta.url).pathname;
const app = (name, port = 0) => start('node', [script], { ready: jsonReady, env: { NAME: name, PORT: String(port) } });

let bulwark;
let apps;

before(async () => {
  apps = await Promise.all(Array.from({ length: 2 * SERVERS }, (_unused, i) => app(`app${i}`)));
  const urls = (from) => apps.slice(from, from + SERVERS).map((each) => `"http://127.0.0.1:${each.ready.port}"`).join(', ');
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams:
  watched: {servers: [${urls(0)}], health: /status/200, health_interval: 100ms, fail_threshold: 2}
  unwatched: {servers: [${urls(SERVERS)}], fail_threshold: 2, set_aside: 300ms}
routes:
  - {path: /watched, upstream: watched}
  - {path: /unwatched, upstream: unwatched}
`);
});
after(async () => {
  await bulwark?.stop();
  await Promise.all((apps ?? []).map((each) => each.stop('SIGKILL')));
});

/** Requests on kept connections until told to stop; whoever answered last is `served`, each answer that is not 200 in `failed`. */
function load(path) {
  const agent = keepAlive(bulwark.ca);
  const seen = { count: 0, served: new Map(), failed: [] };
  let over = false;
  const client = async () => {
    while (!over) {
      const answer = await send(bulwark.addresses.edge, { ca: bulwark.ca, agent, path }).catch((error) => ({ status: error.message, headers: {} }));
      ++seen.count;
      if (answer.status !== 200) seen.failed.push(answer.status);
      seen.served.set(answer.headers['x-app'], seen.count);
    }
  };
  const done = Promise.all(Array.from({ length: CLIENTS }, client));
  return { seen, stop: async () => { over = true; await done; agent.destroy(); } };
}

async function until(what, condition) {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

const told = async (rule, port) => (await events(bulwark, { rule, limit: 50 })).some((event) => event.message.includes(`:${port} `));

for (const [kind, first, gone] of [['watched', 0, 'upstream.down'], ['unwatched', SERVERS, 'upstream.set_aside']])
  test(`a server dies under load and comes back (${kind})`, { timeout: 60_000 }, async () => {
    const { port } = apps[first].ready;
    const name = `app${first}`;
    const { seen, stop } = load(`/${kind}`);
    try {
      await until('all servers answer', () => seen.served.size === SERVERS);
      await apps[first].stop('SIGKILL');
      await until(`an event ${gone} that names the server`, () => told(gone, port));
      const at = seen.count;
      await until('the others carry on', () => seen.count > at + 200);
      apps[first] = await app(name, port);
      const back = seen.count;
      await until('the server answers again', () => seen.served.get(name) > back);
      if (kind === 'watched') await until('an event upstream.up', () => told('upstream.up', port));
    } finally {
      await stop();
    }
    assert.deepEqual(seen.failed, [], `of ${seen.count} requests`);
    console.log(`${seen.count} requests, none failed (${kind})`);
  });
