// node tests/bench/schema/peers.mjs — our validator beside valijson, ajv and Blaze on the three payloads, one after the
// other in one run. Nanoseconds per valid payload, schema compiled once; best of several rounds. A peer that is not
// there, or does not take a schema, is said so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const build = process.env.CARILLON_BUILD ?? join(root, 'build/release');
const require = createRequire(import.meta.url);
const NAMES = ['ticket', 'order', 'flow'];
const BEST_OF = 5;

const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-schema-'));
const run = (program, ...args) => spawnSync(program, args, { encoding: 'utf8' });
const json = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const each = (measure) => Object.fromEntries(NAMES.map((name) => [name, measure(name)]));

function ours() {
  const lines = run(join(build, 'tests/bench_schema')).stdout.trim().split('\n').slice(1);
  const columns = Object.fromEntries(lines.map((line) => line.trim().split(/\s+/)).map(([name, , tree, , text, parse]) => [name, { tree, text, parse }]));
  const row = (column) => each((name) => Number(columns[name][column]));
  return { tree: row('tree'), text: row('text'), parse: row('parse') };
}

function valijson() {
  const program = join(build, 'tests/bench_valijson');
  if (!existsSync(program)) return 'not built: apt-get install libvalijson-dev, configure again, build bench_valijson';
  const said = run(program, folder).stdout;
  return each((name) => Number(said.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1] ?? Number.NaN));
}

function ajv() {
  try {
    const Ajv = require('ajv/dist/2020').default;
    const formats = require('ajv-formats').default;
    return each((name) => {
      // Without a precision it takes 19.99 for no multiple of 0.01, and refuses the order.
      const validate = formats(new Ajv({ strict: false, multipleOfPrecision: 9 })).compile(json(`${name}.schema.json`));
      const payload = json(`${name}.json`);
      return bestOf((calls) => {
        let good = true;
        for (let i = 0; i < calls; ++i) good = validate(payload) && good;
        if (!good) throw new Error(`ajv refuses ${name}`);
      });
    });
  } catch (error) {
    return `not there: npm install --prefix tests/bench/schema (${error.message.split('\n')[0]})`;
  }
}

function bestOf(work) {
  let calls = 1_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= BEST_OF; ++round) {
    const begun = process.hrtime.bigint();
    work(calls);
    const took = Number(process.hrtime.bigint() - begun) / calls;
    // The first round warms up and tells how many calls a tenth of a second takes.
    if (round === 0) calls = Math.max(1_000, Math.ceil(1e8 / took));
    else best = Math.min(best, took);
  }
  return best;
}

/** Its own benchmark mode says "order.json: PASS 12.3 +- 4.5 us (0.06)": the mean of the calls, in microseconds. */
function blaze() {
  const program = join(here, 'node_modules/.bin/jsonschema');
  if (!existsSync(program)) return 'not there: npm install --prefix tests/bench/schema';
  return each((name) => {
    const files = [join(folder, `${name}.schema.json`), join(folder, `${name}.json`)];
    let best = Number.NaN;
    let calls = 1_000;
    for (let round = 0; round <= BEST_OF; ++round) {
      const said = run(program, 'validate', ...files, '--default-dialect', 'https://json-schema.org/draft/2020-12/schema', '--fast', '--format-assertion', '--benchmark', '--loop', String(calls));
      const took = Number(`${said.stdout}${said.stderr}`.match(/PASS ([0-9.]+) \+- [0-9.]+ us/)?.[1]) * 1e3;
      if (Number.isNaN(took)) return Number.NaN;
      // As many calls as for the others: a tenth of a second.
      if (round === 0) calls = Math.max(1_000, Math.ceil(1e8 / took));
      else best = Number.isNaN(best) ? took : Math.min(best, took);
    }
    return best;
  });
}

const wrote = run(join(build, 'tests/bench_schema'), '--write', folder);
if (wrote.status !== 0) throw new Error(`bench_schema is not built: cmake --build ${build} --target bench_schema`);
const mine = ours();
const rows = { 'ours, tree': mine.tree, 'ours, text (parsed and judged)': mine.text, '  of that, parsed': mine.parse, valijson: valijson(), ajv: ajv(), 'Blaze --fast': blaze() };
rmSync(folder, { recursive: true });
const cell = (text) => String(text).padStart(12);
console.log(`${'ns per payload'.padEnd(32)}${NAMES.map(cell).join('')}   times ours (tree)`);
for (const [label, row] of Object.entries(rows)) {
  if (typeof row === 'string') console.log(`${label.padEnd(32)}  ${row}`);
  else console.log(`${label.padEnd(32)}${NAMES.map((name) => cell(Number.isNaN(row[name]) ? 'refused' : Math.round(row[name]))).join('')}   ${NAMES.map((name) => (row[name] / mine.tree[name]).toFixed(2)).join('  ')}`);
}
