import { api, newKey, type Schemas, take } from '@/api/client';
import { onStreamEvent } from '@/api/stream';

export type BulkAction = 'pause' | 'resume' | 'run' | 'delete';
export type BulkJob = Schemas['BulkJob'];
export type BulkItem = Schemas['BulkItem'];
/** The chosen rows, or all that a filter matches, which must be as many as were shown. */
export type BulkTarget = { ids: string[] } | { filter: Schemas['BulkFilter']; expected_count: number };
export type PassedOneTime = NonNullable<Schemas['BulkRequest']['passed_one_time']>;

/** How many failed items are shown, and done again by a retry. */
export const SHOWN_ITEMS = 500;

export const startBulk = (action: BulkAction, target: BulkTarget, passed_one_time?: PassedOneTime): Promise<BulkJob> =>
  take(
    api.POST('/api/v1/schedules/bulk', {
      params: { header: { 'Idempotency-Key': newKey() } },
      body: { action, ...target, passed_one_time },
    }),
  );

export const undoBulk = (id: string): Promise<BulkJob> =>
  take(
    api.POST('/api/v1/schedules/bulk/{id}/undo', {
      params: { path: { id }, header: { 'Idempotency-Key': newKey() } },
      body: {},
    }),
  );

export const cancelBulk = (id: string): Promise<BulkJob> =>
  take(api.POST('/api/v1/schedules/bulk/{id}/cancel', { params: { path: { id } } }));

const readBulk = (id: string): Promise<BulkJob> =>
  take(api.GET('/api/v1/schedules/bulk/{id}', { params: { path: { id } } }));

export const failedItems = async (id: string): Promise<BulkItem[]> => {
  const page = await take(
    api.GET('/api/v1/schedules/bulk/{id}/items', {
      params: { path: { id }, query: { state: 'failed', limit: SHOWN_ITEMS } },
    }),
  );
  return page.items;
};

export const processed = (job: BulkJob) => job.total - job.waiting;

/**
 * Follows a job to its end: by the change stream, and by asking every second, since a stream may be down. What comes late
 * (an answer that was under way when a newer event came) never turns the count back.
 */
export function watchBulk(
  begun: BulkJob,
  onProgress: (job: BulkJob) => void,
  read: (id: string) => Promise<BulkJob> = readBulk,
  every = 1_000,
): { ended: Promise<BulkJob>; stop: () => void } {
  let latest = begun;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let finish: (job: BulkJob) => void = () => undefined;
  const ended = new Promise<BulkJob>((resolve) => {
    finish = resolve;
  });
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    unlisten();
  };
  const see = (job: BulkJob) => {
    if (stopped || (!job.ended_at && processed(job) < processed(latest))) return;
    latest = job;
    onProgress(job);
    if (!job.ended_at) return;
    stop();
    finish(job);
  };
  const unlisten = onStreamEvent((event) => {
    if (event.topic === 'bulk' && event.id === begun.id) see(event.patch as unknown as BulkJob);
  });
  const ask = () => {
    timer = setTimeout(() => {
      // Not answered is not ended: it is asked again.
      void read(begun.id)
        .then(see, () => undefined)
        .finally(() => !stopped && ask());
    }, every);
  };
  ask();
  return { ended, stop };
}
