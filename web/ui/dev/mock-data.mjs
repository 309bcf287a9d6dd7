// Invented data for looking at screens: every status, long names, many rows.
import { randomUUID } from 'node:crypto';
import { nextFires } from './mock-cron.mjs';

export const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const orderSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['region', 'dryRun'],
  properties: {
    region: { type: 'string', enum: ['eu', 'us', 'apac'], title: 'Region' },
    dryRun: { type: 'boolean', description: 'Only say what would happen' },
    limit: { type: 'integer', minimum: 1, maximum: 10000, default: 500 },
    notify: { type: 'array', items: { type: 'string' } },
  },
};
const text =
  'document:\n  dsl: 1.0.0\n  namespace: acme\n  name: nightly-sync\n  version: 0.1.0\ninput:\n  schema:\n    document:\n      type: object\n      required: [region]\n      properties:\n        region:\n          type: string\ndo:\n  - fetch:\n      call: http\n      with:\n        method: post\n        endpoint: http://127.0.0.1:9099/sync\n        body: ${ .  }\n  - wait:\n      wait:\n        seconds: 1\n';

export const session = {
  actor: { id: randomUUID(), name: 'Ada Lovelace', email: 'ada@acme.test' },
  tenant: { id: randomUUID(), name: 'Acme', slug: 'acme', default_zone: 'Europe/Berlin' },
  roles: ['admin'],
  permissions: [
    'schedules.view',
    'schedules.manage',
    'workflows.view',
    'workflows.manage',
    'workflows.publish',
    'runs.view',
    'runs.start',
    'runs.manage',
    'alerts.view',
    'alerts.manage',
    'api_keys.manage',
  ],
  expires_at: ago(-86400),
};

export const workflows = [
  ['Nightly sync', 'Copies orders into the warehouse', 4, true],
  ['Invoice reminders', 'Writes to customers whose invoices are due', 2, true],
  ['Warehouse vacuum and statistics refresh of all regional replicas', 'Keeps the planner honest', 7, true],
  ['Weekly report', 'A PDF for the Monday meeting', null, false],
  ['Image thumbnails', 'Started by uploads', 1, false],
].map(([name, description, version, schedulable], index) => ({
  id: randomUUID(),
  name,
  description,
  trigger: index === 4 ? 'event' : 'none',
  latest_version: version,
  schedulable,
  not_schedulable: schedulable ? null : version === null ? 'NO_PUBLISHED_VERSION' : 'NO_PAYLOAD_SCHEMA',
  not_schedulable_message: schedulable
    ? null
    : version === null
      ? 'It has no published version. Publish it first.'
      : 'Its published version pins no payload schema. Add input.schema and publish.',
  draft_changed: index === 0,
  schedules: { total: 0, invalid: 0 },
  created_at: ago(9e6),
  updated_at: ago(8000 * (index + 1)),
  revision: 3,
  payload_schema: schedulable ? orderSchema : null,
  draft: { text, format: 'yaml', revision: 5, updated_at: ago(4000), updated_by: 'Ada Lovelace' },
  versions: Array.from({ length: version ?? 0 }, (_, at) => ({
    number: (version ?? 0) - at,
    published_at: ago(86400 * (at + 1)),
    published_by: at % 2 ? 'Grace Hopper' : 'Ada Lovelace',
    note: at === 0 ? 'Region is required now' : '',
    has_payload_schema: schedulable,
    dialect: '2020-12',
  })),
}));

const states = ['succeeded', 'succeeded', 'failed', 'running', 'succeeded', 'timed_out', 'cancelled'];
const crons = ['0 9 * * 1-5', '*/15 * * * *', '30 2 * * *', '0 0 L * *', '0 0 13 * 5', '5 4 * * 0'];
const words = {
  '0 9 * * 1-5': 'At 09:00, Monday to Friday',
  '*/15 * * * *': 'Every 15 minutes',
  '30 2 * * *': 'Every day at 02:30',
  '0 0 L * *': 'At 00:00 on the last day of every month',
  '0 0 13 * 5': 'At 00:00 on day 13 of the month or on Friday',
  '5 4 * * 0': 'At 04:05 on Sunday',
};
export const sentenceOf = (timing) => {
  if (timing.kind === 'cron') return words[timing.cron] ?? `By the expression ${timing.cron}`;
  if (timing.kind === 'interval') return `Every ${timing.every} ${timing.unit}`;
  if (timing.kind === 'once') return 'Once';
  return 'Only when started by hand';
};
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC'];
const bySample = [];
export const invalidViolations = [
  { instance: '', schema: '/required', keyword: 'required', message: 'The field "region" is required.', params: {} },
  {
    instance: '/limit',
    schema: '/properties/limit/maximum',
    keyword: 'maximum',
    message: 'Must be at most 10000, is 25000.',
    params: {},
  },
];

