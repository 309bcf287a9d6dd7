// node tests/differential/cron/run.mjs — `carillon cron next` against croner on random expressions, zones and instants.
// CARILLON_BIN names the program; CARILLON_DIFFERENTIAL_LINES (20,000) and CARILLON_DIFFERENTIAL_SEED choose the cases.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { brokenExpression, expression, random } from './generate.mjs';
import { accepts, byCroner, expected, rulesDiffer } from './model.mjs';
import { FIRST, LAST, ZONES, ZoneClock } from './zones.mjs';

const program = process.env.CARILLON_BIN ?? fileURLToPath(new URL('../../../build/release/carillon', import.meta.url));
const lines = Number(process.env.CARILLON_DIFFERENTIAL_LINES ?? 20_000);
const seed = Number(process.env.CARILLON_DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 32));
const COUNT = 3;
const SHOWN = 5;
const HOUR = 3_600_000;

const version = JSON.parse(readFileSync(new URL('node_modules/croner/package.json', import.meta.url))).version;
console.log(`seed ${seed}, ${lines} lines, croner ${version}, zone data of Node: ${process.versions.tz}`);
const r = random(seed);
const clocks = new Map(ZONES.map((name) => [name, new ZoneClock(name)]));
const disputed = [...clocks.values()].flatMap((clock) => clock.changes.filter((c) => rulesDiffer(c) && c.at < LAST).map((change) => ({ zone: clock.name, change })));

function makeCase() {
  const odd = r.chance(0.05) ? r.pick(disputed) : null;
  const zone = odd?.zone ?? r.pick(ZONES);
  const clock = clocks.get(zone);
  let after = FIRST + r.below((LAST - FIRST) / 60_000) * 60_000;
  const change = odd?.change ?? clock.changes[clock.place(after)];
  // Two of three close to a clock change, and many of those in the hour that is skipped or comes twice.
  const near = odd !== null || (change !== undefined && r.chance(0.66));
  if (near) after = change.at - 30 * HOUR + r.below(32 * 60) * 60_000;
  const hour = near ? new Date(change.at + Math.min(change.before, change.after)).getUTCHours() : undefined;
  return { expr: expression(r, hour), tz: zone, after: after + r.below(3) * 20_000 };
}

/** One answer of the program for each question, in order. */
async function ask(questions) {
  const child = spawn(program, ['cron', 'next'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  child.stdin.on('error', () => {}); // it ended early: its exit code says so
  child.stdin.end(questions.map((q) => JSON.stringify({ expr: q.expr, tz: q.tz, after: new Date(q.after).toISOString(), count: COUNT })).join('\n'));
  const answers = [];
  for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line));
  const code = await ended;
  if (code !== 0 || answers.length !== questions.length) throw new Error(`carillon cron next ended with ${code} after ${answers.length} of ${questions.length} answers`);
  return answers;
}

const text = (instants) => (instants.length ? instants.map((t) => new Date(t).toISOString().replace('.000Z', 'Z')).join(' ') : 'never');
const same = (a, b) => a.length === b.length && a.every((t, i) => t === b[i]);
const checks = [];
function check(name, tried, faults, least = 1) {
  if (tried < least) faults.unshift(`only ${tried} cases of at least ${least}: this check says nothing`);
  checks.push(faults.length === 0);
  console.log(`${faults.length ? 'FAILED' : 'ok'}  ${name}: ${tried} compared${faults.length ? `, ${faults.length} differ` : ''}`);
  for (const fault of faults.slice(0, SHOWN)) console.log(`  ${fault}`);
}

const cases = Array.from({ length: lines }, makeCase);
const answers = await ask(cases);
const apart = { rule: [], croner: [] };
const tally = { steady: 0, agree: 0, differ: 0 };
cases.forEach((c, i) => {
  const clock = clocks.get(c.tz);
  const got = (answers[i].next ?? []).map((t) => Date.parse(t));
  const report = (other, want) =>
    `"${c.expr}" ${c.tz} after ${text([c.after])}\n    carillon ${answers[i].error?.message ?? text(got)}\n    ${other.padEnd(8)} ${text(want)}`;
  const want = expected(c.expr, clock, c.after, COUNT);
  if (answers[i].error || !same(got, want)) apart.rule.push(report('expected', want));
  const croner = byCroner(c.expr, c.tz, c.after, COUNT);
  const changes = clock.between(c.after - 3 * HOUR, Math.max(c.after, ...got, ...croner));
  if (changes.length === 0) tally.steady++;
  else if (same(got, croner)) tally.agree++;
  if (same(got, croner)) return;
  const first = got.findIndex((t, k) => t !== croner[k]);
  const at = Math.min(got[first] ?? Infinity, croner[first < 0 ? got.length : first] ?? Infinity);
  const excuse = changes.some((k) => rulesDiffer(k) && Math.abs(k.at - at) <= 25 * HOUR);
  if (excuse) tally.differ++;
  else apart.croner.push(report('croner', croner));
});

check('due times: calendar by croner, clock changes by the rule', lines, apart.rule, Math.min(lines, 20_000));
check('due times: croner by itself', lines - tally.differ, apart.croner, lines * 0.9);
console.log(`    ${tally.steady} away from clock changes; at clock changes ${tally.agree} agree, and ${tally.differ} differ on purpose (README.md)`);

const broken = Array.from({ length: 1_000 }, () => ({ expr: brokenExpression(r), tz: 'UTC', after: FIRST }));
const refusals = await ask(broken);
check('refused by both', broken.length, broken.flatMap((c, i) => (refusals[i].error && !accepts(c.expr) ? [] : [`"${c.expr}" is accepted by ${refusals[i].error ? 'croner' : 'carillon'}`])));

const failed = checks.filter((passed) => !passed).length;
if (failed) console.log(`If only one zone differs, the zone data may be of two releases. Again: CARILLON_DIFFERENTIAL_SEED=${seed}`);
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
