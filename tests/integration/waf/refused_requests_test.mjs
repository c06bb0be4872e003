#!/usr/bin/env node
// What the edge refuses as malformed is still looked at, with the rules that its route has: the event says what was attempted.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { raw } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

let upstream;
let bulwark;

before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => {
    const rules = join(home, 'own.conf');
    writeFileSync(rules, 'SecRule REQUEST_URI "@contains marker" "id:100777,phase:1,deny,t:none,msg:\'the marker\'"\n');
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes: [{path: /, upstream: app, waf: {mode: enforce, rule_set: own}}]
waf: {rule_sets: {own: {files: [${rules}]}}}
soc: {block_loopback: false}
`;
  });
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});

test('a malformed request is judged by the rules of the first route that inspects', async () => {
  const answer = await raw(bulwark.addresses.edge, 'GET /marker HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', { ca: bulwark.ca });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  const id = /x-request-id: ([0-9a-f]{32})/.exec(answer)[1];
  const rules = (await events(bulwark, { trace: id })).map((event) => event.rule);
  assert.ok(rules.includes('100777'), `the route's own rule among ${rules}`);
});
