// The running process through its local control socket, for tests that ask often.
import { connect } from 'node:net';
import { join } from 'node:path';

/** One request, one answer; both are a line of JSON (docs/formats/admin_socket.md). */
export function ask(bulwark, question) {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(join(bulwark.directory, 'data', 'admin.sock'), () => socket.write(`${JSON.stringify(question)}\n`));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) {
        socket.destroy();
        resolve(JSON.parse(text.slice(0, end)));
      }
    });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error(`no answer: ${text}`)));
  });
}
