// Private servers for one comparison: PostgreSQL as the hub embeds it and Redis, both with every write on disk before it is
// answered, reached through unix sockets in one folder that goes with them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { env, pause, pgClient } from './lib.mjs';

async function holdPostgres(root) {
  const holder = spawn(env('CARILLON_PG_HOLDER'), [root], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const [line] = await once(createInterface({ input: holder.stdout }), 'line');
  if (!line.startsWith('ready')) throw new Error(`the private PostgreSQL does not start: ${line}`);
  const word = (name) => new RegExp(`${name}='([^']*)'`).exec(line)[1];
  const url = new URL(`postgresql://${word('user')}@localhost:5432/${word('dbname')}`);
  url.searchParams.set('host', word('host'));
  const stop = async () => {
    const gone = once(holder, 'exit');
    holder.stdin.end();
    await gone;
  };
  return { url: url.href, stop };
}

/** What a PostgreSQL plans with when nobody has set anything; the embedded one differs. */
const STOCK = { jit: 'on', random_page_cost: '4', work_mem: '4MB', effective_cache_size: '4GB' };

/**
 * Answers { url, stop }. Commit times are kept, for every peer alike: that is how Carillon's ends are measured. `stock`: plans
 * as a PostgreSQL fresh from the package, for every peer alike.
 */
export async function startPostgres(folder, stock) {
  const root = join(folder, 'pg');
  const first = await holdPostgres(root);
  const client = await pgClient(first.url);
  await client.query('alter system set track_commit_timestamp = on');
  // Settings of sessions win over those of the server's command line.
  if (stock) for (const [name, value] of Object.entries(STOCK)) await client.query(`alter role all set ${name} = '${value}'`);
  await client.end();
  await first.stop();
  return holdPostgres(root);
}

/** Answers { socket, stop }. The server is the program behind redis-check-rdb: redis-tools starts no service on this machine. */
export async function startRedis(folder) {
  const data = join(folder, 'redis'), socket = join(data, 'socket');
  mkdirSync(data);
  const settings = { port: 0, unixsocket: socket, dir: data, save: '', appendonly: 'yes', appendfsync: 'always', loglevel: 'warning' };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = spawn('redis-check-rdb', words, { argv0: 'redis-server', stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  let ended = false;
  redis.on('exit', () => { ended = true; });
  while (!existsSync(socket)) {
    if (ended) throw new Error('the private Redis does not start');
    await pause(20);
  }
  const stop = async () => {
    if (ended) return;
    const gone = once(redis, 'exit');
    redis.kill('SIGTERM');
    await gone;
  };
  return { socket, stop };
}
