// Random expressions of the dialect that both evaluators speak, and some that both must refuse.

/** mulberry32: small, and the same numbers on every machine. */
export function random(seed) {
  let state = seed >>> 0;
  const real = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(real() * n);
  return { below, pick: (list) => list[below(list.length)], chance: (share) => real() < share };
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS = [
  { low: 0, high: 59, size: 60 },
  { low: 0, high: 23, size: 24 },
  { low: 1, high: 31, size: 31 },
  { low: 1, high: 12, size: 12, names: (n) => MONTHS[n - 1] },
  // A range that ends on Sunday ends on 7.
  { low: 0, high: 7, size: 7, names: (n) => DAYS[n % 7] },
];
const anyCase = (r, text) => [...text].map((c) => (r.chance(0.5) ? c.toLowerCase() : c)).join('');

function value(r, field, n) {
  if (field.names && r.chance(0.3)) return anyCase(r, field.names(n));
  return r.chance(0.1) ? `0${n}` : String(n);
}

function item(r, field) {
  const low = field.low + r.below(field.high - field.low + 1);
  if (r.chance(0.55)) return value(r, field, low);
  const high = low + r.below(field.high - low + 1);
  // SUN-SUN is Sunday here and every day for croner: a range that begins on Sunday begins with its digit.
  const sunday = field.size === 7 && low % 7 === 0;
  const range = `${sunday ? low : value(r, field, low)}-${value(r, field, high)}`;
  return r.chance(0.3) ? `${range}/${1 + r.below(field.size)}` : range;
}

const list = (r, most, make) => Array.from({ length: 1 + r.below(most) }, make).join(',');
const plain = (r, at) => list(r, 3, () => item(r, FIELDS[at]));
function step(r, at) {
  const { low, high, size } = FIELDS[at];
  if (r.chance(0.5)) return `*/${1 + r.below(size)}`;
  // a/n runs to the end of the field; croner reads Saturday as the end of a week, too.
  return `${low + r.below(high - low + (at === 4 ? 0 : 1))}/${1 + r.below(size)}`;
}

const KINDS = {
  minute: (r) => (r.chance(0.2) ? '*' : r.chance(0.3) ? step(r, 0) : plain(r, 0)),
  // Small hours are where clocks change.
  hour: (r, hour) => (hour !== undefined && r.chance(0.5) ? String(hour) : r.chance(0.2) ? '*' : r.chance(0.25) ? step(r, 1) : r.chance(0.5) ? list(r, 3, () => String(r.below(5))) : plain(r, 1)),
  day: (r) => {
    if (r.chance(0.45)) return '*';
    if (r.chance(0.15)) return step(r, 2);
    // croner refuses LW in a list.
    if (r.chance(0.05)) return 'LW';
    if (r.chance(0.35)) return list(r, 2, () => (r.chance(0.7) ? r.pick(['L', `${1 + r.below(31)}W`]) : item(r, FIELDS[2])));
    return plain(r, 2);
  },
  month: (r) => (r.chance(0.55) ? '*' : r.chance(0.2) ? step(r, 3) : plain(r, 3)),
  weekday: (r) => {
    if (r.chance(0.5)) return '*';
    if (r.chance(0.1)) return step(r, 4);
    if (r.chance(0.3)) return list(r, 2, () => `${value(r, FIELDS[4], r.below(8))}${r.chance(0.5) ? 'L' : `#${1 + r.below(5)}`}`);
    return plain(r, 4);
  },
};

/** Five fields, or now and then a macro; `hour` is one worth hitting. */
export function expression(r, hour) {
  if (r.chance(0.01)) return r.pick(['@hourly', '@daily', '@weekly', '@monthly', '@yearly', '@annually']);
  if (r.chance(0.01)) return `${r.below(60)} ${r.below(24)} 29 2 *`;
  return [KINDS.minute(r), KINDS.hour(r, hour), KINDS.day(r), KINDS.month(r), KINDS.weekday(r)].join(' ');
}

/** An expression with one field that nobody should accept. */
export function brokenExpression(r) {
  const fields = Array.from({ length: 5 }, () => '*');
  const at = r.below(5);
  const { low, high, size } = FIELDS[at];
  fields[at] = r.pick([
    () => String(high + 1 + r.below(40)),
    () => `${low}-${high + 1 + r.below(40)}`,
    () => `${low + 3}-${low + r.below(3)}`,
    () => '*/0',
    () => `*/${size + 1 + r.below(90)}`,
    () => `${low + 1},XYZ`,
    () => '-3',
    () => '*/-2',
    () => (at === 2 ? '0' : at === 3 ? '0' : '99'),
    () => '1.5',
    () => (at === 4 ? '1#6' : '1#2'),
    () => (at === 2 ? '32W' : '5W'),
  ])();
  return fields.join(' ');
}
