// The story told by Kysely.
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

export function open(connection) {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: 4 }) }) });
  return {
    add: (person) => db.insertInto('people').values(person).returningAll().executeTakeFirst(),
    addOrders: (person, orders) => db.transaction().execute(async (trx) => {
      await trx.selectFrom('people').select('id').where('id', '=', person).forUpdate().execute();
      return (await trx.insertInto('orders').values(orders.map((each) => ({ ...each, person, extra: JSON.stringify(each.extra) }))).returning('id').execute()).length;
    }),
    byEmail: (email) => db.selectFrom('people').select(['id', 'name', 'note']).where('email', '=', email).executeTakeFirst(),
    search: (word, limit, offset) => db.selectFrom('people').select(['id', 'name']).where((eb) => eb.or([eb('name', 'ilike', `%${word}%`), eb('note', 'like', `${word}%`)]))
      .orderBy('name', 'desc').orderBy('id').limit(limit).offset(offset).execute(),
    many: (ids) => db.selectFrom('people').select(['id', 'email']).where('id', 'in', ids).orderBy('id').execute(),
    report: (least) => db.selectFrom('people as p').leftJoin('orders as o', 'o.person', 'p.id').groupBy(['p.id', 'p.name'])
      .select(['p.name', sql`count(o.id)::int`.as('orders'), sql`coalesce(sum(o.amount), 0)::int`.as('amount')])
      .having((eb) => eb.fn.count('o.id'), '>=', least).orderBy('p.id').limit(20).execute(),
    rename: async (id, name) => Number((await db.updateTable('people').set({ name }).where('id', '=', id).executeTakeFirst()).numUpdatedRows),
    upsert: (person) => db.insertInto('people').values(person).onConflict((oc) => oc.column('email').doUpdateSet({ name: (eb) => eb.ref('excluded.name'), note: (eb) => eb.ref('excluded.note') }))
      .returning(['id', 'name', 'note']).executeTakeFirst(),
    extras: (key) => db.selectFrom('orders').select(['id', 'extra', 'placed']).where(sql`extra ->> 'colour'`, '=', key).orderBy('id').limit(5).execute(),
    remove: async (id) => Number((await db.deleteFrom('people').where('id', '=', id).executeTakeFirst()).numDeletedRows),
    failing: (person) => db.transaction().execute(async (trx) => {
      await trx.insertInto('people').values(person).execute();
      await trx.insertInto('people').values(person).execute();
    }).catch((error) => error.code),
    count: async () => (await db.selectFrom('people').select((eb) => eb.fn.countAll().as('n')).executeTakeFirst()).n,
    close: () => db.destroy(),
  };
}
