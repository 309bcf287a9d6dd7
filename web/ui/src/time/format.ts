/** Formatting of instants. Only this folder turns an instant into text; everything else renders <Time>. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}

/** English as in the rest of the world: day before month, 24 hours. */
export const intlLocale = (locale: string) => (locale === 'en' ? 'en-GB' : locale);

/** Short name of the zone at that instant: CET, EST, JST; else UTC+05:45. One instant can differ from the next by a clock change. */
export function zoneLabel(instant: Date, zone: string): string {
  if (zone === 'UTC' || zone === 'Etc/UTC') return 'UTC';
  for (const locale of ['en-GB', 'en-US', 'en-AU', 'en-IN']) {
    const name = part(formatter(locale, { timeZone: zone, timeZoneName: 'short' }), instant, 'timeZoneName');
    if (name && !/^(GMT|UTC)[+-]/.test(name)) return name;
  }
  if (zone === 'Asia/Tokyo') return 'JST';
  const offset =
    part(formatter('en-US', { timeZone: zone, timeZoneName: 'longOffset' }), instant, 'timeZoneName') ?? '';
  return offset.replace('GMT', 'UTC') || 'UTC';
}

function part(format: Intl.DateTimeFormat, instant: Date, type: Intl.DateTimeFormatPartTypes): string | undefined {
  return format.formatToParts(instant).find((piece) => piece.type === type)?.value;
}

export type Precision = 'minute' | 'second' | 'millisecond';

export function formatAbsolute(
  instant: Date,
  options: { zone: string; locale: string; now?: Date; precision?: Precision; weekday?: boolean; label?: boolean },
): string {
  const { zone, locale, now = new Date(), precision = 'minute', weekday = false, label = true } = options;
  const sameYear = yearIn(instant, zone) === yearIn(now, zone);
  const text = formatter(intlLocale(locale), {
    timeZone: zone,
    weekday: weekday ? 'short' : undefined,
    day: 'numeric',
    month: 'short',
    year: sameYear ? undefined : 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: precision === 'minute' ? undefined : '2-digit',
    fractionalSecondDigits: precision === 'millisecond' ? 3 : undefined,
    hourCycle: 'h23',
  }).format(instant);
  return label ? `${text} ${zoneLabel(instant, zone)}` : text;
}

function yearIn(instant: Date, zone: string): string | undefined {
  return part(formatter('en-US', { timeZone: zone, year: 'numeric' }), instant, 'year');
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];
const relatives = new Map<string, Intl.RelativeTimeFormat>();

export function formatRelative(instant: Date, now: Date, locale: string): string {
  const seconds = Math.round((instant.getTime() - now.getTime()) / 1000);
  let format = relatives.get(locale);
  if (!format) {
    format = new Intl.RelativeTimeFormat(intlLocale(locale), { numeric: 'auto', style: 'short' });
    relatives.set(locale, format);
  }
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size * (unit === 'week' ? 2 : 1)) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, 'second');
}

export function formatDuration(ms: number, locale: string): string {
  const number = (value: number, digits: number, unit: string) =>
    new Intl.NumberFormat(intlLocale(locale), {
      style: 'unit',
      unit,
      unitDisplay: 'narrow',
      maximumFractionDigits: digits,
    }).format(value);
  if (ms < 1_000) return `${new Intl.NumberFormat(intlLocale(locale)).format(Math.round(ms))} ms`;
  if (ms < 10_000) return number(ms / 1_000, 1, 'second');
  if (ms < 60_000) return number(Math.round(ms / 1_000), 0, 'second');
  const parts: string[] = [];
  let seconds = Math.round(ms / 1_000);
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count > 0 && parts.length < 2) parts.push(number(count, 0, unit));
    seconds -= count * size;
  }
  return parts.join(' ');
}

/** Offset of the zone at an instant, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const parts = formatter('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    era: 'short',
  }).formatToParts(instant);
  const get = (type: string) => Number(parts.find((piece) => piece.type === type)?.value);
  return (
    Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second')) -
    Math.floor(instant / 1000) * 1000
  );
}

/** Local wall time (YYYY-MM-DDTHH:MM[:SS]) in a zone → instant: the earlier one of two, the first after a gap. For bounds only; due times come from the server. */
export function localToInstant(local: string, zone: string): Date | null {
  const naive = Date.parse(`${local}Z`);
  if (Number.isNaN(naive)) return null;
  const candidates = [naive - 86_400_000, naive + 86_400_000].map((near) => naive - offsetAt(near, zone));
  const exact = candidates.filter((instant) => instant + offsetAt(instant, zone) === naive);
  return new Date(exact.length > 0 ? Math.min(...exact) : Math.max(...candidates));
}

/** Instant → value of a datetime-local field in the zone. */
export function instantToLocal(instant: Date, zone: string, seconds = false): string {
  const text = new Date(instant.getTime() + offsetAt(instant.getTime(), zone)).toISOString();
  const withSeconds = text.slice(0, 19);
  return seconds || !withSeconds.endsWith(':00') ? withSeconds : text.slice(0, 16);
}

export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

export function offsetLabel(zone: string, at = new Date()): string {
  try {
    const text = part(formatter('en-US', { timeZone: zone, timeZoneName: 'longOffset' }), at, 'timeZoneName') ?? '';
    return text === 'GMT' ? 'UTC+00:00' : text.replace('GMT', 'UTC');
  } catch {
    return '';
  }
}
