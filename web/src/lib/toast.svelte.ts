// Short messages about what was just done, with a way back where there is one.
export interface Toast {
  id: number;
  text: string;
  kind: 'good' | 'bad';
  undo?: () => void;
}

const kShownMs = 7000;

class Toasts {
  list = $state<Toast[]>([]);
  private next = 1;

  show(text: string, { kind = 'good', undo }: { kind?: 'good' | 'bad'; undo?: () => void } = {}): void {
    const id = this.next++;
    this.list = [...this.list, { id, text, kind, undo }].slice(-3);
    setTimeout(() => this.close(id), kShownMs);
  }
  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
