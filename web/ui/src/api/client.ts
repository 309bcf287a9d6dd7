import createClient, { type Middleware } from 'openapi-fetch';
import { parseExact } from './exact-json';
import { offlineProblem, ProblemError, toProblem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

let locale = 'en';
export const setRequestLocale = (next: string) => {
  locale = next;
};

const listeners = new Set<() => void>();
/** Called when the server says that the session is over. */
export const onSignedOut = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

async function exactFetch(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ProblemError(offlineProblem);
  }
  if (response.ok && response.headers.get('Content-Type')?.includes('json')) {
    const text = await response.text();
    return Object.assign(new Response(text, response), {
      json: async () => parseExact(text),
      text: async () => text,
    });
  }
  return response;
}

const refusals: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', locale);
    // Shows that a page of this site asks, also over plain HTTP where the browser sends no Sec-Fetch-Site.
    request.headers.set('X-Carillon-Csrf', '1');
    return request;
  },
  async onResponse({ response, request }) {
    if (response.ok || response.status === 101) return undefined;
    const text = await response.text();
    let body: unknown = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Not JSON: a proxy or a crash answered; toProblem makes the best of the text.
    }
    const signingIn = request.method === 'POST' && request.url.endsWith('/session');
    if (response.status === 401 && !signingIn) for (const listener of listeners) listener();
    throw new ProblemError(toProblem(response.status, body), response.headers.get('ETag'));
  },
};

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  fetch: exactFetch,
  credentials: 'same-origin',
});
api.use(refusals);

/** Unwraps what openapi-fetch returns; refusals were thrown by the middleware. */
export async function take<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

export const newKey = () => crypto.randomUUID?.() ?? Math.random().toString(36).slice(2) + Date.now().toString(36);
export const ifMatch = (revision: number) => `"${revision}"`;
