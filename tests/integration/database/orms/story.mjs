// One story for every ORM: a seeded run of what an app does, with honest text that looks like SQL. Its results depend on the seed alone.
import { open as drizzle } from './drizzle.mjs';
import { open as knex } from './knex.mjs';
import { open as kysely } from './kysely.mjs';
import { open as sequelize } from './sequelize.mjs';
import { open as typeorm } from './typeorm.mjs';

export const ORMS = { drizzle, knex, kysely, sequelize, typeorm };

const NAMES = ["O'Brien", 'Ada Lovelace', '1 OR 1=1', "Robert'); DROP TABLE students;--", 'select * from people', 'Müller, Jörg', 'name desc', 'is not null order by',
  '100%_sure', "d'Arc -- Joan", '/* no comment */', 'union select', "''", '\\', 'José "Pepe" García', '日本 太郎', '$1', 'true', 'null', "'; select pg_sleep(10) --", 'a@b.example'];
const NOTES = [null, 'likes tea', "it's where id = 1", 'see "orders" where amount > 5 and person = 1', '{"json": true}', 'left join orders on orders.person = people.id', ';', '(1, 2, 3)'];
const COLOURS = ['red', 'blue', "o'range", '1=1'];

/** Marsaglia's xorshift32: the same numbers for the same seed on every machine. */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % below;
  };
}

/**
 * `rounds` times everything that an app does. `asUser(inputs, work)` runs `work` as one request with these inputs.
 * Resolves to the results, in order.
 */
export async function tell(orm, { rounds, seed, tag, asUser = (_inputs, work) => work() }) {
  const next = random(seed);
  const pick = (list) => list[next(list.length)];
  const results = [];
  const ids = [];
  for (let round = 0; round < rounds; ++round) {
    const name = pick(NAMES);
    const note = pick(NOTES);
    const word = pick(NAMES);
    const colour = pick(COLOURS);
    const person = { name, email: `${tag}-${round}@example.com`, born: `19${50 + next(50)}-0${1 + next(9)}-1${next(9)}`, score: `${next(1000)}.25`, tags: ['a', name], note };
    const orders = Array.from({ length: 1 + next(4) }, () => ({ item: pick(NAMES), amount: next(10), placed: new Date(1.7e12 + next(1e9)).toISOString(), extra: { colour, n: next(5) } }));
    await asUser({ name, note: note ?? '', word, colour }, async () => {
      const added = await orm.add(person);
      ids.push(added.id);
      results.push(added, await orm.addOrders(added.id, orders), await orm.byEmail(person.email), await orm.search(word, 1 + next(10), next(3)),
        await orm.many(ids.slice(-1 - next(6))), await orm.report(next(3)), await orm.rename(added.id, word), await orm.upsert({ email: person.email, name: `${name}!`, note }),
        await orm.extras(colour), await orm.failing({ ...person, email: `${tag}-x${round}@example.com` }), await orm.count());
      if (next(2)) results.push(await orm.remove(ids.splice(next(ids.length), 1)[0]));
    });
  }
  return results;
}
