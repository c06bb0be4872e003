// Runs of the story and of pgbench through the gateway: first learning, then with the allow-list and taint enforcing. Counts every
// statement that the gateway put on record and every one that it held against somebody.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { postgresBin, startPostgres } from '../../../harness/postgres.mjs';
import { startGateway } from '../gateway.mjs';
import { ORMS, tell } from './story.mjs';

const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');

/** A server with the story's tables, owned by the role that works on them. */
export async function storyServer() {
  const postgres = await startPostgres({ roles: { app: 'app-secret' } });
  postgres.psql(`set role app; ${schema}`);
  return postgres;
}

export const direct = (postgres) => ({ host: 'localhost', port: postgres.port, user: 'app', password: 'app-secret', database: 'app', ssl: { ca: postgres.certificate } });
export const through = (gateway) => ({ ...direct({ port: gateway.port, certificate: readFileSync(gateway.certificateFile, 'utf8') }) });

/** The tables as new: two runs of one seed must give the same ids. */
export const empty = (postgres) => postgres.psql('truncate people, orders restart identity');

/** Enters each round's inputs as a request in flight, so that taint has something to compare. */
export function asUserOf(gateway) {
  return async (inputs, work) => {
    const trace = randomBytes(16).toString('hex');
    await gateway.order({ enter: trace, inputs });
    try {
      return await work();
    } finally {
      await gateway.order({ leave: trace });
    }
  };
}

export async function tellWith(name, connection, options) {
  const orm = await ORMS[name](connection);
  try {
    return JSON.parse(JSON.stringify(await tell(orm, options)));
  } finally {
    await orm.close();
  }
}

function pgbench(gateway, mode, transactions) {
  const args = ['-M', mode, '-n', '-c', '4', '-j', '1', '-t', String(Math.ceil(transactions / 4)), `host=localhost port=${gateway.port} user=app dbname=app sslmode=require`];
  execFileSync(join(postgresBin(), 'pgbench'), args, { stdio: 'pipe', env: { ...process.env, PGPASSWORD: 'app-secret' } });
}

/**
 * `rounds` of the story with every ORM and `transactions` of pgbench in every mode. Resolves to { statements, held: [events] }:
 * what ran while enforcing, and what of it was refused or reported.
 */
export async function falseBlocks({ rounds, transactions, say = () => {} }) {
  const postgres = await storyServer();
  const guards = (mode) => `guards: {taint: true, allow_list: {mode: ${mode}, file: ${postgres.directory}/statements.list}}`;
  const gateway = await startGateway(postgres, guards('learn'));
  try {
    execFileSync(join(postgresBin(), 'pgbench'), ['-i', '-s', '1', '-q', '-h', postgres.directory, '-p', String(postgres.port), '-U', 'app', 'app'],
      { stdio: 'pipe', env: { ...process.env, PGPASSWORD: 'app-secret' } });
    const work = async (seed, roundsOfEach, transactionsOfEach) => {
      for (const name of Object.keys(ORMS)) {
        empty(postgres);
        await tellWith(name, through(gateway), { rounds: roundsOfEach, seed, tag: name, asUser: asUserOf(gateway) });
        say(name);
      }
      for (const mode of ['simple', 'extended', 'prepared']) {
        pgbench(gateway, mode, transactionsOfEach);
        say(`pgbench ${mode}`);
      }
    };
    await work(7, 40, 20);
    gateway.rewrite(guards('enforce'));
    await gateway.order({ reload: true });
    const probe = asUserOf(gateway);
    const before = gateway.events.length;
    await work(1234567, rounds, transactions);
    // An injection at the end shows that enforcing was on, and that every event before it has arrived.
    const trap = { ...through(gateway), user: 'app' };
    const { default: pg } = await import('pg');
    const client = new pg.Client(trap);
    await client.connect();
    const refused = await probe({ q: "' or 1=1 -- " }, () => client.query("select * from people where name = '' or 1=1 -- '").then(() => false, (error) => error.code === '42501'));
    await client.end();
    if (!refused) throw new Error('the guards were not enforcing');
    const trapped = await gateway.event((event) => event.rule === 'database.taint');
    const seen = gateway.events.slice(before, gateway.events.indexOf(trapped)).filter((event) => event.class === 6005);
    return { statements: seen.length, held: seen.filter((event) => event.rule !== '') };
  } finally {
    await gateway.stop();
    await postgres.stop();
  }
}
