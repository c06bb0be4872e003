#!/usr/bin/env node
// The WAF in daily use, through the real binary: modes and rule sets by route, exclusions by rule, route and field with their
// dates, what explain shows of a finding, and that a broken rule file is named while the old rules stay.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const rules = `SecRule ARGS "@rx (?i)(?:select|union)\\s+\\w+" \\
    "id:7001,phase:2,block,capture,t:none,t:urlDecodeUni,t:lowercase,msg:'SQL words',tag:'attack-sqli',severity:'CRITICAL',\\
    setvar:'tx.anomaly_score=+5'"
SecRule ARGS "@contains needle" "id:7002,phase:2,pass,t:none,tag:'attack-needle',setvar:'tx.anomaly_score=+2'"
SecRule TX:anomaly_score "@ge %{tx.inbound_anomaly_score_threshold}" "id:7999,phase:2,deny,status:403,t:none,msg:'Score %{tx.anomaly_score}'"
`;

let upstream;
let bulwark;
let file;
before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => {
    file = `${home}/rules.conf`;
    writeFileSync(file, rules);
    writeFileSync(`${home}/other.conf`, 'SecRule ARGS "@streq other" "id:8001,phase:2,deny,status:406,t:none,msg:\'Other\'"\n');
    return `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
waf:
  rules: ["${file}"]
  rule_sets: {other: {files: ["${home}/other.conf"]}}
routes:
  - {path: /, upstream: app, waf: {mode: enforce}}
  - {path: /watched, upstream: app, waf: {mode: monitor}}
  - {path: /trusted, upstream: app, waf: {mode: "off"}}
  - {path: /other, upstream: app, waf: {rule_set: other}}
  - {path: /lenient, upstream: app, waf: {inbound_threshold: 6}}
  - {path: /by-rule, upstream: app, waf: {exclusions: [{rule: "7001", reason: a test, expires: ${day(1)}}]}}
  - {path: /by-tag, upstream: app, waf: {exclusions: [{rule: "tag:attack-sqli", reason: a test}]}}
  - {path: /by-range, upstream: app, waf: {exclusions: [{rule: "7001-7002", reason: a test}]}}
  - {path: /by-field, upstream: app, waf: {exclusions: [{rule: "7001", field: "ARGS:comment", reason: free text, expires: ${day(0)}}]}}
  - {path: /by-fields, upstream: app, waf: {exclusions: [{rule: "7001", field: "ARGS:/^free_/", reason: free text}]}}
  - {path: /expired, upstream: app, waf: {exclusions: [{rule: "7001", reason: a test, expires: ${day(-1)}}]}}
`;
  });
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});
const get = (path) => send(bulwark.addresses.edge, { ca: bulwark.ca, path });
const attack = 'union%20select';

test('modes by route', async () => {
  assert.equal((await get(`/?q=${attack}`)).status, 403);
  const watched = await get(`/watched?q=${attack}`);
  assert.equal(watched.status, 200);
  assert.match((await bulwark.run(['explain', watched.id])).stdout, /7001/);
  const trusted = await get(`/trusted?q=${attack}`);
  assert.equal(trusted.status, 200);
  assert.doesNotMatch((await bulwark.run(['explain', trusted.id])).stdout, /7001/);
  assert.equal((await get(`/lenient?q=${attack}`)).status, 200);
  assert.equal((await get(`/lenient?q=${attack}&b=needle`)).status, 403);
});

test('rule sets side by side', async () => {
  assert.equal((await get(`/other?q=${attack}`)).status, 200);
  assert.equal((await get('/other?q=other')).status, 406);
  assert.equal((await get('/?q=other')).status, 200);
});

test('exclusions by rule, tag, range and field, until their day has passed', async () => {
  for (const [path, status] of [
    [`/by-rule?q=${attack}`, 200], [`/by-tag?q=${attack}`, 200], [`/by-range?q=${attack}&b=needle`, 200], [`/expired?q=${attack}`, 403],
    [`/by-field?comment=${attack}`, 200], [`/by-field?COMMENT=${attack}`, 200], [`/by-field?q=${attack}`, 403],
    [`/by-field?comment=${attack}&q=${attack}`, 403], [`/by-fields?free_text=${attack}`, 200], [`/by-fields?unfree_text=${attack}`, 403]])
    assert.equal((await get(path)).status, status, path);
});

test('explain shows rule, field, matched bytes, decoded form and score, and no secret', async () => {
  const { id } = await get(`/?q=a%2520UNION%2520select`);
  const { stdout } = await bulwark.run(['explain', id]);
  for (const part of [/7001/, /SQL words/, /ARGS:q/, /matched: union select\n/, /value: a%20UNION%20select\n/, /decoded: a union select\n/, /score: 5\n/, /file: .*rules\.conf\n/])
    assert.match(stdout, part);
  const secret = await get(`/?password=${attack}`);
  const explained = (await bulwark.run(['explain', secret.id])).stdout;
  assert.match(explained, /ARGS:password/);
  assert.doesNotMatch(explained, /union select/i);
});

test('a broken rule file is refused with its place, and the old rules stay', async () => {
  for (const [line, column, text, message] of [
    [2, 1, '\nSecRulez ARGS "@rx a" "id:1"', /SecRulez is not supported/],
    [1, 1, 'SecRule ARGS "@rx (" "id:1,phase:2"', /does not compile/],
    [1, 1, 'SecRule ARGS "@unheard of" "id:1,phase:2"', /unknown operator/],
    [1, 22, 'SecRule ARGS "@rx a" "id:1,phase:2,explode"', /explode is not supported/],
    [1, 14, 'SecRule ARGS "@rx a', /quote is never closed/],
    [3, 1, '\n\nSecRule ARGS "@rx a" "id:7001,phase:2,pass"\nSecRule ARGS "@rx b" "id:7001,phase:2,pass"', undefined]]) {
    writeFileSync(file, text);
    const { code, stderr } = await bulwark.reload();
    assert.notEqual(code, 0, text);
    const place = message ? `rules.conf:${line}:${column}: ` : 'rules.conf:4:1: rule id 7001 is used twice';
    assert.ok(stderr.includes(place), `${stderr} lacks ${place}`);
    if (message) assert.match(stderr, message);
    assert.equal((await get(`/?q=${attack}`)).status, 403, 'the old rules stay');
  }
  writeFileSync(file, rules.replaceAll('needle', 'thread'));
  assert.equal((await bulwark.reload()).code, 0);
  assert.match((await bulwark.run(['explain', (await get('/?q=thread')).id])).stdout, /7002/);
});

test('an exclusion that means nothing, or a date that is none, is refused', async () => {
  const yaml = readFileSync(bulwark.configFile, 'utf8');
  for (const [from, to, words] of [['rule: "7001-7002"', 'rule: "1-2"', /'1-2' names no rule/], [day(1), '2027-13-77', /2027-13-77/], ['ARGS:comment', 'ARGZ:comment', /ARGZ/]]) {
    const { code, stderr } = await bulwark.reload(yaml.replace(from, to));
    assert.notEqual(code, 0);
    assert.match(stderr, words);
  }
  assert.equal((await bulwark.reload(yaml)).code, 0);
});
