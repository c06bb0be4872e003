// The story told by TypeORM.
import 'reflect-metadata';
import typeorm from 'typeorm';

const { DataSource, EntitySchema, ILike, In, Like } = typeorm;

const Person = new EntitySchema({
  name: 'Person', tableName: 'people',
  columns: {
    id: { type: Number, primary: true, generated: true }, name: { type: 'text' }, email: { type: 'text', unique: true }, born: { type: 'date', nullable: true },
    score: { type: 'numeric', nullable: true }, tags: { type: 'text', array: true, nullable: true }, note: { type: 'text', nullable: true },
  },
  relations: { orders: { type: 'one-to-many', target: 'Order', inverseSide: 'owner' } },
});
const Order = new EntitySchema({
  name: 'Order', tableName: 'orders',
  columns: {
    id: { type: Number, primary: true, generated: true }, person: { type: Number }, item: { type: 'text' }, amount: { type: Number },
    placed: { type: 'timestamptz' }, extra: { type: 'jsonb', nullable: true },
  },
  relations: { owner: { type: 'many-to-one', target: 'Person', joinColumn: { name: 'person' }, inverseSide: 'orders' } },
});

export async function open({ host, port, user, password, database, ssl }) {
  const source = await new DataSource({ type: 'postgres', host, port, username: user, password, database, ssl, entities: [Person, Order], extra: { max: 4 }, installExtensions: false }).initialize();
  const people = source.getRepository(Person);
  return {
    add: (person) => people.save({ ...person }),
    addOrders: (person, orders) => source.transaction(async (manager) => {
      await manager.findOne(Person, { where: { id: person }, select: { id: true }, lock: { mode: 'pessimistic_write' } });
      return (await manager.insert(Order, orders.map((each) => ({ ...each, person })))).identifiers.length;
    }),
    byEmail: (email) => people.findOne({ where: { email }, select: { id: true, name: true, note: true } }),
    search: (word, limit, offset) => people.find({ select: { id: true, name: true }, where: [{ name: ILike(`%${word}%`) }, { note: Like(`${word}%`) }], order: { name: 'DESC', id: 'ASC' }, take: limit, skip: offset }),
    many: (ids) => people.find({ where: { id: In(ids) }, select: { id: true, email: true }, order: { id: 'ASC' } }),
    report: (least) => people.createQueryBuilder('p').leftJoin('p.orders', 'o').select('p.name', 'name').addSelect('count(o.id)::int', 'orders').addSelect('coalesce(sum(o.amount), 0)::int', 'amount')
      .groupBy('p.id').addGroupBy('p.name').having('count(o.id) >= :least', { least }).orderBy('p.id').limit(20).getRawMany(),
    rename: async (id, name) => (await people.update({ id }, { name })).affected,
    upsert: async (person) => {
      await people.upsert(person, ['email']);
      return people.findOne({ where: { email: person.email }, select: { id: true, name: true, note: true } });
    },
    extras: (key) => source.getRepository(Order).createQueryBuilder('o').where("o.extra ->> 'colour' = :key", { key }).orderBy('o.id').limit(5).getMany(),
    remove: async (id) => (await people.delete({ id })).affected,
    failing: (person) => source.transaction(async (manager) => {
      await manager.insert(Person, { ...person });
      await manager.insert(Person, { ...person });
    }).catch((error) => error.code),
    count: () => people.count(),
    close: () => source.destroy(),
  };
}
