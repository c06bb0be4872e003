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

async function answered(bulwark, question) {
  const answer = await ask(bulwark, question);
  if (!answer.ok) throw new Error(`${question.command}: ${answer.error.code}: ${answer.error.message}`);
  return answer;
}

/** The stored events that fit, newest first; `filter`: { trace, source, plane, disposition, rule, user, text, limit }. */
export async function events(bulwark, filter = {}) {
  return (await answered(bulwark, { command: 'events', ...filter })).events;
}

/** Which of these request ids have events: a Set. */
export async function explain(bulwark, ids) {
  const found = new Set();
  for (let at = 0; at < ids.length; at += 1000) {
    const { known } = await answered(bulwark, { command: 'known', ids: ids.slice(at, at + 1000) });
    for (const id of known) found.add(id);
  }
  return found;
}
