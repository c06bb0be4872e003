// The shop's assistant: one turn with an OpenAI-compatible model, its tool calls carried out, and the model's last word.
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { request as httpRequest } from 'node:http';

const MAX_ROUNDS = 4;
const MAX_ANSWER_BYTES = 1024 * 1024;
const ca = process.env.MODEL_CA ? readFileSync(process.env.MODEL_CA, 'utf8') : undefined;

const TOOLS = [{
  type: 'function',
  function: {
    name: 'find_orders',
    description: 'The orders of one customer.',
    parameters: { type: 'object', properties: { customer: { type: 'string' } }, required: ['customer'] },
  },
}];

function post(url, body, headers) {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = send(url, { method: 'POST', ca, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) call.destroy(new Error('the model answers without end'));
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    call.on('error', reject);
    call.setTimeout(30_000, () => call.destroy(new Error('the model does not answer')));
    call.end(JSON.stringify(body));
  });
}

/** One user turn. Passes the request's trace on, so that model calls and SQL can be tied to it. */
export async function converse(message, tools, traceparent) {
  const url = new URL(`${process.env.MODEL_URL}/chat/completions`);
  const messages = [
    { role: 'system', content: 'You are the assistant of a small shop. Be brief.' },
    { role: 'user', content: message },
  ];
  for (let round = 0; round < MAX_ROUNDS; ++round) {
    const { status, text } = await post(url, { model: 'shop-assistant', messages, tools: TOOLS }, traceparent ? { traceparent } : {});
    if (status !== 200) return { refused: true, status, reply: 'The assistant may not answer that.' };
    const reply = JSON.parse(text).choices[0].message;
    messages.push(reply);
    if (!reply.tool_calls?.length) return { reply: reply.content };
    for (const call of reply.tool_calls) {
      const tool = tools[call.function.name];
      const result = tool ? await tool(JSON.parse(call.function.arguments)) : { error: 'no such tool' };
      messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
    }
  }
  return { reply: 'I could not finish that.' };
}
