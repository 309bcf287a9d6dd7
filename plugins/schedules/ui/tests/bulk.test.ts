import { QueryClient } from '@tanstack/react-query';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { applyEvents } from '@/api/stream';
import { type BulkJob, processed, watchBulk } from '../bulk';
import { toBulkFilter } from '../filters';

const job = (change: Partial<BulkJob> = {}): BulkJob => ({
  id: 'job',
  action: 'pause',
  arguments: {},
  state: 'running',
  total: 10,
  done: 0,
  failed: 0,
  skipped: 0,
  waiting: 10,
  undo_of: null,
  undone_by: null,
  undoable: false,
  created_at: '2026-11-21T08:00:00Z',
  created_by: 'Ann',
  started_at: null,
  ended_at: null,
  ...change,
});
const at = (waiting: number) => job({ waiting, done: 10 - waiting });
const over = job({ waiting: 0, done: 9, failed: 1, state: 'finished', ended_at: '2026-11-21T08:00:01Z' });
const tell = (patch: BulkJob, id = 'job') =>
  applyEvents(new QueryClient(), [{ topic: 'bulk', id, kind: 'updated', version: 1, patch: { ...patch } }]);

describe('a bulk job', () => {
  afterEach(() => void vi.useRealTimers());

  it('is followed by events to its end, and never backwards', async () => {
    const seen: number[] = [];
    const watch = watchBulk(
      at(10),
      (now) => seen.push(processed(now)),
      async () => at(10),
    );
    tell(at(4));
    tell(at(6));
    tell(at(0), 'another');
    tell(over);
    tell(at(2));
    expect(await watch.ended).toEqual(over);
    expect(seen).toEqual([6, 10]);
  });

  it('is asked for when no event comes, also after an answer that failed', async () => {
    vi.useFakeTimers();
    const answers = [at(7), new Error('away'), over];
    const seen: number[] = [];
    const read = async () => {
      const next = answers.shift();
      if (next instanceof Error || !next) throw next;
      return next;
    };
    const watch = watchBulk(at(10), (now) => seen.push(processed(now)), read);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await watch.ended).toEqual(over);
    expect(seen).toEqual([3, 10]);
    expect(answers).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen).toEqual([3, 10]);
  });

  it('is not asked for any more once nobody looks', async () => {
    vi.useFakeTimers();
    const read = vi.fn(async () => at(5));
    const watch = watchBulk(at(10), () => undefined, read);
    watch.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(read).not.toHaveBeenCalled();
  });

  it('is over what the list shows, whatever its order', () => {
    expect(toBulkFilter({ workflow: 'w', status: 'active', text: 'x', sort: '-name', new: 1 })).toEqual({
      workflow_id: 'w',
      kind: undefined,
      status: 'active',
      label: undefined,
      text: 'x',
    });
  });
});
