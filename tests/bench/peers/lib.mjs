// What the workloads share: arguments, payloads, percentiles, CPU of processes, waiting.
import { readFileSync, readdirSync } from 'node:fs';
import pg from 'pg';

/** `node script.mjs PEER --schedules 20000 --flag` → { _: ['PEER'], schedules: 20000, flag: true } */
export function args(argv = process.argv.slice(2)) {
  const out = { _: [] };
  for (let i = 0; i < argv.length; i++) {
    if (!argv[i].startsWith('--')) {
      out._.push(argv[i]);
      continue;
    }
    const name = argv[i].slice(2), next = argv[i + 1];
    if (next === undefined || next.startsWith('--')) out[name] = true;
    else out[name] = Number.isNaN(Number(argv[++i])) ? next : Number(next);
  }
  return out;
}

export function env(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: tests/bench/compare sets it`);
  return value;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
let state = 20231;
const TEXT = Array.from({ length: 1 << 16 }, () => {
  state = (state * 1664525 + 1013904223) % 4294967296;
  return LETTERS[Math.floor((state / 4294967296) * LETTERS.length)];
}).join('');

/** A JSON object of `bytes` bytes; `k` tells schedules apart, the rest is a slice of fixed pseudo-random text. */
export function payload(k, bytes = 300) {
  const head = { k: String(k), pad: '' };
  const need = bytes - JSON.stringify(head).length;
  const from = (k * 7919) % (TEXT.length - need);
  return { ...head, pad: TEXT.slice(from, from + need) };
}

export const round = (x, digits = 3) => Math.round(x * 10 ** digits) / 10 ** digits;

export function percentiles(values) {
  const sorted = Float64Array.from(values).sort();
  const at = (p) => (sorted.length ? round(sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)], 1) : null);
  return { first: at(0), p50: at(0.5), p99: at(0.99), last: at(1) };
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls `make(i)` for 0 … count − 1, `width` at a time. */
export async function inParallel(count, width, make) {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < count; i = next++) await make(i);
    }),
  );
}

export const versionOf = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

// ---- CPU --------------------------------------------------------------------------------------------------------------------
const TICKS_PER_SECOND = 100; // USER_HZ of every Linux in use

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const f = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { parent: f[1], cpu: (f[11] + f[12] + f[13] + f[14]) / TICKS_PER_SECOND };
  } catch {
    return null; // it has ended
  }
}

/** CPU seconds of a process, its children, and the children it has waited for. */
export function treeCpu(pid) {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(stat).filter((s) => s?.parent === pid);
  return (stat(pid)?.cpu ?? 0) + children.reduce((sum, child) => sum + child.cpu, 0);
}

export function ownCpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// ---- PostgreSQL -------------------------------------------------------------------------------------------------------------
export async function pgClient(connectionString = env('PEERS_PG_URL')) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

/** The server's own process. */
export async function postmaster(client) {
  const { rows } = await client.query('select pg_backend_pid() as pid');
  return stat(rows[0].pid).parent;
}

export async function pgFacts(client) {
  const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'jit'];
  const { rows } = await client.query('select name, setting from pg_settings where name = any($1) order by name', [names]);
  return Object.fromEntries(rows.map((row) => [row.name, row.setting]));
}
