import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, type Schemas, take } from './client';

/**
 * Live changes. One socket; messages are gathered and applied once per animation frame, row by row, by id:
 * an event never reloads a list. The sequence number of the last message is offered on reconnect, so a gap is filled by
 * the server; `reset` means that it was too long and everything shown is read again.
 */
export type Connection = 'connecting' | 'live' | 'offline';
type Message = Schemas['StreamMessage'] & { reset?: boolean; hello?: boolean };
export type StreamEvent = Omit<Message['events'][number], 'patch'> & { patch: Record<string, unknown> };
type Page = { items: { id: string }[]; next_cursor: string | null; total?: number };
type Lists = InfiniteData<Page, unknown>;

let state: Connection = 'connecting';
const watchers = new Set<() => void>();
function setState(next: Connection) {
  if (next === state) return;
  state = next;
  for (const watcher of watchers) watcher();
}
export const useConnection = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );

const eventListeners = new Set<(event: StreamEvent) => void>();
export const onStreamEvent = (listener: (event: StreamEvent) => void) => {
  eventListeners.add(listener);
  return () => void eventListeners.delete(listener);
};

/** Applies events to a list's pages; the same object comes back when nothing in it changed. */
export function patchPages(data: Lists, events: Map<string, StreamEvent>): Lists {
  let changed = false;
  const pages = data.pages.map((page) => {
    let touched = false;
    const items = page.items.map((item) => {
      const event = events.get(item.id);
      if (!event || event.kind === 'created') return item;
      touched = true;
      return event.kind === 'deleted' ? { ...item, deleted: true } : { ...item, ...event.patch };
    });
    if (!touched) return page;
    changed = true;
    return { ...page, items };
  });
  return changed ? { ...data, pages } : data;
}

/** Several events of one row become one: later fields win, and a deletion ends it. */
export function mergeEvents(events: StreamEvent[]): Map<string, StreamEvent> {
  const merged = new Map<string, StreamEvent>();
  for (const event of events) {
    const known = merged.get(event.id);
    if (!known || event.kind === 'deleted') merged.set(event.id, event);
    else if (known.kind !== 'deleted') merged.set(event.id, { ...known, patch: { ...known.patch, ...event.patch } });
  }
  return merged;
}

const pending = new Map<string, ReturnType<typeof setTimeout>>();
function invalidateSoon(client: QueryClient, key: readonly unknown[], after = 800) {
  const id = JSON.stringify(key);
  if (pending.has(id)) return;
  pending.set(
    id,
    setTimeout(() => {
      pending.delete(id);
      void client.invalidateQueries({ queryKey: key });
    }, after),
  );
}

const FINAL = new Set(['succeeded', 'failed', 'timed_out', 'cancelled']);
type ScheduleRow = { id: string; last_fire?: { run_id?: string | null; run_state?: string | null } | null };

/** A run's new state also shows in the row of the schedule that started it; how it ended changes that row's error and figures. */
function followRuns(client: QueryClient, runs: Map<string, StreamEvent>) {
  for (const event of runs.values()) {
    const { state, schedule_id: scheduleId } = event.patch as { state?: string; schedule_id?: string };
    if (!state || !scheduleId) continue;
    let shown = false;
    client.setQueriesData<Lists>({ queryKey: ['schedules', 'list'] }, (data) => {
      if (!data) return data;
      const row = data.pages.flatMap((page) => page.items).find((item) => item.id === scheduleId) as
        | ScheduleRow
        | undefined;
      if (!row) return data;
      shown = true;
      if (row.last_fire?.run_id !== event.id) return data;
      const patch = { last_fire: { ...row.last_fire, run_state: state } };
      return patchPages(data, new Map([[scheduleId, { topic: 'schedules', id: scheduleId, kind: 'updated', patch }]]));
    });
    if (FINAL.has(state)) {
      if (shown) refreshRow(client, scheduleId);
      invalidateSoon(client, ['schedules', 'one', scheduleId], 400);
      invalidateSoon(client, ['schedules', 'fires', scheduleId], 400);
    }
  }
}

const refreshing = new Set<string>();
/** Reads one row again, at most once a second however fast its runs end. */
function refreshRow(client: QueryClient, id: string) {
  if (refreshing.has(id)) return;
  refreshing.add(id);
  setTimeout(() => {
    refreshing.delete(id);
    take(api.GET('/api/v1/schedules/{id}', { params: { path: { id } } })).then(
      ({ payload: _, ...row }) => {
        const events = new Map([[id, { topic: 'schedules' as const, id, kind: 'updated' as const, patch: row }]]);
        client.setQueriesData<Lists>({ queryKey: ['schedules', 'list'] }, (data) =>
          data ? patchPages(data, events) : data,
        );
      },
      () => undefined,
    );
  }, 1_000);
}