function makeSchedule(index) {
  const workflow = workflows[index % 3];
  const kind = index % 11 === 3 ? 'once' : index % 7 === 4 ? 'interval' : index % 13 === 6 ? 'manual' : 'cron';
  const cron = crons[index % crons.length];
  const zone = zones[index % zones.length];
  const timing =
    kind === 'cron'
      ? { kind, cron, zone }
      : kind === 'once'
        ? { kind, run_at: ago(-7200 * (index + 1)), zone }
        : kind === 'interval'
          ? { kind, every: 30, unit: 'seconds', anchor: ago(4000) }
          : { kind };
  const status = [
    'active',
    'active',
    'paused',
    'active',
    'active',
    'invalid',
    'active',
    'failed',
    'active',
    'completed',
    'expired',
    'active',
  ][index % 12];
  const hold = { paused: 'user', invalid: 'invalid', failed: 'failures', completed: 'completed' }[status];
  bySample[index % crons.length] ??= nextFires(cron, zone, 1)[0]?.utc ?? null;
  const state = states[index % states.length];
  const failed = state === 'failed' || state === 'timed_out';
  return {
    id: randomUUID(),
    workflow_id: workflow.id,
    workflow_name: workflow.name,
    bound_version: status === 'invalid' ? workflow.latest_version - 1 : workflow.latest_version,
    name:
      index < 6
        ? [
            'Orders of the night, Europe',
            'Orders of the night, America',
            'Invoice reminders before the weekend',
            'Moving day',
            'Heartbeat',
            'Month-end statistics of every regional replica with a very long name',
          ][index]
        : `Schedule ${String(index).padStart(4, '0')}`,
    description: index % 3 ? '' : 'Owned by the data team',
    labels: index % 4 === 0 ? ['data', 'critical'] : index % 4 === 1 ? ['billing'] : [],
    timing,
    sentence: sentenceOf(timing),
    start_at: null,
    end_at: null,
    max_runs: null,
    jitter_seconds: 0,
    missed_policy: 'skip',
    overlap_policy: 'skip',
    catch_up: { window_seconds: 86_400, count: 1 },
    overlap: { scope: 'schedule', limit: 0, deadline_seconds: 60 },
    hold_after_failures: index % 5 === 0 ? 5 : null,
    timeout_seconds: null,
    retry: { max: index % 3, delay_seconds: 10 },
    priority: 'normal',
    status,
    status_reason: status === 'invalid' ? 'The payload does not fit version 4: 2 problems' : '',
    status_reason_code: null,
    status_reason_params: null,
    status_since: ago(4000),
    holds: hold
      ? [
          {
            kind: hold,
            reason: {
              user: 'Waiting for the new price list',
              invalid: 'The payload does not fit version 4.',
              failures: '5 runs failed in a row.',
              completed: 'Its last fire is behind it.',
            }[hold],
            actor: hold === 'user' ? 'Grace Hopper' : null,
            since: ago(4000),
            until: null,
            violations: hold === 'invalid' ? invalidViolations : [],
          },
        ]
      : [],
    next_due_at:
      kind === 'manual' || status === 'completed' || status === 'expired'
        ? null
        : kind === 'cron'
          ? bySample[index % crons.length]
          : kind === 'once'
            ? timing.run_at
            : ago(-12),
    last_fire:
      index % 9 === 8
        ? null
        : {
            due_at: ago(3600 + index * 60),
            fired_at: ago(3599 + index * 60),
            verdict: index % 10 === 7 ? 'skipped_overlap' : 'started',
            lateness_ms: index % 17 === 2 ? 61000 : 4,
            run_id: index % 10 === 7 ? null : randomUUID(),
            run_state: index % 10 === 7 ? null : state,
          },
    last_error: failed ? 'POST http://127.0.0.1:9099/sync answered 503 Service Unavailable' : null,
    stats: { total: 120 + index, succeeded: 117, failed: 3, average_duration_ms: 1840, last_run_at: ago(3600) },
    revision: 2,
    created_at: ago(9e5),
    updated_at: ago(5000 + index),
    created_by: 'Ada Lovelace',
    payload: { region: 'eu', dryRun: false, limit: 500 },
  };
}
export const schedules = Array.from({ length: Number(process.env.MOCK_ROWS ?? 1204) }, (_, index) =>
  makeSchedule(index),
);
for (const schedule of schedules) {
  const { schedules: counts } = workflows.find((each) => each.id === schedule.workflow_id);
  counts.total++;
  if (schedule.status === 'invalid') counts.invalid++;
}

