// An app that is VULNERABLE ON PURPOSE: every way in which apps build SQL from text, one a route. It exists to stand behind Bulwark
// and to be attacked; never run it where anyone else can reach it. points.mjs names the routes.
//
// Environment: PORT (0: the kernel chooses; printed), DATABASE_URL, DATABASE_CA (PEM file), MODEL_URL (an OpenAI-compatible …/v1).
import express from 'express';
import { readFileSync } from 'node:fs';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  ssl: process.env.DATABASE_CA ? { ca: readFileSync(process.env.DATABASE_CA, 'utf8') } : undefined,
  max: 4,
});
pool.on('error', (error) => console.error('database connection lost:', error.message));

/** Runs SQL with the trace of the request that caused it, as an SQL comment (the sqlcommenter convention). */
async function query(request, text, values) {
  const trace = request.headers.traceparent;
  const result = await pool.query(trace ? `${text} /*traceparent='${trace}'*/` : text, values);
  return Array.isArray(result) ? result[0] : result;   // stacked statements have several
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());
app.use(express.urlencoded({ extended: false }));

const cookie = (request, name) => decodeURIComponent(new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1] ?? '');
/** Shows rows, and the database's own words when it fails. */
const open = (build) => async (request, response) => {
  try {
    response.json((await query(request, await build(request))).rows);
  } catch (error) {
    response.status(500).json({ error: error.message });
  }
};
/** Says only whether there were rows. */
const blind = (build) => async (request, response) => {
  const found = await query(request, build(request)).then((result) => result.rowCount > 0, () => false);
  response.send(found ? 'yes, there is one' : 'no, there is none');
};
/** Says nothing at all. */
const silent = (build) => async (request, response) => {
  await query(request, build(request)).catch(() => {});
  response.send('thank you');
};

app.get('/search', open((r) => `select id, name, price from products where name ilike '%${r.query.q}%' order by id`));
app.get('/product', open((r) => `select id, name, price from products where id = ${r.query.id}`));
app.get('/sorted', open((r) => `select id, name from products order by ${r.query.by}`));
app.get('/page', open((r) => `select id, name from products order by id limit ${r.query.size}`));
app.get('/many', open((r) => `select id, name from products where id in (${r.query.ids})`));
app.get('/report', open((r) => `select ${r.query.column}, count(*) from products group by 1`));
app.get('/category/:name', open((r) => `select id, name from products where (category = '${r.params.name}' and stock >= 0) order by id`));
app.get('/gift', open((r) => `select id, total from orders where data->>'ref' = '${r.query.ref}'`));
app.get('/token', open((r) => `select id, name from products where category = '${Buffer.from(String(r.query.t), 'base64').toString()}'`));
app.get('/exists', blind((r) => `select 1 from customers where email = '${r.query.email}'`));
app.get('/stock', silent((r) => `select stock from products where id = ${r.query.id}`));
app.get('/me', blind((r) => `select 1 from sessions where token = '${cookie(r, 'session')}'`));
app.get('/home', silent((r) => `insert into visits (page, agent) values ('home', '${r.headers['user-agent']}')`));
app.get('/partner', open((r) => `select id, name from customers where name = '${r.headers['x-partner']}'`));
app.post('/subscribe', silent((r) => `insert into visits (agent, page) values ('form', '${r.body.email}')`));
app.post('/profile', open((r) => `update customers set bio = '${r.body.bio}' where id = 1 returning id`));
app.post('/forget', silent((r) => `delete from visits where page = '${r.body.page}'`));
app.post('/api/find', open((r) => `select id, name from customers where name = '${r.body.name}'`));
app.post('/api/filter', open((r) => `select id, name from products where stock > ${r.body.filter.stock} order by id`));

// Second order: what is stored safely here …
app.post('/draft', async (request, response) => {
  await query(request, 'update drafts set title = $1 where id = 1', [String(request.body.title)]);
  response.send('saved');
});
// … is trusted there.
app.get('/draft', open(async (request) => {
  const { title } = (await query(request, 'select title from drafts where id = $1', [1])).rows[0];
  return `select id, name from products where category = '${title}' order by id`;
}));

// A chat turn that leads to a tool call: the model chooses the argument, the tool trusts the model.
app.post('/chat', open(async (request) => {
  const answer = await fetch(`${process.env.MODEL_URL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: String(request.body.message) }], tools: [{ type: 'function', function: { name: 'find_orders' } }] }),
  });
  const call = (await answer.json()).choices[0].message.tool_calls?.[0];
  if (!call) throw new Error('the model had something else to say');
  return `select id, total from orders where customer = '${JSON.parse(call.function.arguments).customer}'`;
}));

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, port: server.address().port }));
});
process.on('SIGTERM', () => {
  server.close(() => pool.end().then(() => process.exit(0)));
  server.closeAllConnections();
});
