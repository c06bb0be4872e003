#!/usr/bin/env node
// What goes wrong on either side in the middle of traffic: a restarted server, clients that stop half way or speak out of turn, a server
// that cannot be trusted. Errors are clear, nobody sees another one's rows, and no connection is left behind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import pg from 'pg';

import { postgresBin, startPostgres } from '../../harness/postgres.mjs';
import { startGateway } from './gateway.mjs';

const SQL = 'create table own (client int primary key, n int not null default 0); insert into own select g from generate_series(0, 99) g';
let postgres;
let gateway;
const options = (more = {}, to = gateway) => ({ host: 'localhost', port: to.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: readFileSync(to.certificateFile, 'utf8') }, ...more });
const connect = async (more, to) => {
  const client = new pg.Client(options(more, to));
  client.on('error', () => {});
  await client.connect();
  return client;
};
const value = async (client, sql, values) => Object.values((await client.query(sql, values)).rows[0])[0];
const turn = () => new Promise((resolve) => setImmediate(resolve));
const backends = () => Number(postgres.psql("select count(*) from pg_stat_activity where usename = 'app'"));
const int32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n >>> 0); return b; };
const message = (type, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};
const int16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16BE(n); return b; };
const sync = message('S');

before(async () => {
  postgres = await startPostgres({ sql: SQL });
});
after(() => postgres?.stop());