const error = {
  type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication',
  status: 503,
  title: 'Communication error',
  detail: 'POST http://127.0.0.1:9099/sync answered 503 Service Unavailable',
  step: '/do/0/fetch',
};
export function makeRun(schedule, state, seconds, id = randomUUID(), reason = 'scheduled') {
  const done = !['queued', 'running', 'waiting'].includes(state);
  const failed = state === 'failed' || state === 'timed_out';
  const at = (shift) => ago(seconds - shift);
  return {
    id,
    workflow_id: schedule.workflow_id,
    workflow_name: schedule.workflow_name,
    version: schedule.bound_version,
    state,
    priority: 'normal',
    provenance:
      reason === 'scheduled'
        ? {
            reason,
            schedule_id: schedule.id,
            schedule_name: schedule.name,
            schedule_revision: 2,
            timing_kind: schedule.timing.kind,
            due_at: at(0),
            planned_at: at(0),
            fired_at: at(0.004),
            actor: null,
            retry_of: null,
          }
        : { reason, schedule_id: null, schedule_name: null, actor: 'Ada Lovelace' },
    created_at: at(0.004),
    started_at: state === 'queued' ? null : at(2),
    ended_at: done ? at(5) : null,
    duration_ms: done ? 3120 : null,
    takeovers: seconds % 5 === 0 ? 1 : 0,
    error: failed ? error : null,
    input: schedule.payload,
    output: state === 'succeeded' ? { accepted: 412, id: 12345678 } : undefined,
    steps: [
      {
        path: '/do/0/fetch',
        name: 'fetch',
        type: 'call',
        state: failed ? 'failed' : state === 'queued' ? 'pending' : 'succeeded',
        started_at: at(2),
        ended_at: at(3.6),
        attempts: [
          { number: 1, state: 'failed', started_at: at(2), ended_at: at(2.4), error },
          {
            number: 2,
            state: failed ? 'failed' : 'succeeded',
            started_at: at(3),
            ended_at: at(3.6),
            error: failed ? error : null,
          },
        ],
        input: schedule.payload,
        output: { accepted: 412 },
      },
      ...(failed
        ? []
        : [
            {
              path: '/do/1/wait',
              name: 'wait',
              type: 'wait',
              state: done ? 'succeeded' : 'running',
              started_at: at(3.6),
              ended_at: done ? at(5) : null,
              attempts: [],
              output: {},
            },
          ]),
    ],
  };
}
export const runs = schedules
  .slice(0, 300)
  .flatMap((schedule, index) =>
    schedule.last_fire?.run_id
      ? [
          makeRun(
            schedule,
            states[index % states.length],
            60 + index * 47,
            schedule.last_fire.run_id,
            index % 6 === 5 ? 'manual' : 'scheduled',
          ),
        ]
      : [],
  );
export const nodes = [
  {
    id: randomUUID(),
    host: 'hub-1',
    version: '0.1.0',
    roles: ['web', 'worker'],
    started_at: ago(90000),
    seen_at: ago(1),
    lag_ms: 3,
    alive: true,
    running: 4,
  },
  {
    id: randomUUID(),
    host: 'hub-2',
    version: '0.1.0',
    roles: ['worker'],
    started_at: ago(70000),
    seen_at: ago(190),
    lag_ms: 190000,
    alive: false,
    running: 0,
  },
];
export const keys = [
  { id: randomUUID(), name: 'ci', role: 'operator', prefix: 'ck_a81f', created_at: ago(8e5), last_used_at: ago(600) },
];
