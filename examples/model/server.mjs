// An OpenAI-compatible model for machines that have none: no intelligence, but the real protocol, streaming and tools included.
// It repeats what it was told (so that what the model saw can be seen), and asks for the tool find_orders when orders are spoken of.
//
// Environment: PORT (0: the kernel chooses; printed on stdout as JSON), TOKEN_DELAY_MS (between streamed pieces, default 0).
import { createServer } from 'node:http';

const MAX_BODY = 16 * 1024 * 1024;
const delay = Number(process.env.TOKEN_DELAY_MS ?? 0);

function text(content) {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(' ');
}

/** The assistant's message for a conversation. */
function reply(body) {
  const last = body.messages.at(-1);
  if (last.role === 'tool') return { role: 'assistant', content: `I found: ${text(last.content)}` };
  const said = text(last.content);
  const asked = /orders (?:of|for) (.+?)[.?!]?$/i.exec(said);
  if (asked && body.tools?.some((tool) => tool.function?.name === 'find_orders')) {
    return {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'find_orders', arguments: JSON.stringify({ customer: asked[1] }) } }],
    };
  }
  return { role: 'assistant', content: `You said: ${said}` };
}

/** Pieces of a few characters, so that words are split across events. */
function pieces(said) {
  return said.match(/[\s\S]{1,4}/gu) ?? [];
}

async function stream(response, envelope, message) {
  const send = (delta, finish = null) =>
    response.write(`data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  send({ role: 'assistant' });
  if (message.tool_calls) {
    const [call] = message.tool_calls;
    send({ tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] });
    for (const piece of pieces(call.function.arguments)) send({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
  }
  for (const piece of pieces(message.content ?? '')) {
    send({ content: piece });
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
  }
  send({}, message.tool_calls ? 'tool_calls' : 'stop');
  response.end('data: [DONE]\n\n');
}

const server = createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on('data', (chunk) => {
    size += chunk.length;
    if (size > MAX_BODY) request.destroy();
    chunks.push(chunk);
  });
  request.on('end', async () => {
    const fail = (status, message) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
    if (request.method !== 'POST' || !request.url.startsWith('/v1/chat/completions')) return fail(404, 'unknown path');
    let body;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      if (!Array.isArray(body.messages) || body.messages.length === 0) throw new Error('messages is missing');
    } catch (error) {
      return fail(400, error.message);
    }
    const message = reply(body);
    const envelope = { id: 'chatcmpl-example', created: Math.floor(Date.now() / 1000), model: body.model ?? 'example' };
    if (body.stream) return stream(response, envelope, message);
    const finish = message.tool_calls ? 'tool_calls' : 'stop';
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...envelope, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage }));
  });
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(JSON.stringify({ ready: true, port: server.address().port })));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
