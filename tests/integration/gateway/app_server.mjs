// The test app as a process of its own, so that a test can kill it: prints its port when it is up. PORT: where; NAME: who answers.
import { startUpstream } from '../../harness/upstream.mjs';

const { port } = await startUpstream({
  port: Number(process.env.PORT ?? 0),
  handler: (request, response) => { response.setHeader('x-app', process.env.NAME ?? ''); },
});
console.log(JSON.stringify({ ready: true, port }));
