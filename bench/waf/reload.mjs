#!/usr/bin/env node
// Whether rule reloads make the process grow: its own resident memory after 20 and after 120 reloads, each of which compiles changed
// rules, with requests and attacks going on. Its own is what is no mapped file (RssAnon): the event spool's segments are files, and
// bounded by their own setting. Traffic before the first reload fills the event store's caches. Prints `figure waf.reload.growth VALUE MiB goal BAR met|short`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ask } from '../../tests/harness/admin.mjs';
import { startBulwark } from '../../tests/harness/bulwark.mjs';
import { keepAlive, send } from '../../tests/harness/http.mjs';
import { startUpstream } from '../../tests/harness/upstream.mjs';

const WARM = 20;
const RELOADS = 100;

const upstream = await startUpstream();
let rules;
const write = (version) => writeFileSync(rules, `SecRule ARGS:probe "@streq v${version}" "id:100001,phase:1,deny,status:418"\n`);
const bulwark = await startBulwark((home) => {
  rules = join(home, 'site.conf');
  write(0);
  return `data_dir: ${home}/data
listen: 127.0.0.1:0
workers: 1
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce}}]
waf: {rules: [/usr/share/modsecurity-crs/owasp-crs.load, ${rules}]}
soc: {block_loopback: false}
`;
});
const agent = keepAlive(bulwark.ca);
const status = async (path) => (await send(bulwark.addresses.edge, { agent, path, headers: { host: 'shop.example' } })).status;
const resident = () => Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${bulwark.pid}/status`, 'utf8'))[1]) / 1024;

async function reload(version) {
  write(version);
  const began = performance.now();
  const answer = await ask(bulwark, { command: 'reload' });
  const took = performance.now() - began;
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  await traffic(10);
  return took;
}

async function traffic(pairs) {
  for (let i = 0; i < pairs; ++i) {
    const [good, attack] = await Promise.all([status(`/products/${i}`), status(`/?id=1+UNION+SELECT+${i}+FROM+users--`)]);
    if (good !== 200 || attack !== 403) throw new Error(`answered ${good}, ${attack}`);
  }
}

try {
  await traffic(1500);
  const times = [];
  for (let i = 1; i <= WARM; ++i) times.push(await reload(i));
  const before = resident();
  for (let i = 1; i <= RELOADS; ++i) times.push(await reload(WARM + i));
  const after = resident();
  times.sort((a, b) => a - b);
  const growth = after - before;
  const bar = Math.max(4, before * 0.02);
  console.log(`of its own after ${WARM} reloads ${before.toFixed(1)} MiB, after ${WARM + RELOADS} ${after.toFixed(1)} MiB; ` +
    `a reload takes ${times[times.length >> 1].toFixed(0)} ms (worst ${times.at(-1).toFixed(0)})`);
  console.log(`figure waf.reload.growth ${growth.toFixed(2)} MiB goal <=${bar.toFixed(1)} ${growth <= bar ? 'met' : 'short'}`);
} finally {
  agent.destroy();
  await bulwark.stop();
  await upstream.stop();
}
