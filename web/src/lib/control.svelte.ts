// What is in force now, and the two things people do about it: block and undo.
import { get, post, words } from './api';
import { toasts } from './toast.svelte';
import type { Entry } from './types';

export interface Block {
  subject: string;
  value: string;
  ttl_seconds: number;
  reason: string;
}

class Control {
  entries = $state.raw<Entry[] | undefined>();
  problem = $state('');
  /** What the block dialog is open for. */
  asking = $state<Partial<Block> | undefined>();

  async load(): Promise<void> {
    try {
      this.entries = (await get<{ entries: Entry[] }>('/api/entries')).entries;
      this.problem = '';
    } catch (error) {
      this.problem = words(error);
    }
  }
  async block(wanted: Block): Promise<void> {
    const entry = await post<Entry>('/api/block', wanted);
    await this.load();
    toasts.show(`Blocked ${entry.value}.`, { undo: () => this.undo(entry) });
  }
  async undo(entry: Entry): Promise<void> {
    try {
      await post('/api/undo', { id: entry.id });
      toasts.show(`${entry.value} is no longer blocked.`);
    } catch (error) {
      toasts.show(words(error), { kind: 'bad' });
    }
    await this.load();
  }
  inForce(subject: string, value: string, at: number): Entry | undefined {
    return this.entries?.find((entry) => entry.subject === subject && entry.value === value && entry.expires > at);
  }
}

export const control = new Control();
