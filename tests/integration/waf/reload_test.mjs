#!/usr/bin/env node
// Rules are replaced under traffic: every request is answered, every attack blocked, and wrong rules change nothing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ask } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { keepAlive, send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const RELOADS = 8;

test('rules are replaced without a gap', { timeout: 120_000 }, async () => {
  const upstream = await startUpstream();
  let rules;
  const write = (version) => writeFileSync(rules, `SecRule ARGS:probe "@streq ${version}" "id:100001,phase:1,deny,status:418,t:none"\n`);
  const bulwark = await startBulwark((home) => {
    rules = join(home, 'site.conf');
    write('v0');
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
waf: {rules: [/usr/share/modsecurity-crs/owasp-crs.load, ${rules}]}
soc: {block_loopback: false}
workers: 1
`;
  });
  const { edge } = bulwark.addresses;
  const agent = keepAlive(bulwark.ca);
  const status = async (path) => (await send(edge, { agent, path, headers: { host: 'shop.example' } })).status;

  const seen = { good: 0, attack: 0 };
  let over = false;
  let wake = () => {};
  const loop = async (kind, path, expected) => {
    while (!over) {
      assert.equal(await status(path), expected, `${kind} after ${seen[kind]}`);
      ++seen[kind];
      wake();
    }
  };
  const traffic = Promise.all([loop('good', '/products/17', 200), loop('good', '/search?q=running+shoes', 200),
    loop('attack', '/?id=1+UNION+SELECT+password+FROM+users--+-', 403), loop('attack', '/?q=%3Cscript%3Ealert(1)%3C/script%3E', 403)]);
  traffic.catch(() => { over = true; wake(); });
  /** Until both kinds of request were answered once more. */
  const someMore = async () => {
    const { good, attack } = seen;
    while (!over && (seen.good === good || seen.attack === attack)) await new Promise((resolve) => { wake = resolve; });
  };

  /** Workers take the new rules over one after the other, each between two requests. */
  const inForce = async (version) => {
    const deadline = Date.now() + 20_000;
    while (!over && (await status(`/?probe=${version}`)) !== 418) assert.ok(Date.now() < deadline, `${version} never came into force`);
  };

  try {
    for (let i = 1; i <= RELOADS && !over; ++i) {
      assert.equal(await status(`/?probe=v${i}`), 200, 'not yet');
      write(`v${i}`);
      const answer = await ask(bulwark, { command: 'reload' });
      assert.ok(answer.ok, JSON.stringify(answer));
      await inForce(`v${i}`);
      assert.equal(await status(`/?probe=v${i - 1}`), 200, 'the old one no longer');
      await someMore();
    }
    writeFileSync(rules, 'SecRule ARGS:probe "@rx (" "id:100001,phase:1,deny"\n');
    const refused = await ask(bulwark, { command: 'reload' });
    assert.equal(refused.ok, false);
    assert.match(refused.error.message, /site\.conf:1/);
    assert.equal(await status(`/?probe=v${RELOADS}`), 418, 'the rules in force stay');
    await someMore();
  } finally {
    over = true;
    await traffic;
    agent.destroy();
    await bulwark.stop();
    await upstream.stop();
  }
  console.log(`during ${RELOADS} reloads: ${seen.good} requests answered, ${seen.attack} attacks blocked`);
});