for (const mode of ['session', 'transaction']) describe(`pool mode ${mode}`, { timeout: 300_000 }, () => {
  const sharing = mode === 'transaction';
  const most = sharing ? 1 : 40;   // connections
  before(async () => {
    gateway = await startGateway(postgres, `pool: {mode: ${mode}, size: ${most}, queue_timeout: 30s}\nstartup_options: [search_path]`, { workers: 1 });
  });
  after(() => gateway?.stop());

  test('a client that stops half way through a message holds no connection', async () => {
    const slow = await connect();
    const pieces = [message('Q', 'select 1').subarray(0, 9), message('P', 'a', 'select 2', int16(0)).subarray(0, 12), message('B', 'p', 'a', int16(0)).subarray(0, 6), Buffer.from('Q')];
    const other = await connect();
    for (const piece of pieces) {
      const stuck = await connect();
      stuck.connection.stream.write(piece);
      // The only connection serves the others all the same.
      for (let i = 0; i < 5; ++i) assert.equal(await value(other, `select ${i} as n`), i);
      stuck.connection.stream.destroy();
    }
    await Promise.all([slow.end(), other.end()]);
  });

  test('messages out of turn get the error that PostgreSQL gives, and the connection stays sound', async () => {
    const other = await connect();
    for (const [bytes, code] of [
      [Buffer.concat([message('E', 'nothing', int32(0)), sync]), '34000'], [Buffer.concat([message('B', '', 'nothing', int16(0), int16(0), int16(0)), sync]), '26000'],
      [Buffer.concat([message('D', Buffer.from('P'), 'nothing'), sync]), '34000'], [Buffer.concat([message('D', Buffer.from('S'), 'nothing'), sync]), '26000'],
      [Buffer.concat([message('d', Buffer.from('stray')), message('c'), message('E', 'nothing', int32(0)), sync]), '34000'],
      [Buffer.concat([message('P', '', 'select $1::int', int16(0)), message('B', '', '', int16(0), int16(0), int16(0)), sync]), '08P01'],
      [Buffer.concat([message('B', '', '', int16(0), int16(1), int32(0x7fffffff), int16(0)), sync]), '26000']]) {
      const client = await connect();
      const failed = once(client.connection, 'errorMessage');
      const handlers = client.connection.listeners('errorMessage').filter((each) => each.name.includes('bound'));
      for (const each of handlers) client.connection.removeListener('errorMessage', each);
      client.connection.stream.write(bytes);
      assert.equal((await failed)[0].code, code);
      client.connection.stream.destroy();
      assert.equal(await value(other, 'select 5 as n'), 5);
    }
    await other.end();
  });

  test('hundreds of clients that vanish at any moment leave one connection and no transaction', async () => {
    const steps = [() => {}, (c) => c.query('select 1'), (c) => c.query('begin'), (c) => c.query('begin').then(() => c.query('update own set n = n + 1 where client = 1')),
      (c) => c.query({ name: 'n', text: 'select count(*) from own where n >= $1', values: [0] }), (c) => c.query('listen news'), (c) => { c.connection.stream.write(message('Q', 'select 1').subarray(0, 7)); }];
    for (let wave = 0; wave < 5; ++wave)
      await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const client = await connect().catch(() => undefined);
        if (!client) return;
        Promise.resolve(steps[(i + wave) % steps.length](client)).catch(() => {});
        await turn();
        client.connection.stream.destroy();
      }));
    const client = await connect();
    assert.equal(await value(client, 'select n from own where client = 1'), 0);
    await client.end();
    while (backends() > most) await turn();
    while (postgres.psql("select count(*) from pg_stat_activity where usename = 'app' and state <> 'idle'") !== '0') await turn();
  });

  test('absurd lengths in the middle of a session end it in words, and nobody else notices', async () => {
    const other = await connect();
    const stray = (type, length) => Buffer.concat([Buffer.from(type), int32(length)]);
    for (const [bytes, code] of [[stray('Q', 0x1000000), '54000'], [stray('Q', 0x7fffffff), '08P01'], [stray('Q', 3), '08P01'], [stray('Q', 0), '08P01'], [stray('Q', 0xffffffff), '08P01'], [stray('P', 0x1000000), '54000'], [stray('P', 0x7ffffff0), '08P01'],
      [stray('E', 0x1000000), '08P01'], [stray('D', 0x1000000), '08P01'], [stray('C', 0x1000000), '08P01'], [stray('S', 0x1000000), '08P01'], [stray('\0', 4), '08P01'], [stray('p', 8), '08P01']]) {
      const client = await connect();
      const failed = once(client.connection, 'errorMessage');
      for (const each of client.connection.listeners('errorMessage').filter((l) => l.name.includes('bound'))) client.connection.removeListener('errorMessage', each);
      client.connection.stream.write(bytes);
      assert.equal((await failed)[0].code, code, JSON.stringify(bytes.toString('latin1')));
      client.connection.stream.destroy();
      assert.equal(await value(other, 'select 6 as n'), 6);
    }
    await other.end();
  });

  test('a client that closes its half behind a statement is let go, and leaves nothing', { timeout: 30_000 }, async () => {
    for (const text of ['select 7 as n', 'begin; update own set n = 99 where client = 2']) {
      const client = await connect();
      const closed = once(client.connection.stream, 'close');
      // The client sent nothing that it knows of: answers would find no query of its own.
      for (const name of ['rowDescription', 'dataRow', 'commandComplete', 'readyForQuery', 'errorMessage']) client.connection.removeAllListeners(name);
      client.connection.stream.end(message('Q', text));
      await closed;
    }
    const other = await connect();
    assert.equal(await value(other, 'select n from own where client = 2'), 0);
    await other.end();
  });

  test('a backend that is killed while it works ends its session in words, and the next one gets another', async () => {
    for (let i = 0; i < 5; ++i) {
      const client = await connect();
      const running = assert.rejects(client.query(`select count(*) from generate_series(1, 2000000000) /* ${i} */`), (error) => /^(57P01|08006)$/.test(error.code));
      while (postgres.psql("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'app' and state = 'active' and query like '%2000000000%'") === '0') await turn();
      await running;
      client.connection.stream.destroy();
      const next = await connect();
      assert.equal(await value(next, 'select 8 as n'), 8);
      await next.end();
    }
  });

  test('a storm of cancel requests, with right keys and wrong ones, stops only what was meant', { timeout: 60_000 }, async () => {
    const cancel = (pid, key) => new Promise((resolve) => {
      const socket = connectTcp(gateway.port, '127.0.0.1', () => socket.end(Buffer.concat([int32(16), int32(80877102), int32(pid), int32(key)])));
      socket.on('error', () => {}).on('close', resolve);
    });
    const meant = await connect();
    const others = await Promise.all(Array.from({ length: 4 }, () => connect()));
    let over = false;
    const working = others.map(async (client, i) => {
      let n = 0;
      for (; !over; ++n) assert.equal(await value(client, 'select $1::int as n', [i * 1000 + n]), i * 1000 + n);
      return n;
    });
    for (let wave = 0; wave < 20; ++wave) {
      await Promise.all([...Array.from({ length: 10 }, () => cancel(meant.processID, meant.secretKey)), ...others.flatMap((each) => [cancel(each.processID, each.secretKey + 1), cancel(each.processID + 1, each.secretKey)])]);
      await meant.query('select 1').catch((error) => assert.equal(error.code, '57014'));
    }
    over = true;
    for (const n of await Promise.all(working)) assert.ok(n > 0);
    await Promise.all([meant, ...others].map((each) => each.end()));
  });

  test('a restart of PostgreSQL in the middle of traffic', { timeout: 180_000 }, async () => {
    const many = await startGateway(postgres, `pool: {mode: ${mode}, size: ${sharing ? 4 : 20}}\nconnect_timeout: 5s`, { workers: 2 });
    let over = false;
    const codes = new Set();
    const served = Array(16).fill(0);
    const traffic = served.map(async (_, me) => {
      let client;
      while (!over) {
        try {
          client ??= await connect({}, many);
          const n = served[me];
          assert.equal(await value(client, 'select $1::int as n', [me * 1_000_000 + n]), me * 1_000_000 + n, 'its own row');
          await client.query('begin');
          assert.equal(await value(client, `select ${me} as me`), me);
          await client.query('commit');
          ++served[me];
        } catch (error) {
          if (error.code === 'ERR_ASSERTION') throw error;
          codes.add(error.code ?? error.message);
          client?.connection.stream.destroy();
          client = undefined;
          await turn();
        }
      }
      await client?.end();
    });
    const whoRuns = process.getuid() === 0 ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) } : {};
    const control = (...args) => execFileSync(join(postgresBin(), 'pg_ctl'), ['-D', join(postgres.directory, 'data'), '-w', '-l', join(postgres.directory, 'restart.log'), ...args], { stdio: 'ignore', cwd: postgres.directory, ...whoRuns });
    const allServed = async () => {
      const then = [...served];
      while (!served.every((n, i) => n > then[i] + 3)) await Promise.race([turn(), ...traffic]);
    };
    await allServed();
    control('restart', '-m', 'fast');
    try {
      await allServed();
      control('restart', '-m', 'immediate');
      await allServed();
      over = true;
      await Promise.all(traffic);
      for (const code of codes) assert.match(String(code), /^(57P01|57P02|57P03|08006|08001|53300|28000|Connection terminated.*)$/);
      await many.stop();
      const fresh = await connect();
      assert.equal(await value(fresh, 'select 1 as one'), 1, 'the other gateway goes on too');
      await fresh.end();
      while (backends() > most) await turn();
    } finally {
      over = true;
      await gateway.stop();
      control('stop', '-m', 'immediate');
      gateway = undefined;
      await postgres.stop();
      postgres = await startPostgres({ sql: SQL });
    }
  });
});

