// What the console's API says (src/console). Times are milliseconds since 1970.
export type Role = 'viewer' | 'responder' | 'admin';

export type SessionState =
  | { state: 'set_up' }
  | { state: 'signed_out' }
  | { state: 'signed_in'; user: string; role: Role; csrf: string; recovery_codes?: string[] };

export interface Event {
  id?: string;
  time: number;
  class: string;
  severity: string;
  disposition: string;
  plane: string;
  status?: number;
  source?: string;
  trace?: string;
  duration_us?: number;
  bytes_in?: number;
  bytes_out?: number;
  rows?: number;
  user?: string;
  tenant?: string;
  route?: string;
  rule?: string;
  target?: string;
  message?: string;
  detail?: unknown;
}

export interface Entry {
  id: string;
  kind: string;
  subject: string;
  value: string;
  created: number;
  expires: number;
  reason: string;
  created_by: string;
  incident: string;
}

export interface Gateway {
  connections: number;
  requests: number;
  denied: number;
  upstream_errors: number;
  bytes_in: number;
  bytes_out: number;
  open_connections: number;
}

/** Per plane: [allowed, blocked, failed, other]. */
export type Outcomes = [number, number, number, number];

export interface Second {
  at: number; // seconds since 1970
  planes: Outcomes[];
  latency_us: [number, number, number];
}

export interface Totals {
  gateway?: Gateway;
  entries?: number;
  incidents?: number; // open ones
}

/** A tool call of a model that a person must decide upon; `arguments` only for those who may. */
export interface WaitingCall {
  id: string;
  user: string;
  tenant: string;
  tool: string;
  arguments?: string;
  asked: string; // RFC 3339
  expires: string;
}

export interface Budget {
  name: string;
  window_seconds: number;
  tokens?: number;
  cost?: number;
  spent: { who: string; tokens: number; cost?: number; until: string }[];
}

export interface ModelPair {
  injection: { name: string; digest: string };
  tagger: { name: string; digest: string };
  trial: string; // how its trial went, in words
}

export interface Models extends ModelPair {
  put_back?: { by: string; since: string };
  shelf?: (ModelPair & { since: string; in_force: boolean; withdrawn: boolean })[]; // newest first
}

export interface Drift {
  channel: 'user' | 'data';
  limit: number;
  usual: number; // requests that say what is usual; 0: not known yet
  counted: number; // of the window, or of those
  wanted: number;
  moved: boolean;
  index?: number;
  flagged?: number;
  usually_flagged?: number;
}

export interface Turn {
  person: string;
  tenant: string;
  turn: { time: string; route: string; model: string; request: string; sent: string; answer: string; refused: string };
}

export interface ChatStatus {
  guarded: boolean;
  models?: Models;
  drift?: Drift[];
  conversations?: { records: number; persons: number };
  budgets?: Budget[];
  confirmations?: WaitingCall[];
  rules: { rule: string; blocked: number; seen: number }[]; // of the last day
}

export interface Person {
  name: string;
  role: Role;
  created: number;
  last_sign_in: number;
  invited_by: string;
}

export interface Incident {
  id: string;
  state: 'open' | 'closed';
  severity: string;
  title: string;
  opened: number;
  updated: number;
  alerts: number;
  closed_by: string;
}

export interface Alert {
  id: string;
  time: number;
  detector: string;
  severity: string;
  title: string;
  why: string;
  subject: string;
  subject_value: string;
  evidence: string[]; // trace ids
}

export interface Action {
  time: number;
  name: string;
  by: string; // "playbook:…", "user:…"
  summary: string;
  undone_by: string;
}
