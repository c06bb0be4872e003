// The demonstration: a private PostgreSQL, the example shop, a model, and Bulwark around all three; benign use and attacks are
// replayed against it, and what was blocked is shown with the reason. On a terminal it then stays up until Ctrl-C.
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

import { startBulwark } from '../tests/harness/bulwark.mjs';
import { freePort, startPostgres } from '../tests/harness/postgres.mjs';
import { jsonReady, start, stopAll } from '../tests/harness/process.mjs';
import { ATTACKS, BENIGN } from './demo_traffic.mjs';

const here = new URL('.', import.meta.url).pathname;
const WIDTH = 150;
const began = Date.now();
const paint = (code, text) => (process.stdout.isTTY ? `\x1b[${code}m${text}\x1b[0m` : text);
const say = (text) => console.log(`${paint(2, `${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`)}  ${text}`);

function configuration(directory, shopPort, modelPort, postgres) {
  return `data_dir: ${directory}/data
listen: 127.0.0.1:0
upstreams:
  shop: {servers: ["http://127.0.0.1:${shopPort}"]}
  model: {servers: ["http://127.0.0.1:${modelPort}"]}
routes:
  - {path: /v1/, upstream: model, chat: {}}
  - {path: /, upstream: shop, waf: {mode: enforce}}
database:
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:${postgres.port}
  upstream_ca: ${postgres.certificateFile}
  verifiers_from: ${postgres.superuserUrl}
soc:
  block_loopback: true
console: {listen: "127.0.0.1:0"}
`;
}

/** One request to the gateway; { status, body, id, ms }. */
function send(port, ca, { method = 'GET', path, headers = {}, body, source = '127.0.0.1' }) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const call = request({ host: '127.0.0.1', port, servername: 'localhost', ca, method, path, headers, localAddress: source, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => { text += chunk; });
        response.on('end', () => resolve({
          status: response.statusCode, body: text, id: response.headers['x-request-id'],
          ms: Number(process.hrtime.bigint() - started) / 1e6,
        }));
      });
    call.on('error', reject);
    call.end(body);
  });
}

async function main() {
  say('starting PostgreSQL, the shop, the model and Bulwark');
  const [postgres, model, shopPort] = await Promise.all([
    startPostgres({ sql: readFileSync(join(here, 'shop/schema.sql'), 'utf8') }),
    start('node', [join(here, 'model/server.mjs')], { ready: jsonReady }),
    freePort(),
  ]);
  const bulwark = await startBulwark((directory) => configuration(directory, shopPort, model.ready.port, postgres));
  const { edge, database, console: consoleAddress } = bulwark.addresses;
  const caFile = join(bulwark.directory, 'data/tls/edge.crt');
  await start('node', [join(here, 'shop/server.mjs')], {
    ready: jsonReady,
    env: {
      PORT: String(shopPort),
      DATABASE_URL: `postgres://app:app-secret@${database}/app`,
      DATABASE_CA: existsSync(join(bulwark.directory, 'data/tls/database.crt')) ? join(bulwark.directory, 'data/tls/database.crt') : caFile,
      MODEL_URL: `https://${edge}/v1`,
      MODEL_CA: caFile,
    },
  });
  const port = Number(edge.split(':').pop());
  say(`the shop stands behind ${paint(1, `https://${edge}`)}`);

  let wrong = 0;
  const show = async (each, source) => {
    const answer = await send(port, bulwark.ca, { ...each, source });
    const blocked = answer.status === 403 || answer.status === 400 || answer.status === 429 || answer.body.includes('"database refused"');
    const expected = each.attack ? blocked || each.harmless?.(answer) : !blocked;
    if (!expected) ++wrong;
    const mark = blocked ? paint(31, 'blocked') : paint(32, 'passed ');
    say(`${mark} ${String(answer.status)}  ${each.name}${expected ? '' : paint('1;31', '  <- not what was expected')}`);
    if (blocked && answer.id) {
      const why = await bulwark.run(['explain', answer.id, '--short']);
      const [reason] = why.stdout.split('\n');   // the first sums the others up
      say(`             ${paint(2, reason.length > WIDTH ? `${reason.slice(0, WIDTH)}…` : reason)}`);
    }
  };
  for (const each of BENIGN) await show(each, '127.0.0.1');
  for (const each of ATTACKS) await show({ ...each, attack: true }, each.source ?? '127.0.0.2');

  say('');
  say(`console: ${paint(1, `https://${consoleAddress}`)}`);
  const code = join(bulwark.directory, 'data/console-setup-code');
  if (existsSync(code)) say(`set-up code for the first login: ${paint(1, readFileSync(code, 'utf8').trim())}`);
  const entries = await bulwark.run(['entries']);
  for (const line of entries.stdout.trim().split('\n')) say(line);
  say(wrong === 0 ? 'everything went as it should' : `${wrong} answers were not what was expected`);

  if (process.stdout.isTTY && !process.env.DEMO_ONCE) {
    say('Ctrl-C ends it all');
    await new Promise((resolve) => process.once('SIGINT', resolve));
  }
  await stopAll();
  await postgres.stop();
  await bulwark.stop();
  process.exit(wrong === 0 ? 0 : 1);
}

main().catch(async (error) => {
  console.error(error.message);
  await stopAll();
  process.exit(1);
});
