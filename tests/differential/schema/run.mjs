// node tests/differential/schema/run.mjs [--cases N] [--seed S]
// Compares `carillon schema validate` with ajv on random schemas and instances, and checks that the comparison would
// notice a keyword that is not checked. CARILLON_BIN names the program. Ends with "N passed, N failed".
import { parseArgs } from 'node:util';
import { groups } from './cases.mjs';
import { difference } from './compare.mjs';
import { DIFFERENCES } from './differences.mjs';
import { ask, lineOf, verdictOf } from './ours.mjs';
import { Peer, THREW, isPlain, verdictOfPeer } from './peer.mjs';
import { blindSpots } from './prove.mjs';
import { shrink } from './shrink.mjs';

const { values } = parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.cases ?? process.env.CARILLON_DIFFERENTIAL_CASES ?? 10_000);
const seed = Number(values.seed ?? process.env.CARILLON_DIFFERENTIAL_SEED ?? Date.now() % 4294967296);
const SHOWN = 5;

const peers = { '2020-12': new Peer('2020-12'), 'draft-07': new Peer('draft-07') };

function flatten() {
  const cases = [];
  for (const { number, dialect, schema, texts } of groups(seed, count)) {
    const check = peers[dialect].compile(schema);
    for (const text of texts) cases.push({ number, dialect, schema, text, errors: check ? structuredClone(check(text)) : null });
  }
  return cases;
}

function show(number, what, c) {
  const small = shrink(c, peers[c.dialect]);
  console.log(`FAIL case ${number} (${c.dialect}): ${what}\n  smallest: ${small.what}\n    schema   ${JSON.stringify(small.schema)}\n    instance ${small.text}`);
}

function random() {
  const cases = flatten();
  const answers = ask(cases.map((c) => lineOf(c.dialect, c.schema, c.text)));
  const tally = { valid: 0, invalid: 0, refused: 0, violations: 0, threw: 0 };
  const shown = new Set();
  let failed = 0;
  cases.forEach((c, i) => {
    ++tally[verdictOf(answers[i])];
    if (c.errors === THREW) ++tally.threw;
    if (answers[i].valid === false && isPlain(c.schema)) ++tally.violations;
    const what = difference(c.schema, answers[i], c.errors);
    if (what === null) return;
    ++failed;
    // One for each schema is enough to read.
    if (shown.has(c.number) || shown.size >= SHOWN) return;
    shown.add(c.number);
    show(i, what, c);
  });
  console.log(`${cases.length} cases: ${tally.valid} valid, ${tally.invalid} invalid (violations compared in ${tally.violations}), ${tally.refused} with a schema both refuse, ${tally.threw} where ajv throws`);
  if (tally.threw > cases.length / 50) {
    ++failed;
    console.log('FAIL ajv throws in more than 2 % of the cases: too many are not compared');
  }
  return { cases, passed: cases.length - failed, failed };
}

/** The listed differences: both sides still say what the list says. */
function listed() {
  const topics = new Map();
  let failed = 0;
  const answers = ask(DIFFERENCES.map((d) => lineOf('2020-12', d.schema, d.instance)));
  DIFFERENCES.forEach((d, i) => {
    topics.set(d.topic, (topics.get(d.topic) ?? 0) + 1);
    const peer = verdictOfPeer(peers['2020-12'].errors(d.schema, d.instance));
    const ours = verdictOf(answers[i]);
    if (ours === d.ours && peer === d.peer) return;
    ++failed;
    console.log(`FAIL listed difference (${d.topic}): ours says ${ours}, ajv ${peer}, the list ${d.ours} and ${d.peer}: ${JSON.stringify(d.schema)} ${d.instance}`);
  });
  console.log(`differences by design: ${[...topics].map(([topic, n]) => `${topic} ${n}`).join(', ')}`);
  return { passed: DIFFERENCES.length - failed, failed };
}

console.log(`schema against ajv: seed ${seed} (again: --seed ${seed} --cases ${count})`);
const result = random();
const known = listed();
const proof = blindSpots(result.cases);
for (const keyword of proof.missed) console.log(`FAIL nobody would notice if ${keyword} were not checked`);
console.log(`a validator without one keyword is noticed for ${proof.noticed.length} of ${proof.noticed.length + proof.missed.length} keywords`);
const failed = result.failed + known.failed + proof.missed.length;
console.log(`${result.passed + known.passed + proof.noticed.length} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
