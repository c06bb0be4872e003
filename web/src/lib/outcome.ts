// How an event ended, in one word and one colour, the same everywhere.
import type { Event } from './types';

export function outcome(event: Event): { word: string; tone: 'good' | 'bad' | 'warn' | 'info' | '' } {
  switch (event.disposition) {
    case 'blocked': return { word: 'Blocked', tone: 'bad' };
    case 'error': return { word: 'Error', tone: 'warn' };
    case 'alert': return { word: 'Alert', tone: 'warn' };
    case 'allowed': return { word: 'Allowed', tone: 'good' };
    case 'logged': return { word: 'Logged', tone: 'info' };
    default: return { word: event.severity === 'high' || event.severity === 'critical' ? 'Finding' : 'Noted', tone: event.severity === 'high' || event.severity === 'critical' ? 'warn' : '' };
  }
}

const planeNames: Record<string, string> = {
  edge: 'Edge', waf: 'WAF', api: 'API', chat: 'Chat', database: 'Database', identity: 'Identity', control: 'Control',
  soc: 'SOC', noc: 'NOC', console: 'Console', process: 'Process',
};
export function planeName(plane: string): string {
  return planeNames[plane] ?? plane;
}

/** What it was about, in one line. */
export function headline(event: Event): string {
  return event.message || event.target || event.rule || event.class.replaceAll('_', ' ');
}
