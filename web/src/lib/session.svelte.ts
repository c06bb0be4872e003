// Who is signed in here, and the way in and out.
import { get, post, useCsrf, whenSignedOut } from './api';
import type { Role, SessionState } from './types';

const rank: Record<Role, number> = { viewer: 0, responder: 1, admin: 2 };

class Session {
  current = $state<SessionState | undefined>();
  problem = $state('');
  /** Set when a session ended by itself, so that the sign-in page can say so. */
  ended = $state(false);

  constructor() {
    whenSignedOut(() => {
      if (this.current?.state !== 'signed_in') return;
      this.ended = true;
      this.current = { state: 'signed_out' };
    });
  }

  get user(): string {
    return this.current?.state === 'signed_in' ? this.current.user : '';
  }
  get role(): Role {
    return this.current?.state === 'signed_in' ? this.current.role : 'viewer';
  }
  may(role: Role): boolean {
    return rank[this.role] >= rank[role];
  }

  async load(): Promise<void> {
    try {
      this.enter(await get<SessionState>('/api/session'));
      this.problem = '';
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
  enter(state: SessionState): void {
    if (state.state === 'signed_in') {
      useCsrf(state.csrf);
      this.ended = false;
    }
    this.current = state;
  }
  async leave(): Promise<void> {
    await post('/api/sign-out', {});
    this.current = { state: 'signed_out' };
  }
}

export const session = new Session();
