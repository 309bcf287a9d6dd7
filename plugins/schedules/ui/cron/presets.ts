import { listText, parseField } from './builder';

/** The timings most people want, as views of a cron expression: the expression is the state, the preset reads and writes it. */
export type Preset =
  | { id: 'minutes'; every: number }
  | { id: 'hourly'; minute: number }
  | { id: 'daily'; time: string }
  | { id: 'weekdays'; time: string }
  | { id: 'weekly'; days: number[]; time: string }
  | { id: 'monthly'; day: number; time: string }
  | { id: 'lastDay'; time: string }
  | { id: 'quarterly'; day: number; time: string };
export type PresetId = Preset['id'];
export const PRESET_IDS = [
  'minutes',
  'hourly',
  'daily',
  'weekdays',
  'weekly',
  'monthly',
  'lastDay',
  'quarterly',
] as const satisfies readonly PresetId[];
export const MINUTE_STEPS = [1, 2, 5, 10, 15, 20, 30] as const;

const clock = (time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return `${minute} ${hour}`;
};
const time = (minute: string, hour: string) => `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;

export function presetToCron(preset: Preset): string {
  switch (preset.id) {
    case 'minutes':
      return preset.every === 1 ? '* * * * *' : `*/${preset.every} * * * *`;
    case 'hourly':
      return `${preset.minute} * * * *`;
    case 'daily':
      return `${clock(preset.time)} * * *`;
    case 'weekdays':
      return `${clock(preset.time)} * * 1-5`;
    case 'weekly':
      return `${clock(preset.time)} * * ${listText(preset.days)}`;
    case 'monthly':
      return `${clock(preset.time)} ${preset.day} * *`;
    case 'lastDay':
      return `${clock(preset.time)} L * *`;
    case 'quarterly':
      return `${clock(preset.time)} ${preset.day} 1,4,7,10 *`;
  }
}

const MINUTE = '([0-5]?\\d)';
const HOUR = '(1?\\d|2[0-3])';
const DAY = '([1-9]|[12]\\d|3[01])';
const AT = `^${MINUTE} ${HOUR}`;
const patterns: [RegExp, (parts: string[]) => Preset | null][] = [
  [/^\* \* \* \* \*$/, () => ({ id: 'minutes', every: 1 })],
  [
    /^\*\/(\d+) \* \* \* \*$/,
    ([every]) =>
      (MINUTE_STEPS as readonly number[]).includes(Number(every)) ? { id: 'minutes', every: Number(every) } : null,
  ],
  [new RegExp(`^${MINUTE} \\* \\* \\* \\*$`), ([minute]) => ({ id: 'hourly', minute: Number(minute) })],
  [new RegExp(`${AT} \\* \\* \\*$`), ([m, h]) => ({ id: 'daily', time: time(m!, h!) })],
  [new RegExp(`${AT} \\* \\* 1-5$`), ([m, h]) => ({ id: 'weekdays', time: time(m!, h!) })],
  [
    new RegExp(`${AT} \\* \\* ([0-6,-]+)$`),
    ([m, h, text]) => {
      const days = parseField('dow', text!);
      return days?.mode === 'list' ? { id: 'weekly', days: days.values, time: time(m!, h!) } : null;
    },
  ],
  [new RegExp(`${AT} ${DAY} \\* \\*$`), ([m, h, day]) => ({ id: 'monthly', day: Number(day), time: time(m!, h!) })],
  [new RegExp(`${AT} L \\* \\*$`), ([m, h]) => ({ id: 'lastDay', time: time(m!, h!) })],
  [
    new RegExp(`${AT} ${DAY} 1,4,7,10 \\*$`),
    ([m, h, day]) => ({ id: 'quarterly', day: Number(day), time: time(m!, h!) }),
  ],
];

/** The preset an expression is, or null; only when writing it back gives the same expression. */
export function presetFromCron(cron: string): Preset | null {
  const text = cron.trim().replace(/\s+/g, ' ');
  for (const [pattern, read] of patterns) {
    const match = pattern.exec(text);
    const preset = match && read(match.slice(1));
    if (preset && presetToCron(preset) === text) return preset;
  }
  return null;
}

/** Changing the kind of preset keeps the time of day and the day. */
export function switchPreset(id: PresetId, from: Preset | null): Preset {
  const at = from && 'time' in from ? from.time : '09:00';
  const day = from && 'day' in from ? from.day : 1;
  switch (id) {
    case 'minutes':
      return { id, every: 15 };
    case 'hourly':
      return { id, minute: Number(at.split(':')[1] ?? 0) };
    case 'weekly':
      return { id, days: [1], time: at };
    case 'monthly':
    case 'quarterly':
      return { id, day, time: at };
    default:
      return { id, time: at };
  }
}
