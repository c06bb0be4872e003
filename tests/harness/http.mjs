// HTTPS requests to the gateway as tests make them: one call, everything that came back.
import { Agent, request } from 'node:https';
import { connect as connectTls } from 'node:tls';

export const keepAlive = (ca) => new Agent({ keepAlive: true, maxSockets: 32, ca });

/** address "127.0.0.1:8443"; resolves to { status, headers, body, id }. */
export function send(address, { ca, method = 'GET', path = '/', headers = {}, body, source, agent, insecure = false } = {}) {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const call = request({ host, port, servername: 'localhost', ca, method, path, headers, localAddress: source, agent: agent ?? false, rejectUnauthorized: !insecure }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8'), id: response.headers['x-request-id'] }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Sends bytes as they are and resolves to all that came back until the gateway closed (or `until` matched). */
export function raw(address, bytes, { ca, until, timeoutMs = 15_000 } = {}) {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connectTls({ host, port, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] }, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(new Error(`no end after ${timeoutMs} ms; so far: ${text}`)), timeoutMs);
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until?.test(text)) done();
    });
    socket.on('end', done);
    socket.on('error', (error) => {
      clearTimeout(timer);
      if (text || error.code === 'ECONNRESET') resolve(text);
      else reject(error);
    });
  });
}
