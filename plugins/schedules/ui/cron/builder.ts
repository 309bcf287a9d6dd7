/**
 * The visual view of a cron expression. The expression itself is the only state: a builder is read from it and written
 * to it, and only expressions that come back character for character have one. Everything else stays "custom".
 */
export type FieldSpec =
  | { mode: 'any' }
  | { mode: 'every'; step: number }
  | { mode: 'list'; values: number[] }
  | { mode: 'last' };
export const FIELD_NAMES = ['minute', 'hour', 'dom', 'month', 'dow'] as const;
export type FieldName = (typeof FIELD_NAMES)[number];
export type Builder = Record<FieldName, FieldSpec>;

export const FIELD_RANGE: Record<FieldName, { min: number; max: number }> = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dom: { min: 1, max: 31 },
  month: { min: 1, max: 12 },
  dow: { min: 0, max: 6 },
};

/** 1,2,3,5 → 1-3,5. Two neighbours stay a list: "1,2" reads better than "1-2". */
export function listText(values: number[]): string {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end]! + 1) end++;
    if (end - at >= 2) parts.push(`${sorted[at]}-${sorted[end]}`);
    else for (let each = at; each <= end; each++) parts.push(String(sorted[each]));
    at = end + 1;
  }
  return parts.join(',');
}

function fieldText(spec: FieldSpec): string {
  switch (spec.mode) {
    case 'any':
      return '*';
    case 'every':
      return `*/${spec.step}`;
    case 'last':
      return 'L';
    case 'list':
      return listText(spec.values);
  }
}

export function parseField(name: FieldName, text: string): FieldSpec | null {
  const { min, max } = FIELD_RANGE[name];
  if (text === '*') return { mode: 'any' };
  if (text === 'L') return name === 'dom' ? { mode: 'last' } : null;
  const step = /^\*\/(\d{1,2})$/.exec(text);
  if (step) {
    const value = Number(step[1]);
    return value >= 2 && value <= max ? { mode: 'every', step: value } : null;
  }
  const values: number[] = [];
  for (const part of text.split(',')) {
    const range = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part);
    if (!range) return null;
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    if (from < min || to > max || from > to) return null;
    for (let value = from; value <= to; value++) values.push(value);
  }
  return { mode: 'list', values };
}

export const fieldsOf = (cron: string) => cron.trim().split(/\s+/).filter(Boolean);

export function toCron(builder: Builder): string {
  return FIELD_NAMES.map((name) => fieldText(builder[name])).join(' ');
}

export function fromCron(cron: string): Builder | null {
  const fields = fieldsOf(cron);
  if (fields.length !== 5) return null;
  const builder = {} as Builder;
  for (const [index, name] of FIELD_NAMES.entries()) {
    const spec = parseField(name, fields[index]!);
    if (!spec) return null;
    builder[name] = spec;
  }
  return toCron(builder) === fields.join(' ') ? builder : null;
}

export type Hint =
  | { key: 'seconds' | 'bothDays' }
  | { key: 'skippedMonths'; day: number; months: number }
  | { key: 'leapDay' };

/** What a person should know about an expression before saving it. Whether it is valid, the server says. */
export function hintsOf(cron: string): Hint[] {
  const fields = fieldsOf(cron);
  if (fields.length === 6) return [{ key: 'seconds' }];
  if (fields.length !== 5) return [];
  const [, , dom, month, dow] = fields as [string, string, string, string, string];
  const hints: Hint[] = [];
  const restricted = (text: string) => !text.startsWith('*');
  if (restricted(dom) && restricted(dow) && dom !== '?' && dow !== '?') hints.push({ key: 'bothDays' });
  if (/^\d+$/.test(dom) && month === '*') {
    const day = Number(dom);
    if (day === 31) hints.push({ key: 'skippedMonths', day, months: 5 });
    if (day === 30) hints.push({ key: 'skippedMonths', day, months: 1 });
    if (day === 29) hints.push({ key: 'leapDay' });
  }
  return hints;
}
