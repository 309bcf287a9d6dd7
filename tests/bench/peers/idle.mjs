// node idle.mjs PEER [--schedules N] [--seconds S] — schedules of which none is due for half a day: one line of JSON with the
// CPU used while nothing happens.
import { readFileSync } from 'node:fs';
import { open } from './adapters/index.mjs';
import { args, ownCpu, pause, payload, round, treeCpu } from './lib.mjs';

const a = args();
const count = a.schedules ?? 10_000, seconds = a.seconds ?? 20;
const p = await open(a._[0]);
const far = new Date(Date.now() + 12 * 3_600_000);
if (!p.loadFirst) await p.work(() => {});
await p.addSchedules(count, `${far.getUTCMinutes()} ${far.getUTCHours()} * * *`, (i) => payload(i));
if (p.loadFirst) await p.work(() => {});
await p.settle();
await pause(10_000); // what loading left to do
const cpu = () => [p.clientPid ? treeCpu(p.clientPid) : ownCpu(), treeCpu(p.serverPid)];
const before = cpu();
await pause(seconds * 1000);
const [client, server] = cpu().map((used, i) => round((100 * (used - before[i])) / seconds, 2));
const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${p.clientPid ?? process.pid}/status`, 'latin1'))[1]);
console.log(JSON.stringify({ workload: 'idle', peer: p.name, version: p.version, schedules: count, seconds, core_percent: { client, server }, client_mb: round(memory / 1024, 0) }));
await p.close();
process.exit(0); // some clients keep timers
