// The calendar by croner, the clock changes by tests/data/cron/spec.md, the zone data by Node: when is it due?
import { Cron } from 'croner';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEARS_50 = 50 * 365.2425 * DAY;

/** Without a zone: twice as fast as the zone UTC. */
const CIVIL = { utcOffset: 0 };

const dayFields = (text) => (text.startsWith('@') ? ['*', '*'] : [text.split(' ')[2], text.split(' ')[4]]);

/**
 * croner with the choices of our dialect: `a/n` is read; a time without `*` and `/` is fixed; both day fields must match if
 * one contains `*` (croner alone lets either do unless one is exactly `*`).
 */
function evaluator(text, zone) {
  const [day, weekday] = dayFields(text);
  const domAndDow = day.includes('*') || weekday.includes('*');
  return new Cron(text, { ...zone, paused: true, mode: text.startsWith('@') ? 'auto' : '5-part', sloppyRanges: true, fixedTimeRule: 'no-wildcard', domAndDow });
}

/** Whether croner alone accepts the text. */
export function accepts(text) {
  try {
    evaluator(text, CIVIL);
    return true;
  } catch {
    return false;
  }
}

const isFixed = (text) => (text.startsWith('@') ? text.toLowerCase() !== '@hourly' : !/[*/]/.test(text.split(' ').slice(0, 2).join('')));
const isSpecial = (change) => Math.abs(change.after - change.before) <= 3 * HOUR;
const dateOf = (local) => Math.floor(local / DAY);

/**
 * Clock changes at which the rule and croner differ on purpose: a gap that ends on another date (the rule fires at its end,
 * croner not at all), and a change of more than three hours (the rule catches up and suppresses nothing).
 */
export const rulesDiffer = (change) =>
  !isSpecial(change) || (change.after > change.before && dateOf(change.at + change.before) !== dateOf(change.at + change.after));

/** The instants at which a local time is due in the zone: none in a gap, two in a fold, unless the rule says otherwise. */
function instantsOf(local, clock, fixed) {
  const out = [];
  for (const change of clock.between(local - 2 * DAY, local + 2 * DAY)) {
    const skipped = local >= change.at + change.before && local < change.at + change.after;
    if (skipped && fixed && isSpecial(change)) out.push(change.at);
  }
  const offsets = new Set([clock.offset(local - 2 * DAY), ...clock.between(local - 2 * DAY, local + 2 * DAY).map((c) => c.after)]);
  for (const offset of offsets) {
    const t = local - offset;
    if (clock.offset(t) !== offset) continue;
    const secondPass = clock.between(t - 3 * HOUR, t).some((c) => c.after < c.before && isSpecial(c) && t < c.at + c.before - c.after);
    if (!(fixed && secondPass)) out.push(t);
  }
  return out;
}

/** How far local times and instants can get out of order around `instant`: the largest change close by. */
const disorder = (clock, instant) =>
  clock.between(instant - 2 * DAY, instant + 2 * DAY).reduce((most, c) => Math.max(most, Math.abs(c.after - c.before)), 0);

/** The first `count` due instants after `after`, within 50 years. */
export function expected(text, clock, after, count) {
  const calendar = evaluator(text, CIVIL);
  const fixed = isFixed(text);
  const due = new Set();
  let found = [];
  let local = new Date(after + clock.offset(after) - disorder(clock, after) - 1000);
  for (;;) {
    local = calendar.nextRun(local);
    if (!local || local.getTime() > after + YEARS_50 + DAY) break;
    const settled = local.getTime() - clock.offset(local.getTime() - clock.offset(after));
    if (found.length >= count && settled - disorder(clock, found[count - 1]) > found[count - 1]) break;
    for (const t of instantsOf(local.getTime(), clock, fixed)) if (t > after && t <= after + YEARS_50) due.add(t);
    found = [...due].sort((x, y) => x - y);
  }
  return found.slice(0, count);
}

/** What croner itself says, clock changes included. */
export function byCroner(text, zone, after, count) {
  const cron = evaluator(text, { timezone: zone });
  const out = [];
  let t = new Date(after);
  while (out.length < count) {
    t = cron.nextRun(t);
    if (!t || t.getTime() > after + YEARS_50) break;
    out.push(t.getTime());
  }
  return out;
}
