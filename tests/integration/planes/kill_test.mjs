#!/usr/bin/env node
// kill -9 of the whole process during load, 20 times: whoever got a whole answer finds its event after the restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startBulwark } from '../../harness/bulwark.mjs';
import { explain } from '../../harness/admin.mjs';
import { keepAlive, send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const ROUNDS = 20;
const ANSWERS = 150;

test('no acknowledged event is lost', { timeout: 600_000 }, async () => {
  const upstream = await startUpstream();
  const bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
soc: {block_loopback: false}
`);
  let looked = 0;
  for (let round = 0; round < ROUNDS; ++round) {
    const agent = keepAlive(bulwark.ca);
    const answered = [];
    let over = false;
    const loop = async (path) => {
      while (!over) {
        try {
          const answer = await send(bulwark.addresses.edge, { agent, ca: bulwark.ca, path });
          answered.push(answer.id);
          if (answered.length === ANSWERS + round * 7) {
            over = true;
            await bulwark.kill();
          }
        } catch (error) {
          if (!over) throw error;   // cut off by the kill: was never acknowledged
        }
      }
    };
    const attack = `/?q=${encodeURIComponent("1' union select password from users--")}`;
    await Promise.all([loop(attack), loop('/bytes/1000'), loop(attack), loop('/')]);
    agent.destroy();
    await bulwark.restart();
    const found = await explain(bulwark, answered);
    const missing = answered.filter((id) => !found.has(id));
    assert.deepEqual(missing, [], `round ${round}: ${missing.length} of ${answered.length} events are gone`);
    looked += answered.length;
  }
  console.log(`${looked} acknowledged answers over ${ROUNDS} kills, all of them found`);
  assert.equal(await bulwark.stop(), 0);
  await upstream.stop();
});
