import type { Schemas } from '@/api/client';

export type Unit = 'seconds' | 'minutes' | 'hours' | 'days';
export const UNITS: Unit[] = ['seconds', 'minutes', 'hours', 'days'];
export const MISSED: Schemas['MissedPolicy'][] = ['skip', 'catchup', 'fail'];
export const OVERLAP: Schemas['OverlapPolicy'][] = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow'];
export const SCOPES = ['schedule', 'workflow', 'key'] as const;
export const PRIORITIES: Schemas['Priority'][] = ['low', 'normal', 'high', 'critical'];

/** The policies as the dialog holds them: text as typed. */
export type PolicyForm = {
  missed: Schemas['MissedPolicy'];
  catchUpCount: string;
  catchUpWindow: string;
  catchUpUnit: Unit;
  overlap: Schemas['OverlapPolicy'];
  scope: (typeof SCOPES)[number];
  key: string;
  limit: string;
  deadline: string;
  holdAfter: string;
  timeout: string;
  timeoutUnit: Unit;
  retryMax: string;
  retryDelay: string;
  priority: Schemas['Priority'];
};

/** What a schedule has whose author never heard of policies. The figures are the hub's own defaults. */
export const POLICY_DEFAULTS: PolicyForm = {
  missed: 'skip',
  catchUpCount: '1',
  catchUpWindow: '1',
  catchUpUnit: 'days',
  overlap: 'skip',
  scope: 'schedule',
  key: '',
  limit: '',
  deadline: '60',
  holdAfter: '',
  timeout: '',
  timeoutUnit: 'minutes',
  retryMax: '',
  retryDelay: '10',
  priority: 'normal',
};

export type PolicyField =
  | 'missed_policy'
  | 'catch_up_count'
  | 'catch_up_window'
  | 'overlap_policy'
  | 'overlap_scope'
  | 'overlap_key'
  | 'overlap_limit'
  | 'overlap_deadline'
  | 'hold_after_failures'
  | 'timeout_seconds'
  | 'retry_max'
  | 'retry_delay'
  | 'priority';
export const POLICY_FIELDS: PolicyField[] = [
  'missed_policy',
  'catch_up_count',
  'catch_up_window',
  'overlap_policy',
  'overlap_scope',
  'overlap_key',
  'overlap_limit',
  'overlap_deadline',
  'hold_after_failures',
  'timeout_seconds',
  'retry_max',
  'retry_delay',
  'priority',
];

const seconds: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

/** 5400 → 90 minutes: the largest unit that says it in a whole number. */
export function unitsOf(total: number): { amount: number; unit: Unit } {
  const unit = [...UNITS].reverse().find((each) => total % seconds[each] === 0) ?? 'seconds';
  return { amount: total / seconds[unit], unit };
}
export const secondsOf = (amount: number, unit: Unit) => amount * seconds[unit];

type Saved = Pick<
  Schemas['ScheduleSummary'],
  | 'missed_policy'
  | 'catch_up'
  | 'overlap_policy'
  | 'overlap'
  | 'hold_after_failures'
  | 'timeout_seconds'
  | 'retry'
  | 'priority'
>;

export function policyFormOf(saved: Saved): PolicyForm {
  const window = unitsOf(saved.catch_up.window_seconds ?? 86_400);
  const timeout = saved.timeout_seconds ? unitsOf(saved.timeout_seconds) : null;
  return {
    missed: saved.missed_policy,
    catchUpCount: String(saved.catch_up.count ?? 1),
    catchUpWindow: String(window.amount),
    catchUpUnit: window.unit,
    overlap: saved.overlap_policy,
    scope: saved.overlap.scope ?? 'schedule',
    key: saved.overlap.key ?? '',
    limit: saved.overlap.limit ? String(saved.overlap.limit) : '',
    deadline: String(saved.overlap.deadline_seconds ?? 60),
    holdAfter: saved.hold_after_failures?.toString() ?? '',
    timeout: timeout ? String(timeout.amount) : '',
    timeoutUnit: timeout?.unit ?? POLICY_DEFAULTS.timeoutUnit,
    retryMax: saved.retry.max ? String(saved.retry.max) : '',
    retryDelay: String(saved.retry.delay_seconds ?? 10),
    priority: saved.priority,
  };
}

