#!/usr/bin/env node
// Attacks in disguise, through the real binary with the Core Rule Set: charsets, encodings upon encodings, content types that two
// readers take for different things, multipart look-alikes; beside each the honest request that resembles it. And that the rule
// which refuses a body that cannot be read is named and can be excluded.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

if (!existsSync('/usr/share/modsecurity-crs/owasp-crs.load')) {
  console.log("needs Debian's package modsecurity-crs");
  process.exit(77);
}
let upstream;
let bulwark;
before(async () => {
  upstream = await startUpstream();
  bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
routes:
  - {path: /, upstream: app, waf: {mode: enforce}}
  - {path: /utf8, upstream: app, waf: {variables: {crs_validate_utf8_encoding: "1"}, inbound_threshold: 3}}
  - {path: /any-body, upstream: app, waf: {exclusions: [{rule: "200002", reason: it reads what it can}]}}
  - {path: /utf-16, upstream: app, waf: {exclusions: [{rule: "200012", reason: the app decodes it itself}]}}
`);
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
});
const headers = { host: 'shop.example' };  // a rule of its own dislikes addresses there
const get = (path) => send(bulwark.addresses.edge, { ca: bulwark.ca, path, headers });
const post = (type, body, path = '/') => send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', path, body, headers: { ...headers, 'content-type': type } });
const form = 'application/x-www-form-urlencoded';
const script = '<script>alert(1)</script>';
const utf16 = (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const multipart = (head, value = 'x', type = 'multipart/form-data; boundary=XyZ', rest = '--XyZ--\r\n') => post(type, `--XyZ\r\n${head}\r\n\r\n${value}\r\n${rest}`);

test('encodings upon encodings', async () => {
  for (const text of ['%u003cscript%u003ealert(1)%u003c/script%u003e', '%253Cscript%253Ealert(1)%253C/script%253E', '%26lt;script%26gt;alert(1)%26lt;/script%26gt;',
    '%3Cscr%00ipt%3Ealert(1)%3C/script%3E', '%uff1cscript%uff1ealert(1)%uff1c/script%uff1e'])
    assert.equal((await get(`/?q=${text}`)).status, 403, text);
  for (const text of ['100%25+sure', 'a%26b', 'K%C3%A4se', '1%2B1%3D2']) assert.equal((await get(`/?q=${text}`)).status, 200, text);
  for (const text of [String.raw`{"q":"\u003cscript\u003ealert(1)\u003c/script\u003e"}`, String.raw`{"q":"{\"a\":\"\\u003cscript\\u003ealert(1)\\u003c/script\\u003e\"}"}`])
    assert.equal((await post('application/json', text)).status, 403, text);
});

test('overlong UTF-8', async () => {
  for (const text of ['%C0%BCscript', '%E0%80%BCx', '%C0%AE%C0%AE/', '%F8%88%80%80%80']) assert.equal((await get(`/utf8?q=${text}`)).status, 403, text);
  assert.equal((await get('/utf8?q=K%C3%A4se+%E2%82%AC')).status, 200);
});

test('charsets that rules cannot read are refused, others are not', async () => {
  for (const charset of ['utf-16', 'UTF-16LE', 'utf-32', 'utf-7', '"utf-7"', 'ibm037', 'cp500', 'iso-2022-jp', 'hz-gb-2312', 'unheard-of', '', 'utf-8x'])
    assert.equal((await post(`${form}; charset=${charset}`, 'a=1')).status, 415, charset);
  for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'iso-8859-1', 'windows-1252', 'Shift_JIS', 'gb2312'])
    assert.notEqual((await post(`application/json; charset=${charset}`, '{"a":"b"}')).status, 415, charset);
  assert.equal((await post('application/json; charset=utf-8', '{"a":"Käse"}')).status, 200);
  assert.equal((await post('application/json', utf16(`{"q":"${script}"}`))).status, 400, 'without saying so');
  assert.equal((await post('application/xml', utf16(`<?xml version="1.0" encoding="UTF-16"?><q>${script.replaceAll('<', '&lt;')}</q>`))).status, 403, 'libxml2 reads it');
});

test('a charset can be let in by its rule', async () => {
  const type = 'application/json; charset=utf-16';
  assert.equal((await post(type, '{}', '/utf-16')).status, 403, 'the rule set has a list of its own');
  const { stdout } = await bulwark.run(['explain', (await post(type, '{}')).id]);
  assert.match(stdout, /200012/);
});

test('content types that can be read in two ways', async () => {
  for (const type of [`application/json, ${form}`, `${form}; charset=utf-8; charset=utf-7`, 'multipart/form-data; boundary=a; boundary=b', 'multipart/form-data; boundary=a, text/plain; boundary=b'])
    assert.equal((await post(type, 'a=1')).status, 400, type);
  const twice = await send(bulwark.addresses.edge, { ca: bulwark.ca, method: 'POST', body: 'a=1', headers: { ...headers, 'content-type': [form, 'application/json'] } });
  assert.equal(twice.status, 400);
  assert.equal((await post('APPLICATION/JSON', `{"q":"${script}"}`)).status, 403);
  assert.equal((await post('Application/X-WWW-Form-UrlEncoded ; Charset=UTF-8', `q=${encodeURIComponent(script)}`)).status, 403);
});

test('multipart look-alikes', async () => {
  const field = 'Content-Disposition: form-data; name="a"';
  assert.equal((await multipart(field)).status, 200);
  assert.equal((await multipart(field, script)).status, 403);
  assert.equal((await multipart('content-DISPOSITION:form-data; name="a"', script)).status, 403);
  const ambiguous = {
    'a field in single quotes': () => multipart("Content-Disposition: form-data; name='a'", script),
    'two names': () => multipart('Content-Disposition: form-data; name="a"; name="b"', script),
    'a name that goes on': () => multipart('Content-Disposition: form-data; name="a"x', script),
    'a folded header': () => multipart('Content-Disposition: form-data;\r\n\tname="a"', script),
    'no end': () => multipart(field, script, undefined, ''),
    'something behind the end': () => multipart(field, 'x', undefined, `--XyZ--\r\n${script}`),
    'lines that end in LF alone': () => post('multipart/form-data; boundary=XyZ', `--XyZ\n${field}\n\n${script}\n--XyZ--\n`),
    'a boundary without its value': () => multipart(field, script, 'multipart/form-data; boundary='),
    'a boundary in capitals': () => multipart(field, script, 'multipart/form-data; Boundary=XyZ'),
    'no boundary': () => multipart(field, script, 'multipart/form-data'),
    'a boundary that is only like it': () => multipart(field, `--XyZx\r\n${script}`, undefined, '--XyZ'),
    'a part in quoted-printable': () => multipart(`${field}\r\nContent-Transfer-Encoding: quoted-printable`, '=3Cscript=3Ealert(1)=3C/script=3E'),
    'a part in UTF-7': () => multipart(`${field}\r\nContent-Type: text/plain; charset=utf-7`, '+ADw-script+AD4-'),
  };
  for (const [name, request] of Object.entries(ambiguous)) assert.ok([400, 403].includes((await request()).status), name);
});

test('a body that cannot be read names its rule, which can be excluded', async () => {
  const refused = await post('application/json', '{"a":');
  assert.equal(refused.status, 400);
  assert.match((await bulwark.run(['explain', refused.id])).stdout, /200002/);
  assert.equal((await post('application/json', '{"a":', '/any-body')).status, 200);
});
