import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { applyEvents, mergeEvents, patchPages, type StreamEvent } from '@/api/stream';

const event = (id: string, kind: StreamEvent['kind'], patch = {}): StreamEvent => ({
  topic: 'schedules',
  id,
  kind,
  patch,
});
const data = {
  pageParams: [undefined],
  pages: [
    {
      items: [
        { id: 'a', status: 'active' },
        { id: 'b', status: 'active' },
      ],
      next_cursor: null,
    },
  ],
};

describe('live changes', () => {
  it('become one change per row; the later field wins and a deletion ends it', () => {
    const merged = mergeEvents([
      event('a', 'updated', { status: 'paused', x: 1 }),
      event('a', 'updated', { status: 'active' }),
      event('b', 'deleted'),
      event('b', 'updated', { x: 2 }),
    ]);
    expect(merged.get('a')?.patch).toEqual({ status: 'active', x: 1 });
    expect(merged.get('b')?.kind).toBe('deleted');
  });
  it('patch rows in place and keep every other object as it is', () => {
    const next = patchPages(data, mergeEvents([event('b', 'updated', { status: 'paused' })]));
    expect(next.pages[0]!.items[0]).toBe(data.pages[0]!.items[0]);
    expect(next.pages[0]!.items[1]).toEqual({ id: 'b', status: 'paused' });
  });
  it('mark deleted rows instead of taking them from under the pointer', () => {
    expect(patchPages(data, mergeEvents([event('a', 'deleted')])).pages[0]!.items[0]).toMatchObject({
      id: 'a',
      deleted: true,
    });
  });
  it('mark the open page of what was deleted, and have it read again when it comes back', () => {
    vi.useFakeTimers();
    const client = new QueryClient();
    client.setQueryData(['schedules', 'one', 'a'], { id: 'a' });
    applyEvents(client, [event('a', 'deleted')]);
    expect(client.getQueryData(['schedules', 'one', 'a'])).toEqual({ id: 'a', deleted: true });
    applyEvents(client, [event('a', 'created')]);
    vi.advanceTimersByTime(300);
    expect(client.getQueryState(['schedules', 'one', 'a'])?.isInvalidated).toBe(true);
    vi.useRealTimers();
  });
  it('give back the same object when nothing shown has changed', () => {
    expect(patchPages(data, mergeEvents([event('zzz', 'updated', { status: 'paused' })]))).toBe(data);
  });
  it('of maintenance have every explanation read again', () => {
    vi.useFakeTimers();
    const client = new QueryClient();
    client.setQueryData(['schedules', 'explain', 'a', 'next'], {});
    applyEvents(client, [{ ...event('x', 'created'), topic: 'maintenance' }]);
    vi.advanceTimersByTime(300);
    expect(client.getQueryState(['schedules', 'explain', 'a', 'next'])?.isInvalidated).toBe(true);
    vi.useRealTimers();
  });
  it('of alerts have the count and the list read again', () => {
    vi.useFakeTimers();
    const client = new QueryClient();
    client.setQueryData(['alerts', 'count'], { open: 0 });
    client.setQueryData(['schedules', 'list', {}], data);
    applyEvents(client, [{ ...event('x', 'created'), topic: 'alerts' }]);
    vi.advanceTimersByTime(300);
    expect(client.getQueryState(['alerts', 'count'])?.isInvalidated).toBe(true);
    expect(client.getQueryState(['schedules', 'list', {}])?.isInvalidated).toBe(false);
    vi.useRealTimers();
  });
});
