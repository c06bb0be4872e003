#!/usr/bin/env node
// Five ORMs tell the same story directly and through the gateway: the same results; and once the gateway has learned what they run,
// enforcing holds nothing against them. `make db-false-blocks` does the latter with 100,000 statements.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startGateway } from '../gateway.mjs';
import { direct, empty, falseBlocks, storyServer, tellWith, through } from './run.mjs';
import { ORMS } from './story.mjs';

let postgres;
let gateway;
before(async () => {
  postgres = await storyServer();
  gateway = await startGateway(postgres);
});
after(async () => {
  await gateway?.stop();
  await postgres?.stop();
});

for (const name of Object.keys(ORMS))
  test(`${name}: the same results through the gateway`, async () => {
    const options = { rounds: 25, seed: 42, tag: name };
    empty(postgres);
    const expected = await tellWith(name, direct(postgres), options);
    empty(postgres);
    assert.deepEqual(await tellWith(name, through(gateway), options), expected);
    assert.ok(expected.length > 250, `${expected.length} results`);
    assert.ok(expected.includes('23505'), 'a failing transaction fails with the server\'s own code');
    assert.ok(gateway.events.some((event) => event.class === 6005 && event.target.includes('people')), 'it went through the gateway');
  });

test('after learning, enforcing holds nothing against them', async () => {
  const { statements, held } = await falseBlocks({ rounds: 30, transactions: 40 });
  assert.deepEqual(held.map((event) => [event.rule, event.target]), []);
  assert.ok(statements > 2_000, `${statements} statements`);
});
