// The story told by Drizzle.
import { asc, count, desc, eq, gte, ilike, inArray, like, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { date, integer, jsonb, numeric, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core';
import pg from 'pg';

const people = pgTable('people', {
  id: serial('id').primaryKey(), name: text('name').notNull(), email: text('email').notNull().unique(), born: date('born'),
  score: numeric('score', { precision: 10, scale: 2 }), tags: text('tags').array(), note: text('note'),
});
const orders = pgTable('orders', {
  id: serial('id').primaryKey(), person: integer('person').notNull(), item: text('item').notNull(), amount: integer('amount').notNull(),
  placed: timestamp('placed', { withTimezone: true, mode: 'date' }).notNull(), extra: jsonb('extra'),
});

export function open(connection) {
  const pool = new pg.Pool({ ...connection, max: 4 });
  const db = drizzle(pool);
  return {
    add: async (person) => (await db.insert(people).values(person).returning())[0],
    addOrders: (person, list) => db.transaction(async (tx) => {
      await tx.select({ id: people.id }).from(people).where(eq(people.id, person)).for('update');
      return (await tx.insert(orders).values(list.map((each) => ({ ...each, person, placed: new Date(each.placed) }))).returning({ id: orders.id })).length;
    }),
    byEmail: async (email) => (await db.select({ id: people.id, name: people.name, note: people.note }).from(people).where(eq(people.email, email)).limit(1))[0],
    search: (word, limit, offset) => db.select({ id: people.id, name: people.name }).from(people).where(or(ilike(people.name, `%${word}%`), like(people.note, `${word}%`)))
      .orderBy(desc(people.name), asc(people.id)).limit(limit).offset(offset),
    many: (ids) => db.select({ id: people.id, email: people.email }).from(people).where(inArray(people.id, ids)).orderBy(asc(people.id)),
    report: (least) => db.select({ name: people.name, orders: sql`count(${orders.id})::int`, amount: sql`coalesce(sum(${orders.amount}), 0)::int` }).from(people)
      .leftJoin(orders, eq(orders.person, people.id)).groupBy(people.id, people.name).having(gte(count(orders.id), least)).orderBy(asc(people.id)).limit(20),
    rename: async (id, name) => (await db.update(people).set({ name }).where(eq(people.id, id))).rowCount,
    upsert: async (person) => (await db.insert(people).values(person).onConflictDoUpdate({ target: people.email, set: { name: sql`excluded.name`, note: sql`excluded.note` } })
      .returning({ id: people.id, name: people.name, note: people.note }))[0],
    extras: (key) => db.select({ id: orders.id, extra: orders.extra, placed: orders.placed }).from(orders).where(sql`${orders.extra} ->> 'colour' = ${key}`).orderBy(asc(orders.id)).limit(5),
    remove: async (id) => (await db.delete(people).where(eq(people.id, id))).rowCount,
    failing: (person) => db.transaction(async (tx) => {
      await tx.insert(people).values(person);
      await tx.insert(people).values(person);
    }).catch((error) => error.code ?? error.cause?.code),
    count: () => db.$count(people),
    close: () => pool.end(),
  };
}
