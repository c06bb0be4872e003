// The story told by Sequelize.
import { DataTypes, Op, Sequelize, Transaction } from 'sequelize';

export function open({ host, port, user, password, database, ssl }) {
  const db = new Sequelize(database, user, password, { host, port, dialect: 'postgres', dialectOptions: ssl ? { ssl } : {}, logging: false, pool: { min: 1, max: 4 } });
  const Person = db.define('person', {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, name: DataTypes.TEXT, email: DataTypes.TEXT, born: DataTypes.DATEONLY,
    score: DataTypes.DECIMAL(10, 2), tags: DataTypes.ARRAY(DataTypes.TEXT), note: DataTypes.TEXT,
  }, { tableName: 'people', timestamps: false });
  const Order = db.define('order', {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, person: DataTypes.INTEGER, item: DataTypes.TEXT, amount: DataTypes.INTEGER,
    placed: DataTypes.DATE, extra: DataTypes.JSONB,
  }, { tableName: 'orders', timestamps: false });
  Person.hasMany(Order, { foreignKey: 'person' });
  return {
    add: async (person) => (await Person.create(person)).get({ plain: true }),
    addOrders: (person, orders) => db.transaction(async (transaction) => {
      await Person.findByPk(person, { attributes: ['id'], lock: Transaction.LOCK.UPDATE, transaction });
      return (await Order.bulkCreate(orders.map((each) => ({ ...each, person })), { transaction })).length;
    }),
    byEmail: (email) => Person.findOne({ where: { email }, attributes: ['id', 'name', 'note'], raw: true }),
    search: (word, limit, offset) => Person.findAll({ attributes: ['id', 'name'], raw: true, limit, offset, order: [['name', 'DESC'], ['id', 'ASC']],
      where: { [Op.or]: [{ name: { [Op.iLike]: `%${word}%` } }, { note: { [Op.like]: `${word}%` } }] } }),
    many: (ids) => Person.findAll({ where: { id: ids }, attributes: ['id', 'email'], order: ['id'], raw: true }),
    report: (least) => Person.findAll({ raw: true, subQuery: false, limit: 20, order: ['id'], group: ['person.id', 'person.name'], include: [{ model: Order, attributes: [] }],
      attributes: ['name', [db.literal('count(orders.id)::int'), 'orders'], [db.literal('coalesce(sum(orders.amount), 0)::int'), 'amount']],
      having: db.where(db.fn('count', db.col('orders.id')), Op.gte, least) }),
    rename: async (id, name) => (await Person.update({ name }, { where: { id } }))[0],
    upsert: async (person) => (({ id, name, note }) => ({ id, name, note }))((await Person.upsert(person, { fields: ['name', 'note', 'email'], conflictFields: ['email'] }))[0].get({ plain: true })),
    extras: (key) => Order.findAll({ where: { extra: { colour: key } }, attributes: ['id', 'extra', 'placed'], order: ['id'], limit: 5, raw: true }),
    remove: (id) => Person.destroy({ where: { id } }),
    failing: (person) => db.transaction(async (transaction) => {
      await Person.create(person, { transaction });
      await Person.create(person, { transaction });
    }).catch((error) => error.parent?.code ?? error.message),
    count: () => Person.count(),
    close: () => db.close(),
  };
}
