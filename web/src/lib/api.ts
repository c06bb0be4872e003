// The one way to the API: JSON both ways, the CSRF token with every change, and problems as words for people.
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

let csrf = '';
let onSignedOut: () => void = () => {};

export function useCsrf(token: string): void {
  csrf = token;
}
export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

async function answer<T>(request: Promise<Response>): Promise<T> {
  let response: Response;
  let body: { error?: string; message?: string };
  try {
    response = await request;
    body = await response.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error; // also half-way through a body
    throw new Problem(0, 'offline', 'Bulwark cannot be reached. Is it running, and is your tunnel up?');
  }
  if (response.ok) return body as T;
  if (response.status === 401 && body.error === 'signed_out') onSignedOut();
  throw new Problem(response.status, body.error ?? 'unknown', body.message ?? `The server answered ${response.status}.`);
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(fetch(path, { headers: { accept: 'application/json' }, credentials: 'same-origin', signal }));
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return answer<T>(
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    }),
  );
}

/** The words of whatever was thrown. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
