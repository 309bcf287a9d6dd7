import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Builder, FIELD_RANGE, type FieldName, type FieldSpec, fromCron, hintsOf, toCron } from '../cron/builder';
import { MINUTE_STEPS, PRESET_IDS, type Preset, presetFromCron, presetToCron, switchPreset } from '../cron/presets';

const field = (name: FieldName): fc.Arbitrary<FieldSpec> => {
  const { min, max } = FIELD_RANGE[name];
  const choices: fc.Arbitrary<FieldSpec>[] = [
    fc.constant({ mode: 'any' }),
    fc.integer({ min: 2, max }).map((step) => ({ mode: 'every', step })),
    fc
      .uniqueArray(fc.integer({ min, max }), { minLength: 1 })
      .map((values) => ({ mode: 'list', values: values.sort((a, b) => a - b) })),
  ];
  if (name === 'dom') choices.push(fc.constant({ mode: 'last' }));
  return fc.oneof(...choices);
};
const builder: fc.Arbitrary<Builder> = fc.record({
  minute: field('minute'),
  hour: field('hour'),
  dom: field('dom'),
  month: field('month'),
  dow: field('dow'),
});
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const day = fc.integer({ min: 1, max: 31 });
// Monday to Friday has a preset of its own.
const days = fc
  .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
  .map((values) => values.sort((a, b) => a - b))
  .filter((values) => values.join() !== '1,2,3,4,5');
const preset: fc.Arbitrary<Preset> = fc.oneof(
  fc.constantFrom(...MINUTE_STEPS).map((every) => ({ id: 'minutes' as const, every })),
  fc.integer({ min: 0, max: 59 }).map((minute) => ({ id: 'hourly' as const, minute })),
  fc
    .constantFrom('daily' as const, 'weekdays' as const, 'lastDay' as const)
    .chain((id) => time.map((at) => ({ id, time: at }))),
  fc.record({ id: fc.constant('weekly' as const), days, time }),
  fc.record({ id: fc.constantFrom('monthly' as const, 'quarterly' as const), day, time }),
);
const piece = fc.oneof(
  fc.constant('*'),
  fc.integer({ min: 0, max: 70 }).map(String),
  fc.constantFrom('*/5', '*/1', '1-5', '0,1,2', '7', 'L', 'LW', 'MON', '5#2', '1-3,5', '00', '5-1', '1,1', '?'),
);
const anyCron = fc.array(piece, { minLength: 4, maxLength: 6 }).map((fields) => fields.join(' '));

describe('cron builder', () => {
  it('gives back every builder it writes', () => {
    fc.assert(
      fc.property(builder, (each) => {
        expect(fromCron(toCron(each))).toEqual(each);
      }),
    );
  });
  it('never changes an expression: either it comes back character for character, or it has no builder', () => {
    fc.assert(
      fc.property(anyCron, (cron) => {
        const read = fromCron(cron);
        if (read) expect(toCron(read)).toBe(cron);
      }),
      { numRuns: 3000 },
    );
  });
  it.each([
    '@daily',
    '0 0 * * MON',
    '0 0 LW * *',
    '*/1 * * * *',
    '0 0 * * 7',
    '60 * * * *',
    '0 9 * * 5#2',
    '0 0 0 * * *',
    '',
  ])('keeps %j as a custom expression', (cron) => {
    expect(fromCron(cron)).toBeNull();
  });
});

describe('presets', () => {
  it('come back from the expression they write', () => {
    fc.assert(
      fc.property(preset, (each) => {
        const read = presetFromCron(presetToCron(each))!;
        expect(presetToCron(read)).toBe(presetToCron(each));
        expect(read).toEqual(each);
      }),
    );
  });
  it('are all builders too, so the three views can be changed freely', () => {
    fc.assert(
      fc.property(preset, (each) => {
        expect(toCron(fromCron(presetToCron(each))!)).toBe(presetToCron(each));
      }),
    );
  });
  it('never change an expression that somebody typed', () => {
    fc.assert(
      fc.property(anyCron, (cron) => {
        const read = presetFromCron(cron);
        if (read) expect(presetToCron(read)).toBe(cron);
      }),
      { numRuns: 3000 },
    );
  });
  it('keep the time of day when the kind changes', () => {
    const from: Preset = { id: 'daily', time: '06:45' };
    expect(PRESET_IDS.map((id) => presetToCron(switchPreset(id, from)))).toEqual([
      '*/15 * * * *',
      '45 * * * *',
      '45 6 * * *',
      '45 6 * * 1-5',
      '45 6 * * 1',
      '45 6 1 * *',
      '45 6 L * *',
      '45 6 1 1,4,7,10 *',
    ]);
  });
});

describe('hints', () => {
  it.each([
    ['0 0 13 * 5', ['bothDays']],
    ['0 0 31 * *', ['skippedMonths']],
    ['0 0 29 * *', ['leapDay']],
    ['0 0 29 2 *', []],
    ['* * * * * *', ['seconds']],
    ['0 9 * * 1-5', []],
  ])('%j → %j', (cron, keys) => {
    expect(hintsOf(cron).map((hint) => hint.key)).toEqual(keys);
  });
});
