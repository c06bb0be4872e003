// A small shop that is VULNERABLE ON PURPOSE: SQL built from text, pages built from text, orders shown to anybody.
// It exists to stand behind Bulwark. Never run it where anyone else can reach it.
//
// Environment: PORT (0: the kernel chooses; printed), DATABASE_URL, DATABASE_CA (PEM file), MODEL_URL (…/v1), MODEL_CA.
import express from 'express';
import { readFileSync } from 'node:fs';
import pg from 'pg';

import { converse } from './chat.mjs';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  ssl: process.env.DATABASE_CA ? { ca: readFileSync(process.env.DATABASE_CA, 'utf8') } : undefined,
  max: 8,
});
pool.on('error', (error) => console.error('database connection lost:', error.message));

/** Runs SQL with the trace of the request that caused it, as an SQL comment (the sqlcommenter convention). */
function query(request, text, values) {
  const trace = request.headers.traceparent;
  return pool.query(trace ? `${text} /*traceparent='${trace}'*/` : text, values);
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '1mb' }));
app.use(express.urlencoded({ extended: false }));
app.use(express.static(new URL('./public', import.meta.url).pathname));

const answer = (handler) => (request, response) =>
  handler(request, response).catch((error) => response.status(500).json({ error: error.message }));

app.get('/healthz', (_request, response) => response.json({ ok: true }));

// SQL injection: the search word becomes part of the statement.
app.get('/api/products', answer(async (request, response) => {
  const word = request.query.q ?? '';
  const result = await query(request, `select id, name, price from products where name ilike '%${word}%' order by id`);
  response.json(result.rows);
}));

app.get('/api/products/:id', answer(async (request, response) => {
  const result = await query(request, 'select id, name, price from products where id = $1', [Number(request.params.id) || 0]);
  response.status(result.rowCount ? 200 : 404).json(result.rows[0] ?? { error: 'no such product' });
}));

// Broken object level authorisation: any caller sees any order.
app.get('/api/orders/:id', answer(async (request, response) => {
  const result = await query(request, 'select id, customer, card, total from orders where id = $1', [Number(request.params.id) || 0]);
  response.status(result.rowCount ? 200 : 404).json(result.rows[0] ?? { error: 'no such order' });
}));

// SQL injection in a JSON body.
app.post('/api/login', answer(async (request, response) => {
  const { email = '', password = '' } = request.body;
  const result = await query(request, `select id, name from customers where email = '${email}' and password = '${password}'`);
  response.status(result.rowCount ? 200 : 401).json(result.rows[0] ?? { error: 'wrong e-mail or password' });
}));

app.post('/api/reviews', answer(async (request, response) => {
  await query(request, 'insert into reviews (product, text) values ($1, $2)', [Number(request.body.product) || 0, String(request.body.text ?? '')]);
  response.status(201).json({ ok: true });
}));

// Cross-site scripting: reflected, and stored in reviews.
app.get('/search', (request, response) => {
  response.type('html').send(`<!doctype html><title>Search</title><h1>Results for ${request.query.q ?? ''}</h1>`);
});

app.get('/product/:id', answer(async (request, response) => {
  const reviews = await query(request, 'select text from reviews where product = $1', [Number(request.params.id) || 0]);
  response.type('html').send(`<!doctype html><title>Product</title><ul>${reviews.rows.map((row) => `<li>${row.text}</li>`).join('')}</ul>`);
}));

// The assistant: a chat turn may lead to a tool call, which is SQL built from what the model said.
app.post('/api/chat', answer(async (request, response) => {
  const tools = {
    find_orders: async ({ customer }) =>
      (await query(request, `select id, total from orders where customer = '${customer}'`)).rows,
  };
  response.json(await converse(String(request.body.message ?? ''), tools, request.headers.traceparent));
}));

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, port: server.address().port }));
});
process.on('SIGTERM', () => server.close(() => pool.end().then(() => process.exit(0))));
