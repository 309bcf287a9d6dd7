// node tests/e2e/with-hub.mjs [name…] — starts the built hub with the sample tenant in a new home, runs the scenarios
// against it and stops it. What mostly waits has a hub of its own, beside the others. CARILLON_BIN names the program.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarioNames } from './scenarios.mjs';

/** Waits for full minutes most of its time. */
const WAITING = ['fire'];
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env.CARILLON_BIN ?? join(root, 'build/release/carillon');
// The hub refuses settings it does not know, and these variables are the scenarios'.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARILLON_')));

function startHub(home) {
  const hub = spawn(program, ['serve', '--home', home, '--port', '0', '--sample', '--outbound-allow-private', 'true', '--log-format', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  const started = { said: '', ended: false };
  started.ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      started.said += chunk;
      const address = started.said.match(/ready at (http:\S+)/);
      if (address) resolve(address[1]);
    };
    hub.stdout.on('data', read);
    hub.stderr.on('data', read);
    hub.on('exit', (code) => {
      started.ended = true;
      reject(new Error(`the hub ended with ${code} before it was ready:\n${started.said}`));
    });
  });
  started.stop = async () => {
    if (started.ended) return;
    const gone = new Promise((resolve) => hub.once('exit', resolve));
    hub.kill('SIGTERM');
    await gone;
  };
  return started;
}

/** Runs the scenarios; their lines are passed on, and what the closing one counts is given back. */
async function runScenarios(url, names) {
  const scenarios = spawn(process.execPath, [join(root, 'tests/e2e/run.mjs'), ...names], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, CARILLON_URL: url, CARILLON_EMAIL: 'admin@acme.example', CARILLON_PASSWORD: 'carillon' },
  });
  let counts = null;
  let rest = '';
  scenarios.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const closing = line.match(/^(\d+) passed, (\d+) failed$/);
      if (closing) counts = { passed: Number(closing[1]), failed: Number(closing[2]) };
      else console.log(line);
    }
  });
  const code = await new Promise((resolve) => scenarios.on('close', (status) => resolve(status ?? 1)));
  return { code, passed: counts?.passed ?? 0, failed: counts?.failed ?? 0 };
}

async function onHub(names) {
  const home = mkdtempSync(join(tmpdir(), 'carillon-e2e-'));
  const hub = startHub(home);
  let ran = { code: 2, passed: 0, failed: 0 };
  try {
    ran = await runScenarios(await hub.ready, names);
  } catch (cause) {
    console.error(String(cause.message));
  }
  await hub.stop();
  if (ran.code !== 0) console.error(hub.said.split('\n').filter((line) => /"level":"(warn|error)"/.test(line)).join('\n'));
  rmSync(home, { recursive: true, force: true });
  // Ended badly without a failed scenario: it could not start, or broke off.
  return { ...ran, failed: ran.code === 0 ? 0 : Math.max(1, ran.failed) };
}

const wanted = scenarioNames(process.argv.slice(2));
const groups = [wanted.filter((name) => WAITING.includes(name)), wanted.filter((name) => !WAITING.includes(name))].filter((names) => names.length > 0);
if (groups.length === 0) console.error('No scenario has such a name.');
const all = await Promise.all(groups.map(onHub));
const total = (key) => all.reduce((sum, each) => sum + each[key], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exit(all.length === 0 ? 2 : Math.max(...all.map((each) => each.code)));
