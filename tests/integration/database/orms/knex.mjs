// The story told by knex.
import makeKnex from 'knex';

export function open(connection) {
  const knex = makeKnex({ client: 'pg', connection, pool: { min: 1, max: 4 } });
  return {
    add: async (person) => (await knex('people').insert(person).returning('*'))[0],
    addOrders: (person, orders) => knex.transaction(async (trx) => {
      await trx('people').where({ id: person }).forUpdate().first('id');
      return (await trx('orders').insert(orders.map((each) => ({ ...each, person, extra: JSON.stringify(each.extra) }))).returning('id')).length;
    }),
    byEmail: (email) => knex('people').where({ email }).first('id', 'name', 'note'),
    search: (word, limit, offset) => knex('people').select('id', 'name').whereILike('name', `%${word}%`).orWhere('note', 'like', `${word}%`).orderBy([{ column: 'name', order: 'desc' }, 'id']).limit(limit).offset(offset),
    many: (ids) => knex('people').whereIn('id', ids).orderBy('id').select('id', 'email'),
    report: (least) => knex('people as p').leftJoin('orders as o', 'o.person', 'p.id').groupBy('p.id', 'p.name').having(knex.raw('count(o.id) >= ?', [least]))
      .orderBy('p.id').limit(20).select('p.name', knex.raw('count(o.id)::int as orders'), knex.raw('coalesce(sum(o.amount), 0)::int as amount')),
    rename: async (id, name) => knex('people').where({ id }).update({ name }),
    upsert: async (person) => (await knex('people').insert(person).onConflict('email').merge(['name', 'note']).returning(['id', 'name', 'note']))[0],
    extras: (key) => knex('orders').whereRaw("extra ->> 'colour' = ?", [key]).orderBy('id').limit(5).select('id', 'extra', 'placed'),
    remove: (id) => knex('people').where({ id }).del(),
    failing: (person) => knex.transaction(async (trx) => {
      await trx('people').insert(person);
      await trx('people').insert(person);
    }).catch((error) => error.code),
    count: async () => (await knex('people').count('* as n'))[0].n,
    close: () => knex.destroy(),
  };
}
