import { render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { beforeEach, describe, expect, it } from 'vitest';
import { setPreferences } from '@/app/preferences';
import de from '@/i18n/de.json';
import { Checklist, Outcome } from '../Explanation';
import type { Check, Explanation } from '../explain';
import schedules from '../messages/de.json';

const at = '2026-03-02T10:00:00Z';
const explanation = (part: Partial<Explanation>): Explanation => ({
  at,
  now: at,
  outcome: 'will_start',
  summary: 'It will start.',
  summary_code: 'will_start',
  summary_params: {},
  due_at: at,
  planned_at: at,
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
const fire: NonNullable<Explanation['fire']> = {
  due_at: at,
  planned_at: at,
  fired_at: at,
  count: 1,
  lateness_ms: 0,
  verdict: 'skipped_overlap',
  reason: 'A run of this schedule had not ended; the overlap policy is skip.',
  reason_code: 'overlap_skip_schedule',
  reason_params: {},
  schedule_revision: 1,
  backfill: null,
};

function german(shown: Explanation) {
  const { container } = render(
    <IntlProvider locale="de" messages={{ ...de, schedules } as never} timeZone="UTC">
      <Outcome explanation={shown} zone={null} />
      <Checklist explanation={shown} zone={null} />
    </IntlProvider>,
  );
  return container;
}

describe('an explanation for a German reader', () => {
  beforeEach(() => setPreferences({ zoneMode: 'utc' }));

  it('says the reason of the ledger and of a check in German', () => {
    const check: Check = { code: 'overlap', result: 'failed', text: fire.reason, text_code: fire.reason_code };
    const shown = german(explanation({ outcome: 'skipped_overlap', fire, checks: [{ ...check, text_params: {} }] }));
    expect(shown.textContent?.match(/Ein Lauf dieses Zeitplans war nicht zu Ende/g)).toHaveLength(2);
    expect(shown.textContent).not.toContain('A run of');
    expect(shown.querySelector('[lang=en]')).toBeNull();
  });

  it('says why a moment is not due, with its times', () => {
    const shown = german(
      explanation({
        outcome: 'not_due',
        summary: 'It starts only at … The next is at …',
        summary_code: 'not_due_next',
        summary_params: { reason: { code: 'starts_later', params: { start_at: at }, text: '' }, next_at: at },
      }),
    );
    expect(shown.textContent).toContain(
      'Er beginnt erst am 2. März, 10:00 UTC. Der nächste ist am 2. März, 10:00 UTC.',
    );
    expect(shown.querySelectorAll('time')).toHaveLength(2);
  });

  it('tells only of an edited revision, not of the first', () => {
    const existed = (text_code: NonNullable<Check['text_code']>, text_params: Record<string, unknown>): Check[] => [
      { code: 'existed', result: 'passed', text: '', text_code, text_params },
    ];
    const edited = german(
      explanation({ checks: existed('revision_in_force', { revision: 3, actor: 'Ana', saved_at: at }) }),
    );
    expect(edited.textContent).toContain('In Kraft war Revision 3, gespeichert von Ana am 2. März, 10:00 UTC.');
    const first = german(explanation({ checks: existed('existed_as_created', {}) }));
    expect(first.textContent).not.toContain('wie er angelegt wurde');
  });

  it('leaves what people wrote as it is, and says what the hub wrote before it had codes in English', () => {
    const { reason_code: _, reason_params: __, ...bare } = fire;
    const own = german(
      explanation({ outcome: 'paused', fire: { ...bare, verdict: 'paused', reason: 'Inventur, bis Montag.' } }),
    );
    expect(own.textContent).toContain('Inventur, bis Montag.');
    expect(own.querySelector('[lang=en]')).toBeNull();
    const old = german(explanation({ outcome: 'skipped_overlap', fire: bare }));
    expect(old.querySelector('[lang=en]')?.textContent).toBe(fire.reason);
  });

  it('tells the ends of a stretch of seconds apart', () => {
    const stretch = { ...fire, verdict: 'missed' as const, count: 15, last_due_at: '2026-03-02T10:00:14Z' };
    const shown = german(explanation({ outcome: 'missed', fire: stretch }));
    expect(shown.textContent).toContain('2. März, 10:00:00 UTC');
    expect(shown.textContent).toContain('2. März, 10:00:14 UTC');
  });

  it('names each hold with its reason', () => {
    const hold = {
      kind: 'failures' as const,
      reason: '3 runs failed or were missed in a row.',
      reason_code: 'runs_failed_in_row' as const,
      reason_params: { count: 3 },
      actor: null,
      since: '2026-03-02T09:00:00Z',
      until: null,
      violations: [],
    };
    const shown = german(
      explanation({
        outcome: 'will_not_start',
        checks: [{ code: 'hold', result: 'failed', text: 'Held (failures) since …' }],
        settings: { holds: [hold] } as never,
      }),
    );
    expect(shown.textContent).toContain('3 Läufe in Folge sind fehlgeschlagen oder wurden verpasst.');
    expect(shown.querySelector('[lang=en]')).toBeNull();
  });
});
