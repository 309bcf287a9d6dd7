// node cron.mjs — nanoseconds of one next due time in Europe/Berlin, for each expression that bench_cron measures: one line
// of JSON for each evaluator of npm. Null: the evaluator refuses the expression.
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import { versionOf } from './lib.mjs';

const BUDGET_MS = 400;
const ZONE = 'Europe/Berlin';
const START = new Date('2026-01-01T00:00:00Z');
const END = Date.UTC(2100, 0, 1);

// Each makes, from an expression, a function that answers the due time after a Date.
const EVALUATORS = {
  'croner': (text) => {
    const cron = new Cron(text, { timezone: ZONE, paused: true });
    return (after) => cron.nextRun(after);
  },
  'cron-parser': (text) => {
    const cron = CronExpressionParser.parse(text, { currentDate: START, tz: ZONE });
    return (after) => {
      if (after === START) cron.reset(START);
      return cron.next().toDate();
    };
  },
};

function measure(next) {
  let t = next(START), steps = 0;
  const begin = process.hrtime.bigint();
  const end = begin + BigInt(BUDGET_MS) * 1_000_000n;
  let now = begin;
  while (now < end || steps < 5) {
    t = next(t);
    if (t.getTime() > END) t = START;
    steps++;
    now = process.hrtime.bigint();
  }
  return Number(now - begin) / steps;
}

const expressions = process.argv.slice(2);
for (const [name, make] of Object.entries(EVALUATORS)) {
  const ns = {};
  for (const text of expressions) {
    try {
      ns[text] = measure(make(text));
    } catch {
      ns[text] = null;
    }
  }
  console.log(JSON.stringify({ workload: 'cron', peer: `${name} ${versionOf(name)}`, ns }));
}