export type PolicyBody = {
  missed_policy: Schemas['MissedPolicy'];
  catch_up: Schemas['CatchUp'];
  overlap_policy: Schemas['OverlapPolicy'];
  overlap: Schemas['Overlap'];
  hold_after_failures: number | null;
  timeout_seconds: number | null;
  retry: Schemas['RunRetry'];
  priority: Schemas['Priority'];
};

/** A number as typed: null where nothing stands, and `wrong` is told where it is no whole number of at least `min`. */
export function whole(text: string, min: number, wrong: () => void): number | null {
  if (!text.trim()) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) wrong();
  return value;
}

/** Whether the overlap policy goes up to a limit. */
export const limited = (form: PolicyForm) => form.overlap === 'buffer_all' || form.overlap === 'allow';

export function policyBodyOf(form: PolicyForm, wrong: (field: PolicyField) => void): PolicyBody {
  const count = (text: string, field: PolicyField, min = 1) => whole(text, min, () => wrong(field));
  const window = count(form.catchUpWindow, 'catch_up_window');
  const timeout = count(form.timeout, 'timeout_seconds');
  return {
    missed_policy: form.missed,
    catch_up: {
      count: count(form.catchUpCount, 'catch_up_count') ?? 1,
      window_seconds: window === null ? 86_400 : secondsOf(window, form.catchUpUnit),
    },
    overlap_policy: form.overlap,
    overlap: {
      scope: form.scope,
      // What the policy has no use for is refused: it goes back to what it is without anybody's asking.
      key: form.scope === 'key' ? form.key.trim() : '',
      limit: limited(form) ? (count(form.limit, 'overlap_limit', 0) ?? 0) : 0,
      deadline_seconds: form.overlap === 'cancel_other' ? (count(form.deadline, 'overlap_deadline') ?? 60) : 60,
    },
    hold_after_failures: count(form.holdAfter, 'hold_after_failures'),
    timeout_seconds: timeout === null ? null : secondsOf(timeout, form.timeoutUnit),
    retry: {
      max: count(form.retryMax, 'retry_max', 0) ?? 0,
      delay_seconds: count(form.retryDelay, 'retry_delay') ?? 10,
    },
    priority: form.priority,
  };
}

type Bounds = { start: string; end: string; maxRuns: string; jitter: string };
/** Whether nobody has asked for anything but the defaults. */
export const isDefault = (form: PolicyForm & Bounds) =>
  !form.start &&
  !form.end &&
  !form.maxRuns &&
  !form.jitter &&
  (Object.keys(POLICY_DEFAULTS) as (keyof PolicyForm)[]).every((key) => form[key] === POLICY_DEFAULTS[key]);

const inside: Record<string, Record<string, PolicyField>> = {
  catch_up: { count: 'catch_up_count', window_seconds: 'catch_up_window' },
  overlap: {
    scope: 'overlap_scope',
    key: 'overlap_key',
    limit: 'overlap_limit',
    deadline_seconds: 'overlap_deadline',
  },
  retry: { max: 'retry_max', delay_seconds: 'retry_delay' },
};
const wholeGroup: Record<string, PolicyField> = {
  catch_up: 'catch_up_count',
  overlap: 'overlap_policy',
  retry: 'retry_max',
};

/** The control of a pointer such as /overlap/key, split at its slashes. */
export function policyFieldOf([head, next]: string[]): PolicyField | null {
  if (!head) return null;
  const group = inside[head];
  if (group) return (next && group[next]) || wholeGroup[head] || null;
  return POLICY_FIELDS.find((field) => field === head) ?? null;
}
