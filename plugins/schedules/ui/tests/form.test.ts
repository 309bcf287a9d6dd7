import { describe, expect, it } from 'vitest';
import type { Schemas } from '@/api/client';
import type { Problem } from '@/api/problem';
import { bodyOf, emptyForm, errorsOf, fieldOf, formOf, patchOf, sampleOf } from '../form';

const problem = (part: Partial<Problem>): Problem => ({
  type: 'about:blank',
  title: 'x',
  status: 422,
  code: 'X',
  detail: 'Cause.',
  ...part,
});
const violation = (instance: string, message = 'wrong') => ({
  instance,
  schema: '',
  keyword: 'type',
  message,
  params: {},
});

describe('problem details on the fields of the dialog', () => {
  it.each([
    ['/name', 'name'],
    ['name', 'name'],
    ['/timing/cron', 'cron'],
    ['timing.cron', 'cron'],
    ['/timing/local', 'run_at'],
    ['/timing/unit', 'every'],
    ['/timing/zone', 'zone'],
    ['/timing', 'cron'],
    ['/payload/region', 'payload'],
    ['/jitter_seconds', 'jitter_seconds'],
    ['/nothing', null],
    [undefined, null],
  ])('%j → %j', (pointer, field) => {
    expect(fieldOf(pointer, 'cron')).toBe(field);
  });
  it('puts cause and remedy at the field', () => {
    expect(errorsOf(problem({ field: '/timing/cron', remedy: 'Remedy.' }), 'cron')).toEqual({
      fields: { cron: 'Cause. Remedy.' },
      payload: [],
      general: null,
    });
  });
  it('reads payload violations relative to the payload or to the request', () => {
    const relative = errorsOf(problem({ field: '/payload', violations: [violation('/a/b')] }), 'cron');
    const absolute = errorsOf(problem({ violations: [violation('/payload/a/b')] }), 'cron');
    expect(relative.payload.map((each) => each.instance)).toEqual(['/a/b']);
    expect(absolute.payload.map((each) => each.instance)).toEqual(['/a/b']);
    expect(errorsOf(problem({ field: '/payload', violations: [violation('')] }), 'cron').payload[0]?.instance).toBe('');
  });
  it('never loses a complaint that has no control', () => {
    expect(errorsOf(problem({}), 'cron').general).toBe('Cause.');
    expect(errorsOf(problem({ field: '/name', violations: [violation('/unknown', 'odd')] }), 'cron')).toEqual({
      fields: { name: 'Cause.' },
      payload: [],
      general: 'odd',
    });
  });
});

const schedule = (timing: Schemas['Timing']): Schemas['Schedule'] => ({
  id: 'i',
  workflow_id: 'w',
  workflow_name: 'W',
  bound_version: 1,
  name: 'N',
  description: '',
  labels: ['a', 'b'],
  timing,
  sentence: '',
  start_at: '2026-01-01T00:00:00.123456Z',
  end_at: null,
  max_runs: null,
  jitter_seconds: 0,
  missed_policy: 'skip',
  overlap_policy: 'skip',
  catch_up: { window_seconds: 86_400, count: 1 },
  overlap: { scope: 'schedule', limit: 0, deadline_seconds: 60 },
  hold_after_failures: null,
  timeout_seconds: null,
  retry: { max: 0, delay_seconds: 10 },
  priority: 'normal',
  status: 'active',
  status_reason: '',
  status_reason_code: null,
  status_reason_params: null,
  status_since: '2026-01-01T00:00:00Z',
  holds: [],
  next_due_at: null,
  last_fire: null,
  last_error: null,
  stats: { total: 0, succeeded: 0, failed: 0, average_duration_ms: null, last_run_at: null },
  revision: 1,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  created_by: null,
  payload: { region: 'eu' },
});

describe('what travels', () => {
  it('a patch holds only what was changed', () => {
    const form = formOf(schedule({ kind: 'once', run_at: '2026-10-25T01:30:00.5Z', zone: 'Europe/Berlin' }), 'UTC');
    expect(patchOf(form, { ...form, name: 'M' })).toEqual({ name: 'M' });
    expect(patchOf(form, { ...form, payload: '{ "region":   "eu" }' })).toEqual({});
    expect(patchOf(form, { ...form, labels: 'a' })).toEqual({ labels: ['a'] });
  });
  it('an edited interval keeps its anchor', () => {
    const form = formOf(
      schedule({ kind: 'interval', every: 5, unit: 'minutes', anchor: '2026-01-01T00:00:00Z' }),
      'UTC',
    );
    expect(patchOf(form, { ...form, every: '10' })).toEqual({
      timing: { kind: 'interval', every: 10, unit: 'minutes', anchor: '2026-01-01T00:00:00Z' },
    });
  });
  it('local wall time goes to the server as typed, with its zone and the chosen side of a repeated hour', () => {
    const form = {
      ...emptyForm('Europe/Berlin', 'w'),
      kind: 'once' as const,
      runAt: '2026-10-25T02:30',
      fold: 'later' as const,
    };
    expect(bodyOf(form).body.timing).toEqual({
      kind: 'once',
      local: '2026-10-25T02:30',
      zone: 'Europe/Berlin',
      fold: 'later',
    });
  });
  it('says what is missing before asking the server', () => {
    expect(bodyOf({ ...emptyForm('UTC'), cron: ' ', maxRuns: 'x', payload: '{' }).missing).toEqual({
      workflow_id: 'required',
      name: 'required',
      cron: 'required',
      max_runs: 'number',
      payload: 'json',
    });
  });
  it('does not send a payload that has a member twice: one would be lost', () =>
    expect(bodyOf({ ...emptyForm('UTC'), payload: '{"a":1,"a":2}' }).missing.payload).toBe('json'));
});

describe('first payload of a schema', () => {
  it('takes defaults, examples and the required', () => {
    const schema = {
      type: 'object',
      required: ['region', 'n', 'deep'],
      properties: {
        region: { enum: ['eu', 'us'] },
        n: { type: 'integer', minimum: 3 },
        limit: { default: 5 },
        left: { type: 'string' },
        deep: { type: 'object', required: ['x'], properties: { x: { examples: ['y'] } } },
      },
    };
    expect(sampleOf(schema)).toEqual({ region: 'eu', n: 3, limit: 5, deep: { x: 'y' } });
  });
  it('ends on a schema without an end', () => {
    const loop: Record<string, unknown> = { type: 'object', required: ['a'] };
    loop.properties = { a: loop };
    expect(sampleOf(loop)).toBeTypeOf('object');
  });
});
