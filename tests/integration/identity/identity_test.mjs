#!/usr/bin/env node
// Users prove who they are with tokens of a real OpenID provider (fetched keys, rotation, all three algorithms) and with API keys;
// the app hears who it is from Bulwark alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createSecretKey, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Provider from 'oidc-provider';

import { events } from '../../harness/admin.mjs';
import { startBulwark } from '../../harness/bulwark.mjs';
import { send } from '../../harness/http.mjs';
import { startUpstream } from '../../harness/upstream.mjs';

const AUDIENCE = 'https://shop.example';
const ALGORITHMS = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}] };

const makeKey = (alg, kid) => ({ ...generateKeyPairSync(...ALGORITHMS[alg]).privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' });
const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** An OpenID provider over HTTPS whose keys can be exchanged; token(alg) asks its token endpoint as a service does. */
async function startProvider(directory) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(directory, 'idp.key'), '-out', join(directory, 'idp.crt')], { stdio: 'ignore' });
  const certificate = readFileSync(join(directory, 'idp.crt'), 'utf8');
  let provider;
  const server = createServer({ key: readFileSync(join(directory, 'idp.key')), cert: certificate }, (request, response) => {
    if (request.url.startsWith('/jwks')) ++self.fetches;
    provider.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `https://localhost:${server.address().port}`;
  const self = {
    issuer, certificate: join(directory, 'idp.crt'), fetches: 0,
    use(keys) {
      self.keys = keys;
      provider = new Provider(issuer, {
        jwks: { keys },
        clients: Object.keys(ALGORITHMS).map((alg) => ({ client_id: `service-${alg}`, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] })),
        features: {
          devInteractions: { enabled: false },
          clientCredentials: { enabled: true },
          resourceIndicators: {
            enabled: true,
            defaultResource: () => AUDIENCE,
            getResourceServerInfo: (context, resource, client) => ({ scope: 'read', audience: resource, accessTokenTTL: 600, accessTokenFormat: 'jwt', jwt: { sign: { alg: client.clientId.slice('service-'.length) } } }),
          },
        },
        extraTokenClaims: () => ({ tenant: 'acme', roles: ['buyer', 'editor'] }),
      });
    },
    async token(alg) {
      const answer = await send(`127.0.0.1:${server.address().port}`, {
        ca: certificate, method: 'POST', path: '/token', body: 'grant_type=client_credentials',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${Buffer.from(`service-${alg}:secret`).toString('base64')}` },
      });
      assert.equal(answer.status, 200, answer.body);
      return JSON.parse(answer.body).access_token;
    },
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
  return self;
}

let directory, provider, upstream, bulwark;
const ask = (path, headers = {}) => send(bulwark.addresses.edge, { ca: bulwark.ca, path, headers });
const bearer = (token) => ({ authorization: `Bearer ${token}` });

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bulwark-identity-'));
  provider = await startProvider(directory);
  provider.use(Object.keys(ALGORITHMS).map((alg) => makeKey(alg, `${alg}-1`)));
  upstream = await startUpstream();
  bulwark = await startBulwark((own) => `data_dir: ${own}/data
listen: 127.0.0.1:0
upstreams: {app: {servers: ["http://127.0.0.1:${upstream.port}"]}}
identity:
  issuers:
    - issuer: ${provider.issuer}
      audiences: [${AUDIENCE}]
      jwks_url: ${provider.issuer}/jwks
      ca_file: ${provider.certificate}
      min_refresh: 50ms
routes:
  - {path: /, upstream: app, waf: {mode: off}}
  - {path: /members, upstream: app, waf: {mode: off}, identity: {require: any}}
  - {path: /edit, upstream: app, waf: {mode: off}, identity: {require: [editor, admin]}}
  - {path: /admin, upstream: app, waf: {mode: off}, identity: {require: [admin]}}
`);
});
after(async () => {
  await bulwark?.stop();
  await upstream?.stop();
  await provider?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('tokens of each algorithm open what their roles allow, and the app is told', async () => {
  for (const alg of Object.keys(ALGORITHMS)) {
    const token = await provider.token(alg);
    for (const [path, status] of [['/', 200], ['/members', 200], ['/edit', 200], ['/admin', 403]])
      assert.equal((await ask(path, bearer(token))).status, status, `${alg} ${path}`);
    const last = upstream.requests.at(-1).headers;
    assert.equal(last['x-bulwark-user'], `service-${alg}`);
    assert.equal(last['x-bulwark-tenant'], 'acme');
    assert.equal(last['x-bulwark-roles'], 'buyer,editor');
    assert.equal(last.authorization, `Bearer ${token}`);
  }
});

test('nobody gets in without a credential, and headers of ours from clients reach nobody', async () => {
  const refused = await ask('/members');
  assert.equal(refused.status, 401);
  assert.match(refused.headers['www-authenticate'], /^Bearer/);
  assert.equal((await ask('/', { 'x-bulwark-user': 'root', X_Bulwark_Roles: 'admin' })).status, 200);
  const last = upstream.requests.at(-1).headers;
  assert.deepEqual(Object.keys(last).filter((name) => /^x.bulwark/.test(name)), []);
});

test('forged, altered and borrowed tokens are refused, and each refusal is an authentication event', async () => {
  const good = await provider.token('RS256');
  const [header, payload, signature] = good.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const rsa = provider.keys.find((key) => key.alg === 'RS256');
  const signed = (head, body, key = createPrivateKey({ key: rsa, format: 'jwk' })) => {
    const input = `${base64url(head)}.${base64url(body)}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  };
  const head = { alg: 'RS256', kid: 'RS256-1', typ: 'at+jwt' };
  const publicPem = Buffer.from(JSON.stringify({ kty: rsa.kty, n: rsa.n, e: rsa.e }));
  const hmacInput = `${base64url({ ...head, alg: 'HS256' })}.${payload}`;
  const now = Math.floor(Date.now() / 1000);
  const bad = {
    'no signature': `${base64url({ alg: 'none' })}.${payload}.`,
    'alg none with signature': `${base64url({ alg: 'none' })}.${payload}.${signature}`,
    'public key as shared secret': `${hmacInput}.${createHmac('sha256', createSecretKey(publicPem)).update(hmacInput).digest('base64url')}`,
    'altered claims': `${header}.${base64url({ ...claims, roles: ['admin'] })}.${signature}`,
    'a stranger\'s key': signed(head, claims, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    'key in the header': signed({ ...head, jwk: { kty: 'RSA', n: rsa.n, e: rsa.e }, kid: 'mine' }, claims),
    'unknown critical extension': signed({ ...head, crit: ['x'], x: 1 }, claims),
    'another audience': signed(head, { ...claims, aud: 'https://other.example' }),
    'another issuer': signed(head, { ...claims, iss: 'https://other.example' }),
    expired: signed(head, { ...claims, exp: now - 120 }),
    'not valid yet': signed(head, { ...claims, nbf: now + 3600 }),
    'no expiry': signed(head, { ...claims, exp: undefined }),
    'id token type': signed({ ...head, typ: 'logout+jwt' }, claims),
    'too long': signed(head, { ...claims, filler: 'x'.repeat(9000) }),
  };
  assert.equal((await ask('/members', bearer(signed(head, claims)))).status, 200, 'the forge itself is right');
  for (const [name, token] of Object.entries(bad)) assert.equal((await ask('/members', bearer(token))).status, 401, name);
  assert.equal((await ask('/', bearer(bad.expired))).status, 200, 'an open route stays open');
  const deadline = Date.now() + 10_000;
  let found = [];
  while (found.length < Object.keys(bad).length && Date.now() < deadline) found = (await events(bulwark, { plane: 'identity', limit: 100 })).filter((event) => event.rule === 'identity.jwt');
  assert.ok(found.length >= Object.keys(bad).length, `${found.length} authentication events`);
  assert.ok(!JSON.stringify(found).includes(signature), 'no token in an event');
});

test('a rotation is followed without a restart, and withdrawn keys open nothing any more', async () => {
  const old = await provider.token('ES256');
  assert.equal((await ask('/members', bearer(old))).status, 200);
  provider.use(Object.keys(ALGORITHMS).map((alg) => makeKey(alg, `${alg}-2`)));
  const fresh = await provider.token('ES256');
  const deadline = Date.now() + 10_000;
  let status;
  do status = (await ask('/members', bearer(fresh))).status; while (status !== 200 && Date.now() < deadline);
  assert.equal(status, 200);
  assert.equal((await ask('/members', bearer(old))).status, 401);
});

test('unknown key ids do not make the provider work', async () => {
  const before = provider.fetches;
  const stranger = (kid) => `${base64url({ alg: 'RS256', kid })}.${base64url({ iss: provider.issuer, aud: AUDIENCE, sub: 'x', exp: 9e9 })}.c2ln`;
  const began = Date.now();
  await Promise.all(Array.from({ length: 200 }, (_, i) => ask('/members', bearer(stranger(`k${i}`))).then((answer) => assert.equal(answer.status, 401))));
  assert.ok(provider.fetches - before <= 2 + (Date.now() - began) / 50, `${provider.fetches - before} fetches`);
});

test('API keys are made, used, never passed on, and revoked', async () => {
  const made = await bulwark.run(['key', 'new', '--user', 'ci', '--tenant', 'acme', '--role', 'editor']);
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.match(/bwk_[0-9a-f]{16}_[\w-]{43}/)[0];
  const until = async (status, path, headers) => {
    const deadline = Date.now() + 10_000;
    let answer;
    do answer = await ask(path, headers); while (answer.status !== status && Date.now() < deadline);
    assert.equal(answer.status, status);
  };
  await until(200, '/edit', { 'x-api-key': key });
  assert.equal(upstream.requests.at(-1).headers['x-bulwark-user'], 'ci');
  assert.equal(upstream.requests.at(-1).headers['x-api-key'], undefined);
  assert.equal((await ask('/members', bearer(key))).status, 200);
  assert.equal(upstream.requests.at(-1).headers.authorization, undefined);
  assert.equal((await ask('/members', { 'x-api-key': `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}` })).status, 401);
  assert.equal((await ask('/members', { 'x-api-key': key, ...bearer(await provider.token('EdDSA')) })).status, 401, 'two credentials');
  const revoked = await bulwark.run(['key', 'revoke', key.slice(4, 20)]);
  assert.equal(revoked.code, 0, revoked.stderr);
  await until(401, '/edit', { 'x-api-key': key });
});