test('a server that stuffs bytes behind its TLS answer, or speaks nonsense, is not believed', async () => {
  const answers = [Buffer.from('Sstuffed'), Buffer.from('N'), Buffer.from('E\0\0\0\x08nope'), Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(0)];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => { const answer = answers[0]; answer.length ? socket.write(answer) : socket.destroy(); });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fooled = await startGateway(postgres, 'connect_timeout: 3s', { upstreamPort: server.address().port });
  try {
    for (const code of ['08P01', '08001', '08P01', '08P01', '08006']) {
      await assert.rejects(connect({}, fooled), { code }, answers[0].toString('latin1'));
      answers.shift();
    }
    await fooled.event((e) => e.rule === 'database.stuffed_tls');
  } finally {
    await fooled.stop();
    server.close();
  }
});

test('start-up settings are those allowed, and encodings are UTF-8', async () => {
  const policed = await startGateway(postgres, 'startup_options: [search_path]');
  try {
    const client = await connect({ options: '-c search_path=pg_catalog,public' }, policed);
    assert.equal(await value(client, 'show search_path'), 'pg_catalog,public');
    assert.equal(await value(client, 'show client_encoding'), 'UTF8');
    for (const encoding of ['LATIN1', 'SQL_ASCII', 'EUC_JP']) await assert.rejects(client.query(`set client_encoding = '${encoding}'`), { code: '42501' });
    await assert.rejects(client.query("select set_config('client_encoding', 'LATIN1', false)"), { code: '42501' });
    await assert.rejects(client.query("set names 'LATIN1'"), { code: '42501' });
    await client.end();
    for (const bad of ['-c statement_timeout=1', '-csearch_path=a -c log_statement=none', '--work-mem=1', '-d 5', '-c search_path', '-c Search_Path=a\\ -c\\ x=y -c x=y'])
      await assert.rejects(connect({ options: bad }, policed), { code: '42501' }, bad);
  } finally {
    await policed.stop();
  }
});

