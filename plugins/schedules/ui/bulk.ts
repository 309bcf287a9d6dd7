import { api, ifMatch, newKey, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';

export type BulkAction = 'pause' | 'resume' | 'run' | 'delete';
export type BulkItem = { id: string; name: string; revision: number };
export type BulkResult = { action: BulkAction; done: BulkItem[]; failed: { item: BulkItem; problem: Problem }[] };

function call(action: BulkAction, item: BulkItem): Promise<unknown> {
  const path = { id: item.id };
  switch (action) {
    case 'pause':
      return take(api.POST('/api/v1/schedules/{id}/pause', { params: { path }, body: {} }));
    case 'resume':
      return take(api.POST('/api/v1/schedules/{id}/resume', { params: { path }, body: {} }));
    case 'run':
      return take(
        api.POST('/api/v1/schedules/{id}/run', { params: { path, header: { 'Idempotency-Key': newKey() } }, body: {} }),
      );
    case 'delete':
      return take(
        api.DELETE('/api/v1/schedules/{id}', { params: { path, header: { 'If-Match': ifMatch(item.revision) } } }),
      );
  }
}

/** One action over many schedules, a few at a time; every item gets its own result, one failure stops nothing. */
export async function runBulk(
  action: BulkAction,
  items: BulkItem[],
  onProgress: (done: number) => void,
  each = call,
  width = 6,
): Promise<BulkResult> {
  const result: BulkResult = { action, done: [], failed: [] };
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      try {
        await each(action, item);
        result.done.push(item);
      } catch (cause) {
        result.failed.push({ item, problem: problemOf(cause) });
      }
      onProgress(result.done.length + result.failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return result;
}
