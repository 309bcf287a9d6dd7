import { describe, expect, it } from 'vitest';
import { type Explanation, holdsAt, isReady, openOutcome, replayOf } from '../explain';

const explanation = (part: Partial<Explanation>): Explanation => ({
  at: '2026-03-01T08:00:00Z',
  now: '2026-03-01T07:00:00Z',
  outcome: 'will_start',
  summary: '',
  due_at: null,
  planned_at: null,
  previous_due_at: null,
  next_due_at: null,
  checks: [],
  fire: null,
  backfill: null,
  replayed_verdict: null,
  version: null,
  settings: {},
  zone_data: '2026a',
  limits: { grace_seconds: 600, one_time_window_seconds: 86_400, catch_up_cap: 1000, buffer_cap: 100 },
  ...part,
});
const fire = (verdict: 'started' | 'missed'): NonNullable<Explanation['fire']> => ({
  due_at: '2026-03-01T08:00:00Z',
  planned_at: '2026-03-01T08:00:00Z',
  fired_at: '2026-03-01T08:00:00Z',
  count: 1,
  lateness_ms: 0,
  verdict,
  reason: '',
  schedule_revision: 1,
  backfill: null,
});

describe('an explanation', () => {
  it('tells records of the ledger from what has none', () => {
    expect(openOutcome('not_due')).toBe('not_due');
    expect(openOutcome('skipped_overlap')).toBeNull();
  });
  it('is ready only where nothing failed', () => {
    const failed: Explanation['checks'] = [{ code: 'hub', result: 'failed', text: '' }];
    expect(isReady(explanation({}))).toBe(true);
    expect(isReady(explanation({ checks: failed }))).toBe(false);
    expect(isReady(explanation({ outcome: 'will_not_start' }))).toBe(false);
  });
  it('names the holds of its moment and no others', () => {
    const hold = (since: string, until: string | null) => ({ kind: 'user', reason: '', since, until, violations: [] });
    const holds = [
      hold('2026-03-01T07:00:00Z', null),
      hold('2026-03-01T07:30:00Z', '2026-03-01T08:00:00Z'),
      hold('2026-03-01T08:00:01Z', null),
    ];
    expect(holdsAt(explanation({ settings: { holds } as never }))).toEqual([holds[0]]);
    expect(holdsAt(explanation({}))).toEqual([]);
  });
  it('compares the replayed decision with the record, where there are both', () => {
    expect(replayOf(explanation({}))).toBeNull();
    expect(replayOf(explanation({ fire: fire('started') }))).toBeNull();
    expect(replayOf(explanation({ fire: fire('started'), replayed_verdict: 'started' }))).toBe('same');
    expect(replayOf(explanation({ fire: fire('missed'), replayed_verdict: 'started' }))).toBe('different');
  });
});
