// node tests/e2e/with-hub.mjs [name…] — starts the built hub with the sample tenant in a new home, runs the scenarios
// against it and stops it. CARILLON_BIN names the program.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env.CARILLON_BIN ?? join(root, 'build/release/carillon');
const home = mkdtempSync(join(tmpdir(), 'carillon-e2e-'));
// The hub refuses settings it does not know, and these variables are the scenarios'.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARILLON_')));
const hub = spawn(program, ['serve', '--home', home, '--port', '0', '--sample', '--outbound-allow-private', 'true', '--log-format', 'json'], {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: environment,
});
let said = '';
let ended = false;
const ready = new Promise((resolve, reject) => {
  const read = (chunk) => {
    said += chunk;
    const address = said.match(/ready at (http:\S+)/);
    if (address) resolve(address[1]);
  };
  hub.stdout.on('data', read);
  hub.stderr.on('data', read);
  hub.on('exit', (code) => {
    ended = true;
    reject(new Error(`the hub ended with ${code} before it was ready:\n${said}`));
  });
});

async function stop() {
  if (ended) return;
  const gone = new Promise((resolve) => hub.once('exit', resolve));
  hub.kill('SIGTERM');
  await gone;
}

let code = 2;
try {
  const url = await ready;
  const scenarios = spawn(process.execPath, [join(root, 'tests/e2e/run.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, CARILLON_URL: url, CARILLON_EMAIL: 'admin@acme.example', CARILLON_PASSWORD: 'carillon' },
  });
  code = await new Promise((resolve) => scenarios.on('exit', (status) => resolve(status ?? 1)));
} catch (cause) {
  console.error(String(cause.message));
}
await stop();
if (code !== 0) console.error(said.split('\n').filter((line) => /"level":"(warn|error)"/.test(line)).join('\n'));
rmSync(home, { recursive: true, force: true });
process.exit(code);