test('replication and FunctionCall are denied unless granted', async () => {
  const call = async (to) => {
    const client = await connect({}, to);
    const answer = Promise.race([once(client.connection, 'errorMessage').then(([e]) => e.code), new Promise((resolve) => client.connection.stream.on('data', (bytes) => { if (bytes.includes('V\0\0\0')) resolve('result'); }))]);
    for (const each of client.connection.listeners('errorMessage').filter((l) => l.name.includes('bound'))) client.connection.removeListener('errorMessage', each);
    // 1397 is pg_catalog.abs(integer).
    client.connection.stream.write(message('F', int32(1397), int16(1), int16(1), int16(1), int32(4), int32(-5), int16(1)));
    const seen = await answer;
    client.connection.stream.destroy();
    return seen;
  };
  postgres.psql('alter role app replication');
  const strict = await startGateway(postgres);
  const lenient = await startGateway(postgres, 'allow_replication: true\nallow_function_call: true\npool: {mode: transaction}');
  try {
    assert.equal(await call(strict), '42501');
    assert.equal(await call(lenient), 'result');
    await assert.rejects(connect({ replication: 'database' }, strict), { code: '42501' });
    const walsender = await connect({ replication: 'database' }, lenient);
    assert.equal(await value(walsender, 'select 1 as one'), 1);
    await walsender.end();
  } finally {
    await Promise.all([strict.stop(), lenient.stop()]);
  }
});

test('client certificates, where they are asked for', async () => {
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore', cwd: postgres.directory });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=clients', '-keyout', 'ca.key', '-out', 'ca.crt');
  for (const [name, ca] of [['good', true], ['self', false]]) {
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=app', '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-days', '2', '-in', `${name}.csr`, ...(ca ? ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'] : ['-signkey', `${name}.key`]), '-out', `${name}.crt`);
  }
  const read = (name) => readFileSync(join(postgres.directory, name), 'utf8');
  writeFileSync(join(postgres.directory, 'clients.pem'), read('ca.crt'));
  const asks = await startGateway(postgres, '', { clientCa: join(postgres.directory, 'clients.pem') });
  try {
    const ca = readFileSync(asks.certificateFile, 'utf8');
    const client = await connect({ ssl: { ca, cert: read('good.crt'), key: read('good.key') } }, asks);
    assert.equal(await value(client, 'select 1 as one'), 1);
    await client.end();
    await assert.rejects(connect({ ssl: { ca } }, asks));
    await assert.rejects(connect({ ssl: { ca, cert: read('self.crt'), key: read('self.key') } }, asks));
    // The certificate opens nothing without the password.
    await assert.rejects(connect({ password: 'wrong', ssl: { ca, cert: read('good.crt'), key: read('good.key') } }, asks), { code: '28P01' });
  } finally {
    await asks.stop();
  }
});

test('a login goes on after GSSAPI encryption was declined', async () => {
  const plain = await startGateway(postgres, '', { clear: true }).catch(() => undefined);
  const target = plain ?? await startGateway(postgres);
  try {
    const socket = connectTcp(target.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(Buffer.concat([int32(8), int32(80877104)]));
    assert.equal((await once(socket, 'data'))[0].toString(), 'N');
    socket.write(Buffer.concat([int32(8), int32(80877103)]));
    assert.equal((await once(socket, 'data'))[0].toString(), 'S');
    socket.destroy();
  } finally {
    await target.stop();
  }
});
