// The address bar as state: real links, working back button, searches that can be shared.
class Route {
  path = $state(location.pathname);
  search = $state(location.search);

  constructor() {
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.follow(event));
  }

  go(to: string, { replace = false } = {}): void {
    if (to === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.read();
  }
  parameter(name: string): string {
    return new URLSearchParams(this.search).get(name) ?? '';
  }

  private read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }
  /** Plain clicks on links of our own move within the page; everything else is the browser's business. */
  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a');
    const address = link?.getAttribute('href');
    if (!address?.startsWith('/') || link?.hasAttribute('target')) return;
    event.preventDefault();
    this.go(address);
  }
}

export const route = new Route();