export function applyEvents(client: QueryClient, all: StreamEvent[]) {
  for (const topic of ['schedules', 'runs', 'workflows'] as const) {
    const events = mergeEvents(all.filter((event) => event.topic === topic));
    if (events.size === 0) continue;
    client.setQueriesData<Lists>({ queryKey: [topic, 'list'] }, (data) => (data ? patchPages(data, events) : data));
    if (topic === 'runs') followRuns(client, events);
    for (const event of events.values()) {
      if (event.kind === 'created') {
        invalidateSoon(client, [topic, 'list']);
        // What was deleted may come back.
        invalidateSoon(client, [topic, 'one', event.id], 250);
      }
      // There is nothing to read again; an open page says that its thing is gone.
      else if (event.kind === 'deleted')
        client.setQueryData<object>([topic, 'one', event.id], (one) => (one ? { ...one, deleted: true } : one));
      else {
        const key = [topic, 'one', event.id];
        client.setQueryData<object>(key, (one) => (one ? { ...one, ...event.patch } : one));
        // A patch carries what lists show; what only the page of one thing shows is read again, if it is open.
        invalidateSoon(client, key, 250);
        if (topic === 'schedules') {
          invalidateSoon(client, ['schedules', 'fires', event.id], 250);
          invalidateSoon(client, ['schedules', 'upcoming', event.id], 250);
          invalidateSoon(client, ['schedules', 'explain', event.id], 250);
          invalidateSoon(client, ['schedules', 'versions', event.id], 250);
        }
        if (topic === 'workflows') invalidateSoon(client, ['workflows', 'versions', event.id], 250);
        // A publish over many schedules tells of all of them at once.
        if (topic === 'workflows' && 'schedules_rebound' in (event.patch ?? {})) invalidateSoon(client, ['schedules']);
      }
    }
  }
  // An alert changes a count and the order of a list, both short: they are read again.
  if (all.some((event) => event.topic === 'alerts')) invalidateSoon(client, ['alerts'], 250);
  // Maintenance stands in the way of every schedule, without a change of any.
  if (all.some((event) => event.topic === 'maintenance')) invalidateSoon(client, ['schedules', 'explain'], 250);
  for (const event of all) for (const listener of eventListeners) listener(event);
}

export function startStream(client: QueryClient): () => void {
  let socket: WebSocket | undefined;
  let since: number | undefined;
  let queue: StreamEvent[] = [];
  let frame = 0;
  let attempts = 0;
  let stopped = false;
  let reconnect: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    frame = 0;
    const events = queue;
    queue = [];
    applyEvents(client, events);
  };
  const refetchAll = () => client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
  const poll = setInterval(() => {
    if (state === 'offline') void refetchAll();
  }, 10_000);

  const open = () => {
    if (stopped) return;
    const url = new URL('/api/v1/stream', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (since !== undefined) url.searchParams.set('since', String(since));
    const mine = new WebSocket(url);
    socket = mine;
    mine.onmessage = (message) => {
      const data = JSON.parse(message.data as string) as Message;
      if (state !== 'live') {
        attempts = 0;
        // What failed while the hub was away is asked for again; the rest is filled by the stream.
        if (state === 'offline') void client.refetchQueries({ predicate: (query) => query.state.status === 'error' });
        setState('live');
      }
      if (data.reset) void refetchAll();
      if (typeof data.seq === 'number') since = data.seq;
      if (data.events?.length) {
        queue.push(...data.events);
        // A hidden tab gets no frames; a timer keeps its data fresh and its queue short.
        if (!frame)
          frame = document.hidden ? (setTimeout(flush, 250) as unknown as number) : requestAnimationFrame(flush);
      }
    };
    mine.onclose = () => {
      if (stopped || socket !== mine) return;
      setState('offline');
      reconnect = setTimeout(open, Math.min(500 * 2 ** attempts++, 8_000) * (0.75 + Math.random() / 2));
    };
  };
  const onOnline = () => {
    clearTimeout(reconnect);
    if (state !== 'live') open();
  };
  addEventListener('online', onOnline);
  open();
  return () => {
    stopped = true;
    clearInterval(poll);
    clearTimeout(reconnect);
    removeEventListener('online', onOnline);
    socket?.close();
    setState('connecting');
  };
}
