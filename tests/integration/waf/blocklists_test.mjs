#!/usr/bin/env node
// @rbl through the real listener: a name server on loopback says which clients are listed; one that says nothing lets them pass,
// and an event tells so.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const asked = [];
let server;
let upstream;
let bulwark;

/** The name of a query's question (RFC 1035 §4.1.2), and where the question ends. */
function question(query) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  return { name: labels.join('.'), end: at + 5 };
}

/** Lists 127.0.0.1 in bad.example, nobody in good.example, and does not answer for anything else. */
function answer(query) {
  const { name, end } = question(query);
  asked.push(name);
  if (!name.endsWith('bad.example') && !name.endsWith('good.example')) return null;
  const listed = name === '1.0.0.127.bad.example';
  const reply = Buffer.from(query.subarray(0, end));
  reply.writeUInt16BE(listed ? 0x8180 : 0x8183, 2);
  reply.fill(0, 6, 12);
  reply[7] = listed ? 1 : 0;
  return listed ? Buffer.concat([reply, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 2])]) : reply;
}

before(async () => {
  server = createSocket('udp4');
  server.on('message', (query, from) => {
    const reply = answer(query);
    if (reply) server.send(reply, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => {
    const rules = ['bad', 'good', 'silent'].map((zone, i) => {
      const file = join(home, `${zone}.conf`);
      writeFileSync(file, `SecRule REMOTE_ADDR "@rbl ${zone}.example" "id:${i + 1},phase:1,deny,msg:'listed by ${zone}'"\n`);
      return `${zone}: {files: [${file}]}`;
    });
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes:
  - {path: /bad, upstream: app, waf: {rule_set: bad}}
  - {path: /good, upstream: app, waf: {rule_set: good}}
  - {path: /silent, upstream: app, waf: {rule_set: silent}}
waf: {rule_sets: {${rules.join(', ')}}, blocklists: {servers: ["127.0.0.1:${server.address().port}"], timeout: 5s}}
soc: {block_loopback: false}
`;
  });
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
  server?.close();
});

const get = (path) => send(bulwark.addresses.edge, { ca: bulwark.ca, path, headers: { host: 'shop.example' } });

test('a listed client is refused at its first request, and the list is asked once', async () => {
  for (let i = 0; i < 5; ++i) assert.equal((await get('/bad')).status, 403);
  assert.equal(asked.filter((name) => name === '1.0.0.127.bad.example').length, 1);
});

test('a client that is not listed passes', async () => {
  assert.equal((await get('/good')).status, 200);
  assert.ok(asked.includes('1.0.0.127.good.example'));
});

test('a list that does not answer lets everybody pass, and an event says so', async () => {
  const answered = await get('/silent');
  assert.equal(answered.status, 200);
  const seen = (await events(bulwark, { trace: answered.id })).map((event) => event.rule);
  assert.ok(seen.includes('waf.blocklist'), `${seen}`);
});
