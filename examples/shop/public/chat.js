// One question, one answer; the shop's server talks to the model.
const turns = document.querySelector('#turns');

function add(text, kind) {
  turns.append(Object.assign(document.createElement('li'), { textContent: text, className: kind }));
}

document.querySelector('#chat').addEventListener('submit', async (event) => {
  event.preventDefault();
  const message = new FormData(event.target).get('message');
  event.target.reset();
  add(message, 'user');
  const response = await fetch('/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  });
  if (response.ok) add((await response.json()).reply, 'assistant');
  else add(`Refused (${response.status})`, 'refused');
});
