// The live stream, kept for as long as somebody is signed in: five minutes of seconds, totals and the latest events.
import { get } from './api';
import type { Event, Outcomes, Second, Totals } from './types';

const kSeconds = 300;
const kEvents = 100;
const kRetryMs = 3000;

/** Allowed, blocked and failed together: what was asked of a plane. The rest is only remarked upon. */
export const decided = ([allowed, blocked, failed]: Outcomes) => allowed + blocked + failed;

export type LiveEvent = Event & { key: number };

class Live {
  connected = $state(false);
  received = $state(false); // at least the history has come
  seconds = $state.raw<Second[]>([]);
  totals = $state.raw<Totals>({});
  events = $state.raw<LiveEvent[]>([]); // newest first
  planes = $state.raw<string[]>([]);
  private source: EventSource | undefined;
  private keys = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  open(): void {
    this.close();
    const source = new EventSource('/api/live');
    this.source = source;
    source.addEventListener('open', () => (this.connected = true));
    source.addEventListener('error', () => {
      this.connected = false;
      // The browser tries again by itself unless it was refused: then the session may be over, which /api/me tells.
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.reopen(), kRetryMs);
    });
    source.addEventListener('history', (event) => {
      const message = JSON.parse((event as MessageEvent).data);
      this.planes = message.plane_names;
      this.seconds = message.seconds;
      this.events = [];
      this.take(message);
      this.received = true;
    });
    source.addEventListener('second', (event) => {
      const message = JSON.parse((event as MessageEvent).data);
      this.seconds = [...this.seconds, message as Second].slice(-kSeconds);
      this.take(message);
    });
  }
  close(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = undefined;
    this.connected = false;
    this.received = false;
  }

  private async reopen(): Promise<void> {
    try {
      await get('/api/me');
      this.open();
    } catch {
      // Signed out: the page is leaving. Not reachable: once more.
      if (this.source) this.retry = setTimeout(() => this.reopen(), kRetryMs);
    }
  }

  /** A plane's outcomes summed over the last `seconds`. */
  sum(plane: string, seconds: number): Outcomes {
    const index = this.planes.indexOf(plane);
    const out: Outcomes = [0, 0, 0, 0];
    if (index < 0) return out;
    for (const second of this.seconds.slice(-seconds))
      second.planes[index]?.forEach((value, outcome) => (out[outcome]! += value));
    return out;
  }
  /** One outcome of a plane, or all that were decided, second by second. */
  series(plane: string, outcome?: number): number[] {
    const index = this.planes.indexOf(plane);
    return this.seconds.map((second) => {
      const counts = second.planes[index];
      if (!counts) return 0;
      return outcome === undefined ? decided(counts) : counts[outcome]!;
    });
  }

  private take(message: Totals & { events: Event[] }): void {
    this.totals = { gateway: message.gateway, entries: message.entries, incidents: message.incidents };
    const fresh = message.events.map((event) => ({ ...event, key: ++this.keys })).reverse();
    this.events = [...fresh, ...this.events].slice(0, kEvents);
  }
}

export const live = new Live();
