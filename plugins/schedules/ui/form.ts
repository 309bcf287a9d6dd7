import type { Schemas } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import type { Problem, Violation } from '@/api/problem';
import { syntaxErrorOf } from '@/editor/pointers';
import { instantToLocal, localToInstant } from '@/time/format';
import {
  POLICY_DEFAULTS,
  type PolicyField,
  type PolicyForm,
  policyBodyOf,
  policyFieldOf,
  policyFormOf,
  type Unit,
  whole,
} from './policies';

export type Timing = Schemas['Timing'];
export type Kind = Timing['kind'];
export type SchedulePatch = Schemas['SchedulePatch'];

/** What the dialog holds: text as typed, so that nothing a person wrote is ever lost to a conversion. */
export type Form = PolicyForm & {
  workflow_id: string | null;
  name: string;
  description: string;
  labels: string;
  kind: Kind;
  cron: string;
  zone: string;
  runAt: string;
  fold: '' | 'earlier' | 'later';
  every: string;
  unit: Unit;
  anchor: string | null;
  start: string;
  end: string;
  maxRuns: string;
  jitter: string;
  payload: string;
  paused: boolean;
};

/** The control a server's field pointer belongs to. */
export type FieldId =
  | PolicyField
  | 'workflow_id'
  | 'name'
  | 'description'
  | 'labels'
  | 'kind'
  | 'cron'
  | 'zone'
  | 'run_at'
  | 'every'
  | 'start_at'
  | 'end_at'
  | 'max_runs'
  | 'jitter_seconds'
  | 'payload';

export function emptyForm(zone: string, workflowId: string | null = null): Form {
  return {
    workflow_id: workflowId,
    name: '',
    description: '',
    labels: '',
    kind: 'cron',
    cron: '0 9 * * 1-5',
    zone,
    runAt: '',
    fold: '',
    every: '15',
    unit: 'minutes',
    anchor: null,
    start: '',
    end: '',
    maxRuns: '',
    jitter: '',
    ...POLICY_DEFAULTS,
    payload: '{}',
    paused: false,
  };
}

export function formOf(schedule: Schemas['Schedule'], tenantZone: string): Form {
  const { timing } = schedule;
  const zone = ('zone' in timing && timing.zone) || tenantZone;
  const local = (instant?: string | null) => (instant ? instantToLocal(new Date(instant), zone) : '');
  const form = emptyForm(zone, schedule.workflow_id);
  return {
    ...form,
    name: schedule.name,
    description: schedule.description,
    labels: schedule.labels.join(', '),
    kind: timing.kind,
    cron: timing.kind === 'cron' ? timing.cron : form.cron,
    runAt: timing.kind === 'once' ? local(timing.run_at) || timing.local || '' : '',
    fold: (timing.kind === 'once' && timing.fold) || '',
    every: timing.kind === 'interval' ? String(timing.every) : form.every,
    unit: timing.kind === 'interval' ? timing.unit : form.unit,
    anchor: timing.kind === 'interval' ? (timing.anchor ?? null) : null,
    start: local(schedule.start_at),
    end: local(schedule.end_at),
    maxRuns: schedule.max_runs?.toString() ?? '',
    jitter: schedule.jitter_seconds ? String(schedule.jitter_seconds) : '',
    ...policyFormOf(schedule),
    payload: pretty(schedule.payload),
  };
}

export function timingOf(form: Form): Timing | null {
  switch (form.kind) {
    case 'cron':
      return form.cron.trim() ? { kind: 'cron', cron: form.cron.trim().replace(/\s+/g, ' '), zone: form.zone } : null;
    case 'interval': {
      const every = Number(form.every);
      if (!Number.isInteger(every) || every < 1) return null;
      return { kind: 'interval', every, unit: form.unit, ...(form.anchor ? { anchor: form.anchor } : {}) };
    }
    case 'once':
      return form.runAt
        ? { kind: 'once', local: form.runAt, zone: form.zone, ...(form.fold ? { fold: form.fold } : {}) }
        : null;
    case 'manual':
      return { kind: 'manual' };
  }
}

export const goesOn = (kind: Kind) => kind === 'cron' || kind === 'interval';

export const labelsOf = (text: string) => [
  ...new Set(
    text
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean),
  ),
];
export const boundOf = (local: string, zone: string) =>
  local ? (localToInstant(local, zone)?.toISOString() ?? null) : null;

export type Missing = Partial<Record<FieldId, 'required' | 'number' | 'json'>>;

