// pg-boss on PostgreSQL, with LISTEN/NOTIFY and its cron checked as often as is sensible (its defaults are 30 s and 5 s).
import { PgBoss } from 'pg-boss';
import { env, inParallel, pgClient, pgFacts, postmaster, versionOf } from '../lib.mjs';

const SCHEMA = 'peer_pgboss';
const QUEUE = 'bench';

export async function open({ batch = 2000, workers = 4, cronMonitor = 5, cronWorker = 1 } = {}) {
  const sql = await pgClient();
  await sql.query(`drop schema if exists ${SCHEMA} cascade`);
  const settings = { supervise: true, schedule: true, useListenNotify: true, max: 10, cronMonitorIntervalSeconds: cronMonitor, cronWorkerIntervalSeconds: cronWorker };
  const working = { batchSize: batch, localConcurrency: workers, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
  const boss = new PgBoss({ connectionString: env('PEERS_PG_URL'), schema: SCHEMA, ...settings });
  boss.on('error', (e) => console.error('pg-boss:', e.message));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  return {
    name: 'pgboss',
    version: `pg-boss ${versionOf('pg-boss')}`,
    settings: { ...settings, ...working },
    serverPid: await postmaster(sql),
    facts: () => pgFacts(sql),
    settle: () => sql.query('checkpoint'),
    work: (onStart) => boss.work(QUEUE, working, async (jobs) => jobs.forEach((job) => onStart(job.data))),
    async drained() {
      const { rows } = await sql.query(`select exists(select 1 from ${SCHEMA}.job where name = $1 and state < 'completed') as busy`, [QUEUE]);
      return !rows[0].busy;
    },
    addSchedules: (count, pattern, make) =>
      inParallel(count, 8, (i) => boss.schedule(QUEUE, pattern, make(i), { key: `s${i}`, tz: 'UTC' })),
    // created_on and completed_on are the statement's now(); each is one short statement.
    async times() {
      const { rows } = await sql.query(`select data->>'k' as k, extract(epoch from created_on) * 1000 as created,
        extract(epoch from completed_on) * 1000 as finished from ${SCHEMA}.job where name = $1`, [QUEUE]);
      return rows.map((row) => ({ k: row.k, created: Number(row.created), finished: row.finished && Number(row.finished) }));
    },
    async close() {
      await boss.stop({ graceful: true, timeout: 10_000 });
      await sql.query(`drop schema if exists ${SCHEMA} cascade`);
      await sql.end();
    },
  };
}
