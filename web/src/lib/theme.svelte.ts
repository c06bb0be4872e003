// Dark or light: the system's choice until somebody chooses here. Charts watch `version` to redraw in the new colours.
const dark = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  chosen = $state<'light' | 'dark' | undefined>(document.documentElement.dataset.theme as 'light' | 'dark' | undefined);
  private system = $state(dark.matches);

  constructor() {
    dark.addEventListener('change', () => (this.system = dark.matches));
  }

  get isDark(): boolean {
    return this.chosen ? this.chosen === 'dark' : this.system;
  }
  toggle(): void {
    this.chosen = this.isDark ? 'light' : 'dark';
    document.documentElement.dataset.theme = this.chosen;
    try {
      localStorage.setItem('theme', this.chosen);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }
}

export const theme = new Theme();

/** A colour token's value now, for canvases. */
export function colour(token: string): string {
  // Canvas cannot parse light-dark(): let the browser resolve it on an element.
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