/** The request body, and what the page itself can see is missing. Everything else is the server's to judge. */
export function bodyOf(form: Form): {
  body: Required<Omit<SchedulePatch, 'payload'>> & { payload: unknown };
  missing: Missing;
} {
  const missing: Missing = {};
  if (!form.workflow_id) missing.workflow_id = 'required';
  if (!form.name.trim()) missing.name = 'required';
  const timing = timingOf(form);
  if (!timing)
    missing[form.kind === 'cron' ? 'cron' : form.kind === 'once' ? 'run_at' : 'every'] =
      form.kind === 'interval' && form.every ? 'number' : 'required';
  const wrong = (field: FieldId) => {
    missing[field] = 'number';
  };
  let payload: unknown = null;
  if (syntaxErrorOf(form.payload)) missing.payload = 'json';
  else payload = parseExact(form.payload);
  return {
    missing,
    body: {
      name: form.name.trim(),
      description: form.description,
      labels: labelsOf(form.labels),
      timing: timing ?? { kind: 'manual' },
      // Where no times go on there is nothing for these to begin or end.
      start_at: form.kind === 'manual' ? null : boundOf(form.start, form.zone),
      end_at: form.kind === 'manual' ? null : boundOf(form.end, form.zone),
      max_runs: goesOn(form.kind) ? whole(form.maxRuns, 1, () => wrong('max_runs')) : null,
      jitter_seconds: whole(form.jitter, 0, () => wrong('jitter_seconds')) ?? 0,
      ...policyBodyOf(form, wrong),
      payload,
    },
  };
}

/** Only what the person changed travels: an untouched time stays exactly what it was, to the microsecond. */
export function patchOf(before: Form, after: Form): SchedulePatch {
  const old = bodyOf(before).body;
  const now = bodyOf(after).body;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(now) as (keyof typeof now)[]) {
    if (JSON.stringify(old[key]) !== JSON.stringify(now[key])) patch[key] = now[key];
  }
  return patch as SchedulePatch;
}

export const isDirty = (before: Form, after: Form) => JSON.stringify(before) !== JSON.stringify(after);

const direct = new Set<string>([
  'workflow_id',
  'name',
  'description',
  'labels',
  'start_at',
  'end_at',
  'max_runs',
  'jitter_seconds',
  'payload',
]);
const timingFields: Record<string, FieldId> = {
  cron: 'cron',
  zone: 'zone',
  run_at: 'run_at',
  local: 'run_at',
  fold: 'run_at',
  every: 'every',
  unit: 'every',
  anchor: 'every',
  kind: 'kind',
};

/** RFC 6901 pointer (or a bare name) of the server → control of this dialog. */
export function fieldOf(pointer: string | undefined, kind: Kind): FieldId | null {
  if (!pointer) return null;
  const path = (pointer.startsWith('/') ? pointer.slice(1) : pointer.replaceAll('.', '/')).split('/');
  const head = path[0]!;
  if (head === 'timing') {
    const known = path[1] ? timingFields[path[1]] : undefined;
    return (
      known ??
      { cron: 'cron' as const, interval: 'every' as const, once: 'run_at' as const, manual: 'kind' as const }[kind]
    );
  }
  return direct.has(head) ? (head as FieldId) : (policyFieldOf(path) ?? timingFields[head] ?? null);
}

export type FieldErrors = { fields: Partial<Record<FieldId, string>>; payload: Violation[]; general: string | null };

/** A refusal, laid out on the controls it is about. Nothing of it gets lost: what has no control becomes `general`. */
export function errorsOf(problem: Problem, kind: Kind): FieldErrors {
  const result: FieldErrors = { fields: {}, payload: [], general: null };
  const sentence = [problem.detail, problem.remedy].filter(Boolean).join(' ');
  const aim = fieldOf(problem.field, kind);
  for (const violation of problem.violations ?? []) {
    const field = fieldOf(violation.instance, kind);
    if (aim === 'payload')
      result.payload.push({ ...violation, instance: violation.instance.replace(/^\/payload(?=\/|$)/, '') });
    else if (field === 'payload')
      result.payload.push({ ...violation, instance: violation.instance.slice('/payload'.length) });
    else if (field) result.fields[field] ??= violation.message;
    else result.general = [result.general, violation.message].filter(Boolean).join(' ');
  }
  if (aim) result.fields[aim] ??= sentence;
  else if (Object.keys(result.fields).length === 0 && result.payload.length === 0) result.general = sentence;
  return result;
}

type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  items?: JsonSchema;
};

/** A first payload that fits a schema as well as can be guessed: defaults, examples, then the emptiest value of the type. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (!schema || typeof schema !== 'object' || depth > 6) return {};
  const node = schema as JsonSchema;
  if (node.default !== undefined) return node.default;
  if (node.const !== undefined) return node.const;
  if (node.examples?.length) return node.examples[0];
  if (node.enum?.length) return node.enum[0];
  const type = Array.isArray(node.type) ? node.type[0] : (node.type ?? (node.properties ? 'object' : undefined));
  switch (type) {
    case 'object': {
      const names = Object.entries(node.properties ?? {}).filter(
        ([name, child]) => node.required?.includes(name) || child.default !== undefined,
      );
      return Object.fromEntries(names.map(([name, child]) => [name, sampleOf(child, depth + 1)]));
    }
    case 'array':
      return [];
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return node.minimum ?? 0;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return {};
  }
}
