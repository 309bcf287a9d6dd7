import { offlineProblem, ProblemError } from '@/api/problem';

/*
 * Parts of the page that load later. A part that cannot be fetched because the hub is away must not cost the reader the page
 * (the router would reload it into the browser's own error): it becomes an offline problem with a retry. To make even
 * that rare, the parts are fetched while the page is idle.
 */
const waiting: (() => Promise<unknown>)[] = [];

export async function reachable(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

export function chunk<T>(load: () => Promise<T>): () => Promise<T> {
  waiting.push(load);
  return async () => {
    try {
      return await load();
    } catch (cause) {
      // Reachable, but the file is gone: a new build was deployed, and the router's reload is the cure.
      if (await reachable()) throw cause;
      throw new ProblemError(offlineProblem);
    }
  };
}

export function loadChunksWhenIdle() {
  const next = () => {
    const load = waiting.shift();
    if (!load) return;
    load().then(schedule, () => undefined);
  };
  const schedule = () => ('requestIdleCallback' in window ? requestIdleCallback(next) : setTimeout(next, 200));
  schedule();
}
