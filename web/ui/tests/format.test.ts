import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAbsolute,
  formatDuration,
  formatRelative,
  instantToLocal,
  localToInstant,
  offsetLabel,
  zoneLabel,
} from '@/time/format';

const at = (text: string) => new Date(text);
const now = at('2026-11-21T12:00:00Z');

describe('absolute times', () => {
  it('always name their zone, and the zone follows the clock change', () => {
    const options = { zone: 'Europe/Berlin', locale: 'en', now };
    expect(formatAbsolute(at('2026-11-24T08:00:00Z'), options)).toBe('24 Nov, 09:00 CET');
    expect(formatAbsolute(at('2026-07-24T08:00:00Z'), options)).toBe('24 Jul, 10:00 CEST');
  });
  it('show the year when it is another one, judged in the zone shown', () => {
    expect(formatAbsolute(at('2026-12-31T23:30:00Z'), { zone: 'Europe/Berlin', locale: 'en', now })).toContain('2027');
    expect(formatAbsolute(at('2026-12-31T23:30:00Z'), { zone: 'UTC', locale: 'en', now })).not.toContain('2026');
  });
  it('show seconds and milliseconds on request', () => {
    expect(
      formatAbsolute(at('2026-11-24T08:00:01.234Z'), { zone: 'UTC', locale: 'en', now, precision: 'millisecond' }),
    ).toBe('24 Nov, 08:00:01.234 UTC');
  });
  it('speak German and Japanese', () => {
    expect(
      formatAbsolute(at('2026-11-24T08:00:00Z'), { zone: 'Europe/Berlin', locale: 'de', now, weekday: true }),
    ).toMatch(/^Di\W.*24\. Nov.*09:00 CET$/);
    expect(formatAbsolute(at('2026-11-24T08:00:00Z'), { zone: 'Asia/Tokyo', locale: 'ja', now })).toBe(
      '11月24日 17:00 JST',
    );
  });
  it('never show midnight as 24:00', () => {
    expect(formatAbsolute(at('2026-11-24T00:00:00Z'), { zone: 'UTC', locale: 'en', now })).toContain('00:00');
  });
});

describe('zones', () => {
  it.each([
    ['America/New_York', 'EST'],
    ['Asia/Tokyo', 'JST'],
    ['UTC', 'UTC'],
    ['Asia/Kathmandu', 'UTC+05:45'],
  ])('%s is labelled %s in winter', (zone, label) => {
    expect(zoneLabel(now, zone)).toBe(label);
  });
  it('have offsets', () => {
    expect(offsetLabel('Asia/Kathmandu', now)).toBe('UTC+05:45');
    expect(offsetLabel('UTC', now)).toBe('UTC+00:00');
    expect(offsetLabel('Not/AZone', now)).toBe('');
  });
});

describe('wall time ⇄ instant', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
    'UTC',
    'America/St_Johns',
    'Pacific/Apia',
    'Africa/Casablanca',
  ];
  it('comes back for every instant outside of a repeated hour, in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2030, 0) }),
        (zone, ms) => {
          const instant = new Date(Math.floor(ms / 1000) * 1000);
          const local = instantToLocal(instant, zone, true);
          const back = localToInstant(local, zone)!;
          expect(instantToLocal(back, zone, true)).toBe(local);
          expect(back.getTime()).toBeLessThanOrEqual(instant.getTime());
        },
      ),
      { numRuns: 500 },
    );
  });
  it('takes the first of two and moves on from a gap', () => {
    expect(localToInstant('2026-10-25T02:30', 'Europe/Berlin')?.toISOString()).toBe('2026-10-25T00:30:00.000Z');
    expect(localToInstant('2026-03-29T02:30', 'Europe/Berlin')?.toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(localToInstant('nonsense', 'UTC')).toBeNull();
  });
});

describe('relative times and durations', () => {
  it('count in the largest unit that fits', () => {
    expect(formatRelative(at('2026-11-21T12:00:30Z'), now, 'en')).toBe('in 30 sec');
    expect(formatRelative(at('2026-11-21T11:00:00Z'), now, 'en')).toBe('1 hr ago');
    expect(formatRelative(now, now, 'en')).toBe('now');
  });
  it('stay short', () => {
    expect(formatDuration(250, 'en')).toBe('250 ms');
    expect(formatDuration(3_120, 'en')).toBe('3.1s');
    expect(formatDuration(3_723_000, 'en')).toBe('1h 2m');
  });
});
