// BullMQ on Redis.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { env, inParallel, versionOf } from '../lib.mjs';

const QUEUE = 'bench';

export async function open({ concurrency = 100 } = {}) {
  const path = env('PEERS_REDIS_SOCKET');
  const redis = new Redis({ path, maxRetriesPerRequest: null });
  await redis.flushdb(); // the server is ours
  const connection = { path, maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: 1000 } });
  await queue.waitUntilReady();
  let worker;
  const seen = [];
  return {
    name: 'bullmq',
    version: `bullmq ${versionOf('bullmq')}`,
    settings: { concurrency, removeOnComplete: true },
    serverPid: Number(/process_id:(\d+)/.exec(await redis.info('server'))[1]),
    async facts() {
      const get = async (key) => (await redis.config('GET', key))[1];
      const redisVersion = /redis_version:(\S+)/.exec(await redis.info('server'))[1];
      return { redis: redisVersion, appendonly: await get('appendonly'), appendfsync: await get('appendfsync') };
    },
    async settle() {},
    async work(onStart) {
      worker = new Worker(QUEUE, async (job) => onStart(job.data), { connection, concurrency });
      worker.on('error', (e) => console.error('bullmq:', e.message));
      worker.on('completed', (job) => seen.push({ k: job.data.k, finished: Date.now() }));
      await worker.waitUntilReady();
    },
    async drained() {
      const counts = await queue.getJobCounts('waiting', 'active', 'prioritized');
      return Object.values(counts).every((n) => n === 0);
    },
    addSchedules: (count, pattern, make) =>
      inParallel(count, 16, (i) =>
        queue.upsertJobScheduler(`s${i}`, { pattern, tz: 'UTC' }, { name: 'noop', data: make(i), opts: { removeOnComplete: true } })),
    // The next job of a scheduler exists, delayed, long before it is due: there is no instant of creation to measure.
    times: async () => seen,
    async close() {
      await worker?.close();
      await queue.close();
      await redis.flushdb();
      await redis.quit();
    },
  };
}
