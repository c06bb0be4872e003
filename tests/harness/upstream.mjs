// An app for tests: answers what the path asks for, and remembers what it was sent.
import { createServer } from 'node:http';

/**
 * Starts it on a port of the kernel's choice, or the one given. Paths: /echo answers with what arrived as JSON; /bytes/N answers N bytes;
 * /stream/N sends N server-sent events; /slow/MS answers later; /status/N answers N; else 200 "ok".
 * Resolves to { port, requests, server, stop() }.
 */
export async function startUpstream({ port = 0, onUpgrade, handler } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ method: request.method, url: request.url, headers: request.headers, size: body.length });
    if (requests.length > 10_000) requests.shift();
    if (handler && handler(request, response, body)) return;
    const [, word, argument] = request.url.split('?')[0].split('/');
    if (word === 'echo') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, raw: request.rawHeaders, body: body.toString('latin1') }));
    } else if (word === 'bytes') {
      response.end(Buffer.alloc(Number(argument), 'x'));
    } else if (word === 'stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < Number(argument); ++i) response.write(`data: ${i}\n\n`);
      response.end();
    } else if (word === 'slow') {
      setTimeout(() => response.end('late'), Number(argument));
    } else if (word === 'status') {
      response.writeHead(Number(argument)).end();
    } else {
      response.end('ok');
    }
  });
  if (onUpgrade) server.on('upgrade', onUpgrade);
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    requests,
    server,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
