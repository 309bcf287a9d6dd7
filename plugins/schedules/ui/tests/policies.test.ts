import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyForm, errorsOf, fieldOf } from '../form';
import {
  isDefault,
  MISSED,
  OVERLAP,
  POLICY_DEFAULTS,
  PRIORITIES,
  policyBodyOf,
  policyFormOf,
  SCOPES,
  secondsOf,
  unitsOf,
} from '../policies';

const saved = fc.record({
  missed_policy: fc.constantFrom(...MISSED),
  catch_up: fc.record({
    count: fc.integer({ min: 1, max: 1000 }),
    window_seconds: fc.integer({ min: 60, max: 2_592_000 }),
  }),
  overlap_policy: fc.constantFrom(...OVERLAP),
  overlap: fc.record({
    scope: fc.constantFrom(...SCOPES),
    key: fc.constantFrom('', '.customer.id', '.a + "b"'),
    limit: fc.integer({ min: 0, max: 10_000 }),
    deadline_seconds: fc.integer({ min: 1, max: 86_400 }),
  }),
  hold_after_failures: fc.option(fc.integer({ min: 1, max: 1000 })),
  timeout_seconds: fc.option(fc.integer({ min: 1, max: 604_800 })),
  retry: fc.record({ max: fc.integer({ min: 0, max: 20 }), delay_seconds: fc.integer({ min: 1, max: 3_600 }) }),
  priority: fc.constantFrom(...PRIORITIES),
});

describe('policies', () => {
  it('come back from the dialog as they were saved, without what their policy has no use for', () => {
    fc.assert(
      fc.property(saved, (policies) => {
        const wrong: string[] = [];
        const { overlap_policy: policy, overlap } = policies;
        const used = {
          scope: overlap.scope,
          key: overlap.scope === 'key' ? overlap.key : '',
          limit: policy === 'allow' || policy === 'buffer_all' ? overlap.limit : 0,
          deadline_seconds: policy === 'cancel_other' ? overlap.deadline_seconds : 60,
        };
        const sent = policyBodyOf(policyFormOf(policies), (field) => wrong.push(field));
        expect(sent).toEqual({ ...policies, overlap: used });
        expect(wrong).toEqual([]);
      }),
    );
  });
  it('are said in the largest unit that is a whole number', () => {
    expect(unitsOf(5_400)).toEqual({ amount: 90, unit: 'minutes' });
    expect(unitsOf(86_400)).toEqual({ amount: 1, unit: 'days' });
    expect(unitsOf(61)).toEqual({ amount: 61, unit: 'seconds' });
    expect(secondsOf(90, 'minutes')).toBe(5_400);
  });
  it('say what is no number, each at its own control', () => {
    const wrong: string[] = [];
    const form = {
      ...POLICY_DEFAULTS,
      catchUpCount: '0',
      catchUpWindow: 'x',
      overlap: 'allow' as const,
      limit: '-1',
      holdAfter: '0',
      timeout: 'a',
      retryMax: '-2',
      retryDelay: '0',
    };
    policyBodyOf(form, (field) => wrong.push(field));
    expect(wrong.sort()).toEqual([
      'catch_up_count',
      'catch_up_window',
      'hold_after_failures',
      'overlap_limit',
      'retry_delay',
      'retry_max',
      'timeout_seconds',
    ]);
    wrong.length = 0;
    policyBodyOf({ ...POLICY_DEFAULTS, overlap: 'cancel_other', deadline: '1.5' }, (field) => wrong.push(field));
    expect(wrong).toEqual(['overlap_deadline']);
  });
  it('count as default until something is set', () => {
    const form = emptyForm('UTC');
    expect(isDefault(form)).toBe(true);
    expect(isDefault({ ...form, jitter: '5' })).toBe(false);
    expect(isDefault({ ...form, scope: 'workflow' })).toBe(false);
  });
});

describe('refusals of policies', () => {
  it.each([
    ['/catch_up/count', 'catch_up_count'],
    ['/catch_up/window_seconds', 'catch_up_window'],
    ['/catch_up', 'catch_up_count'],
    ['/overlap/key', 'overlap_key'],
    ['/overlap/scope', 'overlap_scope'],
    ['/overlap/limit', 'overlap_limit'],
    ['/overlap/deadline_seconds', 'overlap_deadline'],
    ['/overlap', 'overlap_policy'],
    ['/overlap_policy', 'overlap_policy'],
    ['/retry/max', 'retry_max'],
    ['/retry/delay_seconds', 'retry_delay'],
    ['/hold_after_failures', 'hold_after_failures'],
    ['/timeout_seconds', 'timeout_seconds'],
  ])('%s → %s', (pointer, field) => {
    expect(fieldOf(pointer, 'cron')).toBe(field);
  });
  it.each([
    ['CATCH_UP_NEEDS_ROOM', '/catch_up/count', 'catch_up_count'],
    ['KEY_MISSING', '/overlap/key', 'overlap_key'],
    ['KEY_MALFORMED', '/overlap/key', 'overlap_key'],
    ['KEY_EMPTY', '/overlap/key', 'overlap_key'],
  ])('%s stands at its control', (code, field, control) => {
    const problem = { type: 'about:blank', title: '', status: 422, code, detail: 'Cause.', remedy: 'Cure.', field };
    expect(errorsOf(problem, 'cron')).toEqual({ fields: { [control]: 'Cause. Cure.' }, payload: [], general: null });
  });
});
