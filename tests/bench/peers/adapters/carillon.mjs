// Carillon: a hub process of its own with its default settings, used through its HTTP API. Every run stays in its history.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, inParallel, pgClient, pgFacts, postmaster } from '../lib.mjs';

const DATABASE = 'peer_carillon';
const EMAIL = 'bench@bench.example';
const DEFINITION = `document: { dsl: '1.0.0', namespace: bench, name: noop, version: '1.0.0' }
input:
  schema:
    format: json
    document: { type: object, required: [k, pad], properties: { k: { type: string }, pad: { type: string } } }
do:
  - noop:
      set: { done: true }
`;

/** The hub refuses settings it does not know, and a person's own are none of a bench's business. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CARILLON_|PEERS_|DATABASE_URL$)/.test(name)));

function startHub(program, flags) {
  const hub = spawn(program, ['serve', '--port', '0', '--log-level', 'warn', '--log-format', 'json', ...flags], { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  process.on('exit', () => hub.kill('SIGKILL')); // does nothing once it has ended
  let said = '';
  const ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      said += chunk;
      const address = /ready at (http:\S+)/.exec(said);
      if (address) resolve(address[1]);
    };
    hub.stdout.on('data', read);
    hub.stderr.on('data', (chunk) => {
      read(chunk);
      process.stderr.write(chunk);
    });
    hub.on('error', reject);
    hub.on('exit', (code) => reject(new Error(`the hub ended with ${code}:\n${said}`)));
  });
  return { hub, ready };
}

export async function open() {
  const program = env('CARILLON_BIN');
  const admin = await pgClient();
  await admin.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.query(`create database ${DATABASE}`);
  const url = new URL(env('PEERS_PG_URL'));
  url.pathname = `/${DATABASE}`;
  const home = mkdtempSync(join(tmpdir(), 'carillon-compare-hub-'));
  const flags = ['--home', home, '--database-url', url.href];
  const { hub, ready } = startHub(program, flags);
  const address = await ready;
  const command = (...words) => execFileSync(program, [...words, ...flags], { env: environment(), encoding: 'utf8' }).trim();
  command('tenant', 'create', 'bench', '--email', EMAIL);
  const token = command('token', '--tenant', 'bench', '--actor', EMAIL).split('\n').at(-1);
  const sql = await pgClient(url.href);

  async function post(path, body) {
    const answer = await fetch(`${address}/api/v1${path}`, { method: 'POST', body: JSON.stringify(body),
      headers: { 'Authorization': `Bearer ${token}`, 'Content-Type': 'application/json' } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} → ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  return {
    name: 'carillon',
    version: execFileSync(program, ['version'], { encoding: 'utf8' }).split('\n')[0].trim(),
    settings: { defaults: true },
    serverPid: await postmaster(sql),
    clientPid: hub.pid,
    facts: () => pgFacts(sql),
    settle: () => sql.query('checkpoint'),
    async work() {}, // the hub works from its start on
    async addSchedules(count, pattern, make) {
      const workflow = await post('/workflows', { name: 'noop', text: DEFINITION, format: 'yaml' });
      await post(`/workflows/${workflow.id}/publish`, {});
      await inParallel(count, 16, (i) =>
        post('/schedules', { workflow_id: workflow.id, name: `Schedule ${i}`, timing: { kind: 'cron', cron: pattern, zone: 'UTC' }, payload: make(i) }));
    },
    async allStarted(due) {
      const { rows } = await sql.query('select exists(select 1 from registrations where planned_at <= $1) as busy', [new Date(due)]);
      return !rows[0].busy;
    },
    async drained() {
      const { rows } = await sql.query('select exists(select 1 from run_queue) as busy');
      return !rows[0].busy;
    },
    // Created and finished are when the transaction of the fire, and of the run's end, was committed; started is the run's
    // own mark, taken by the worker in front of the first task.
    async times() {
      const { rows } = await sql.query(`select r.input::jsonb->>'k' as k, extract(epoch from pg_xact_commit_timestamp(f.xmin)) * 1000 as created,
        extract(epoch from r.started_at) * 1000 as started, case when r.ended_at is not null then
        extract(epoch from pg_xact_commit_timestamp(r.xmin)) * 1000 end as finished from runs r join fires f on f.tenant_id = r.tenant_id and f.run_id = r.id`);
      const number = (text) => (text === null ? null : Number(text));
      return rows.map((row) => ({ k: row.k, created: number(row.created), started: number(row.started), finished: number(row.finished) }));
    },
    async close() {
      const gone = new Promise((resolve) => hub.once('exit', resolve));
      ready.catch(() => {}); // the end is wanted now
      hub.kill('SIGTERM');
      await gone;
      await sql.end();
      await admin.query(`drop database if exists ${DATABASE} with (force)`);
      await admin.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
