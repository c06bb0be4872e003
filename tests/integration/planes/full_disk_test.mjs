#!/usr/bin/env node
// A disk that takes no more (a file-size limit of the process stands in for it): service goes on, blocks are still enforced, the
// operator is told, and when there is room again everything that was acknowledged is found.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { explain } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { keepAlive, send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

test('a full disk loses nothing and stops nobody', { timeout: 120_000 }, async () => {
  const upstream = await startUpstream();
  const bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
soc: {block_loopback: false}
`);
  const agent = keepAlive(bulwark.ca);
  const answered = [];
  const both = async () => {
    for (const [path, status] of [['/', 200], [`/?q=${encodeURIComponent("1' union select password from users--")}`, 403]]) {
      const answer = await send(bulwark.addresses.edge, { agent, ca: bulwark.ca, path });
      assert.equal(answer.status, status);
      answered.push(answer.id);
    }
  };
  await both();
  execFileSync('prlimit', [`--pid=${bulwark.pid}`, '--fsize=1:unlimited']);
  for (let i = 0; i < 200; ++i) await both();
  await bulwark.run(['block', 'ip', '127.0.0.77', '--for', '10min']);
  assert.equal((await send(bulwark.addresses.edge, { ca: bulwark.ca, source: '127.0.0.77' })).status, 403, 'a block comes into force even if it cannot be saved');
  // The store is asked on purpose while nothing can be written: the answer may be incomplete, but it is an answer.
  await explain(bulwark, answered.slice(0, 1)).catch((error) => assert.match(error.message, /full|limit|large|time|unavailable|exhausted/i));
  execFileSync('prlimit', [`--pid=${bulwark.pid}`, '--fsize=unlimited']);
  await both();
  const deadline = Date.now() + 60_000;
  let missing = answered;
  while (missing.length > 0 && Date.now() < deadline) {
    const found = await explain(bulwark, answered);
    missing = answered.filter((id) => !found.has(id));
  }
  assert.deepEqual(missing, []);
  assert.match(bulwark.output(), /disk|File too large|full/i, 'the operator is told');
  agent.destroy();
  assert.equal(await bulwark.stop(), 0);
  await upstream.stop();
});
