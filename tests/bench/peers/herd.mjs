// node herd.mjs PEER [--schedules N] [--lead S] [--limit S] — schedules with a payload each, all due in the same minute: one
// line of JSON with how long after that instant each job existed, its handler started and its end was stored.
import { open } from './adapters/index.mjs';
import { args, ownCpu, pause, payload, percentiles, round, treeCpu } from './lib.mjs';

const a = args();
const count = a.schedules ?? 10_000;
const p = await open(a._[0]);

// One minute of one day: the herd comes once, so that a slow peer is not charged for the next minute's.
const due = Math.ceil((Date.now() + (a.lead ?? 20) * 1000) / 60_000) * 60_000;
const at = new Date(due);
const pattern = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
const limit = due + (a.limit ?? 120) * 1000;

const started = new Map();
let repeated = 0;
const onStart = (data) => {
  const now = Date.now();
  if (started.has(data.k)) repeated++;
  else started.set(data.k, now);
};
const cpu = () => ({ client: p.clientPid ? treeCpu(p.clientPid) : ownCpu(), server: treeCpu(p.serverPid) });

const begin = performance.now();
if (!p.loadFirst) await p.work(onStart);
await p.addSchedules(count, pattern, (i) => payload(i));
if (p.loadFirst) await p.work(onStart);
const load = (performance.now() - begin) / 1000;
await p.settle();
if (Date.now() > due - 2000) throw new Error(`loading ${count} schedules took ${round(load, 1)} s, past the minute they were due in: raise --lead`);

while (Date.now() < due - 1000) await pause(20);
const before = cpu();
const allStarted = p.allStarted ?? (async () => started.size >= count);
while (!(await allStarted(due)) && Date.now() < limit) await pause(20);
while (!(await p.drained()) && Date.now() < limit) await pause(20);
const drained = Date.now() - due;
const after = cpu();
await pause(3000); // a repeated job would come now

const times = await p.times();
for (const row of times) if (row.started) started.set(row.k, row.started);
const since = (field) => percentiles(times.map((row) => row[field]).filter(Boolean).map((t) => t - due));
const distinct = new Set(times.map((row) => row.k)).size;
console.log(JSON.stringify({
  workload: 'herd', peer: p.name, version: p.version, schedules: count, load_s: round(load, 1),
  created_ms: since('created'), started_ms: percentiles([...started.values()].map((t) => t - due)), finished_ms: since('finished'), drained_ms: drained,
  missed: count - started.size, repeated: Math.max(repeated, times.length - distinct), early: [...started.values()].filter((t) => t < due).length,
  cpu_s: { client: round(after.client - before.client, 2), server: round(after.server - before.server, 2) },
  settings: p.settings, server: await p.facts(),
}));
await p.close();
process.exit(0); // some clients keep timers
