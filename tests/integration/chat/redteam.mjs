#!/usr/bin/env node
// `make redteam-chat`: a guard with its own configuration's defaults in front of a model that answers everything, attacked technique by
// technique. The bars are arguments: --min-blocked and --max-refused; the exit status says whether they were met.
import { join } from 'node:path';

import { run, startBulwark } from '../../harness/bulwark.mjs';
import { startModel } from './model_server.mjs';

const model = await startModel();
const bulwark = await startBulwark((home) => `data_dir: ${home}/data
listen: 127.0.0.1:0
upstreams:
  model: {servers: ["http://127.0.0.1:${model.port}"]}
routes:
  - {path: /, upstream: model, rate_limits: {}, chat: {injection: {user: block, data: block}}}
soc: {block_loopback: false}
`);
try {
  const ca = join(bulwark.directory, 'data', 'tls', 'edge.crt');
  const { code, stdout, stderr } = await run(['redteam', 'chat', `https://${bulwark.addresses.edge}/v1/chat/completions`, '--ca', ca, ...process.argv.slice(2)]);
  process.stdout.write(stdout + stderr);
  process.exitCode = code;
} finally {
  await bulwark.stop();
  await model.stop();
}
