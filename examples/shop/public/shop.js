// Lists the products that match the search word.
const list = document.querySelector('#products');

async function show(word) {
  const response = await fetch(`/api/products?q=${encodeURIComponent(word)}`);
  const rows = response.ok ? await response.json() : [{ name: `The shop answered ${response.status}`, price: '' }];
  list.replaceChildren(...rows.map((row) => Object.assign(document.createElement('li'), { textContent: `${row.name} ${row.price}` })));
}

document.querySelector('#search').addEventListener('submit', (event) => {
  event.preventDefault();
  show(new FormData(event.target).get('q'));
});
show('');
