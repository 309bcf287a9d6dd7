// Runs every peer on private servers, one after another, and prints the figures and how much sooner Carillon is.
// tests/bench/compare sets this up; its --help lists the flags.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { args, env, pause } from './lib.mjs';
import { cronReport, herdReport, idleReport } from './report.mjs';
import { startPostgres, startRedis } from './servers.mjs';

const a = args();
const parts = String(a.parts ?? 'herd,idle,cron').split(',');
const rounds = a.rounds ?? 1, schedules = String(a.schedules ?? 10_000);
const peers = ['carillon', 'bullmq', 'graphile'];
const patience = a.patience ?? 120;
const withPgBoss = a['with-pgboss'] === true;
const here = fileURLToPath(new URL('.', import.meta.url));

const tell = (text) => console.error(text);
function record(figures) {
  if (a.out) appendFileSync(a.out, `${JSON.stringify(figures)}\n`);
  return figures;
}

/** Share of all cores that is busy over a second. */
async function busy() {
  const times = () => readFileSync('/proc/stat', 'latin1').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number);
  const first = times();
  await pause(1000);
  const spent = times().map((t, i) => t - first[i]);
  return 1 - (spent[3] + spent[4]) / spent.reduce((sum, t) => sum + t, 0);
}

/** Waits, not for ever, for a machine that does nothing else. */
async function quiet() {
  let share = await busy();
  for (let n = 0; share > 0.1 && n < patience; n++) share = await busy();
  if (share > 0.1) tell(`  the machine is ${Math.round(share * 100)} % busy with other things: these figures are not worth much`);
}

async function runPeer(script, peer, flags, environment) {
  await quiet();
  const child = spawn(process.execPath, [`${script}.mjs`, peer, '--schedules', schedules, ...flags], { cwd: here, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => { text += chunk; });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${script} of ${peer} ended with ${code}`);
  return record(JSON.parse(text.trim().split('\n').at(-1)));
}

async function runOnServers(environment) {
  const results = { herd: [], idle: [] };
  if (parts.includes('herd')) {
    for (let round = 1; round <= rounds; round++) {
      for (const peer of peers) {
        tell(`herd ${round}/${rounds}: ${peer}, waits for a full minute`);
        results.herd.push(await runPeer('herd', peer, [], environment));
      }
    }
    if (withPgBoss) {
      tell('herd: pgboss, some minutes');
      results.herd.push(await runPeer('herd', 'pgboss', ['--lead', '40', '--limit', '480'], environment));
    }
  }
  if (parts.includes('idle')) {
    for (const peer of [...peers, ...(withPgBoss ? ['pgboss'] : [])]) {
      tell(`idle: ${peer}`);
      results.idle.push(await runPeer('idle', peer, [], environment));
    }
  }
  return results;
}

async function compareOnServers() {
  // Others have to pass: the database may belong to the user postgres.
  const folder = mkdtempSync(join(os.tmpdir(), 'carillon-compare-'));
  execFileSync('chmod', ['755', folder]);
  const running = [];
  const stop = async () => {
    while (running.length) await running.pop().stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('SIGINT', () => stop().finally(() => process.exit(130)));
  try {
    const postgres = await startPostgres(folder, a['stock-postgres'] === true);
    running.push(postgres);
    const redis = await startRedis(folder);
    running.push(redis);
    return await runOnServers({ ...process.env, TMPDIR: folder, PEERS_PG_URL: postgres.url, PEERS_REDIS_SOCKET: redis.socket });
  } finally {
    await stop();
  }
}

/** Nanoseconds for each expression, by evaluator: ours first. */
async function compareCron() {
  await quiet();
  tell('cron: bench_cron, croner, cron-parser');
  const text = execFileSync(env('CARILLON_BENCH_CRON'), { encoding: 'utf8' });
  const own = Object.fromEntries([...text.matchAll(/^(.+?)\s+([\d.]+) ns\/next/gm)].map((m) => [m[1], Number(m[2])]));
  record({ workload: 'cron', peer: 'carillon', ns: own });
  const theirs = execFileSync(process.execPath, ['cron.mjs', ...Object.keys(own)], { cwd: here, encoding: 'utf8' }).trim().split('\n').map((line) => record(JSON.parse(line)));
  return [{ peer: 'carillon', ns: own }, ...theirs];
}

console.log(`${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, node ${process.version}, ${new Date().toISOString()}`);
const onServers = parts.some((part) => part === 'herd' || part === 'idle') ? await compareOnServers() : { herd: [], idle: [] };
if (onServers.herd.length) console.log(herdReport(onServers.herd));
if (onServers.idle.length) console.log(idleReport(onServers.idle));
if (!withPgBoss && parts.includes('herd')) console.log('pg-boss is left out: its herd takes minutes (--with-pgboss).\n');
if (parts.includes('cron')) console.log(cronReport(await compareCron()));
