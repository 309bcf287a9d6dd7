// graphile-worker on PostgreSQL. LISTEN/NOTIFY is always on.
import { EventEmitter } from 'node:events';
import { Logger, makeWorkerUtils, parseCronItems, run } from 'graphile-worker';
import pg from 'pg';
import { env, pgClient, pgFacts, postmaster, versionOf } from '../lib.mjs';

const SCHEMA = 'peer_graphile';
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error('graphile-worker:', message);
});

export async function open({ concurrency = 24, batch = 2000, completeDelay = 20 } = {}) {
  const sql = await pgClient();
  await sql.query(`drop schema if exists ${SCHEMA} cascade`);
  const pool = new pg.Pool({ connectionString: env('PEERS_PG_URL'), max: 12 });
  pool.on('error', (e) => console.error('graphile-worker:', e.message));
  pool.on('connect', (client) => client.on('error', (e) => console.error('graphile-worker:', e.message)));
  const worker = { schema: SCHEMA, logger, concurrentJobs: concurrency, pollInterval: 2000, localQueue: { size: batch },
    completeJobBatchDelay: completeDelay, failJobBatchDelay: completeDelay };
  const utils = await makeWorkerUtils({ pgPool: pool, schema: SCHEMA, logger });
  await utils.migrate();
  let runner, crons = [], visible = null;
  const seen = [];
  return {
    name: 'graphile',
    version: `graphile-worker ${versionOf('graphile-worker')}`,
    settings: { concurrentJobs: concurrency, localQueueSize: batch, completeJobBatchDelay: completeDelay, poolMax: 12 },
    serverPid: await postmaster(sql),
    facts: () => pgFacts(sql),
    settle: () => sql.query('checkpoint'),
    async work(onStart) {
      const events = new EventEmitter();
      // All jobs of a minute are made by one statement and become visible together.
      events.on('cron:scheduled', () => { visible = Date.now(); });
      events.on('job:complete', ({ job }) => seen.push({ k: job.payload.k, finished: Date.now() }));
      runner = await run({ pgPool: pool, taskList: { bench: async (data) => onStart(data) }, parsedCronItems: crons, events,
        noHandleSignals: true, preset: { worker } });
    },
    async drained() {
      const { rows } = await sql.query(`select exists(select 1 from ${SCHEMA}._private_jobs) as busy`);
      return !rows[0].busy;
    },
    // Its crontab is fixed when the runner starts.
    loadFirst: true,
    async addSchedules(count, pattern, make) {
      crons = parseCronItems(Array.from({ length: count }, (_, i) => ({ task: 'bench', match: pattern, payload: make(i), identifier: `s${i}` })));
    },
    times: async () => seen.map((s) => ({ ...s, created: visible })),
    async close() {
      await runner?.stop();
      await utils.release();
      await pool.end();
      await sql.query(`drop schema if exists ${SCHEMA} cascade`);
      await sql.end();
    },
  };
}
