// What the mock answers at each address.
import { randomUUID } from 'node:crypto';
import { nextFires, occurrence, parseCron } from './mock-cron.mjs';
import {
  ago,
  invalidViolations,
  keys,
  makeRun,
  nodes,
  runs,
  schedules,
  sentenceOf,
  session,
  workflows,
} from './mock-data.mjs';
import { historyRoutes } from './mock-history.mjs';
import { publishRoutes } from './mock-publish.mjs';

export let seq = 1;
export const sockets = new Set();
const broadcast = (topic, id, kind, patch) => {
  seq += 1;
  for (const socket of sockets)
    socket.send(JSON.stringify({ seq, server_time: ago(0), events: [{ topic, id, kind, version: seq, patch }] }));
};

export class Refusal extends Error {
  constructor(status, code, detail, extra = {}) {
    super(detail);
    this.body = { type: 'about:blank', title: code, status, code, detail, request_id: randomUUID(), ...extra };
  }
}
const need = (list, id) =>
  list.find((item) => item.id === id) ?? refuse(404, 'NOT_FOUND', 'There is nothing with this id.');
export function refuse(...args) {
  throw new Refusal(...args);
}
const page = (items, query, total = true) => {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next_cursor: next, ...(total ? { total: items.length } : {}) };
};
const summary = ({ payload, ...rest }) => rest;
const check = (payload) => {
  const violations = [];
  if (typeof payload !== 'object' || payload === null)
    violations.push({ instance: '', schema: '/type', keyword: 'type', message: 'Must be an object.', params: {} });
  else {
    if (!('region' in payload)) violations.push(invalidViolations[0]);
    if (payload.limit > 10000)
      violations.push({ ...invalidViolations[1], message: `Must be at most 10000, is ${payload.limit}.` });
    if ('dryRun' in payload && typeof payload.dryRun !== 'boolean')
      violations.push({
        instance: '/dryRun',
        schema: '/properties/dryRun/type',
        keyword: 'type',
        message: 'Must be a boolean.',
        params: {},
      });
  }
  return { valid: violations.length === 0, violations, version: 4 };
};
function preview(timing, count = 10) {
  const zone = timing.zone ?? session.tenant.default_zone;
  let occurrences = [];
  if (timing.kind === 'cron') {
    try {
      parseCron(timing.cron);
    } catch (cause) {
      refuse(422, 'INVALID_CRON', cause.message, {
        field: '/timing/cron',
        value: timing.cron,
        remedy: 'Use five fields, for example 0 9 * * 1-5.',
      });
    }
    occurrences = nextFires(timing.cron, zone, count);
    if (timing.cron.startsWith('30 2') && occurrences[1])
      Object.assign(occurrences[1], {
        flags: ['gap'],
        note: 'The clocks jump from 02:00 to 03:00 that night; it fires at 03:00.',
      });
  } else if (timing.kind === 'interval') {
    const step = timing.every * { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 }[timing.unit];
    if (step < 5000)
      refuse(422, 'INTERVAL_TOO_SHORT', 'The interval is below 5 seconds.', {
        field: '/timing/every',
        remedy: 'Use at least 5 seconds.',
      });
    occurrences = Array.from({ length: count }, (_, index) => occurrence(Date.now() + step * (index + 1), zone, []));
  } else if (timing.kind === 'once') {
    const at = Date.parse(timing.run_at ?? `${timing.local}Z`);
    if (at < Date.now())
      refuse(422, 'RUN_AT_IN_PAST', 'This time has passed.', {
        field: '/timing/local',
        remedy: 'Choose a time ahead.',
      });
    occurrences = [occurrence(at, zone, [])];
  }
  return {
    occurrences,
    sentence: sentenceOf(timing),
    warnings: [],
    zone: timing.kind === 'cron' || timing.kind === 'once' ? zone : null,
    next_clock_change: timing.kind === 'cron' ? { at: '2027-03-28T01:00:00Z', from: '02:00', to: '03:00' } : null,
  };
}
function applySchedule(schedule, body) {
  if (
    body.name !== undefined &&
    schedules.some(
      (other) => other !== schedule && other.workflow_id === schedule.workflow_id && other.name === body.name,
    )
  )
    refuse(409, 'NAME_TAKEN', `Another schedule of this workflow is called "${body.name}".`, {
      field: '/name',
      remedy: 'Choose another name.',
    });
  if (body.payload !== undefined) {
    const verdict = check(body.payload);
    if (!verdict.valid)
      refuse(422, 'PAYLOAD_INVALID', 'The payload does not fit the schema.', {
        field: '/payload',
        violations: verdict.violations,
      });
    schedule.holds = schedule.holds.filter((hold) => hold.kind !== 'invalid');
    if (schedule.status === 'invalid') schedule.status = 'active';
  }
  if (body.timing) {
    const plan = preview(body.timing, 1);
    Object.assign(body, { sentence: plan.sentence, next_due_at: plan.occurrences[0]?.utc ?? null });
  }
  Object.assign(schedule, body, { revision: schedule.revision + 1, updated_at: ago(0) });
}
const changed = (schedule) => {
  broadcast('schedules', schedule.id, 'updated', summary(schedule));
  return schedule;
};
const match = (request, revision) => {
  if (!request.headers['if-match']) refuse(428, 'PRECONDITION_REQUIRED', 'If-Match is needed.');
  if (request.headers['if-match'] !== `"${revision}"`)
    refuse(412, 'REVISION_CHANGED', 'Somebody changed it in the meantime.');
};
const started = (run) => {
  runs.unshift(run);
  broadcast('runs', run.id, 'created', run);
  setTimeout(() => {
    Object.assign(run, { state: 'succeeded', ended_at: ago(0), duration_ms: 2000 });
    broadcast('runs', run.id, 'updated', { state: 'succeeded', ended_at: run.ended_at, duration_ms: 2000 });
  }, 2000);
  return { run_id: run.id, queue_position: 1, estimated_start: ago(0), state: 'queued' };
};
const checkText = ({ text }) => {
  const bad = text.split('\n').findIndex((line) => /every:|cron:/.test(line));
  return bad < 0
    ? { valid: true, problems: [], payload_schema: {} }
    : {
        valid: false,
        problems: [
          {
            pointer: '/schedule',
            line: bad + 1,
            column: 1,
            code: 'INLINE_TIME_TRIGGER',
            message: 'A workflow cannot carry its own times.',
            remedy: 'Create a schedule for it instead.',
          },
        ],
      };
};

export const routes = [
  ...historyRoutes,
  ['GET', '/nodes', () => ({ items: nodes })],
  ['GET', '/time-zones', () => ({ items: Intl.supportedValuesOf('timeZone'), version: '2026a' })],
  ['GET', '/session', () => session],
  ['GET', '/api-keys', () => ({ items: keys })],
  [
    'POST',
    '/api-keys',
    ({ body }) => [
      201,
      {
        ...body,
        id: randomUUID(),
        prefix: 'ck_new',
        created_at: ago(0),
        last_used_at: null,
        secret: 'ck_new_0123456789abcdef',
      },
    ],
  ],
  ['DELETE', '/api-keys/:id', () => [204]],
  [
    'GET',
    '/workflows',
    ({ query }) =>
      page(
        workflows.filter((each) => each.name.toLowerCase().includes((query.get('text') ?? '').toLowerCase())),
        query,
      ),
  ],
  [
    'POST',
    '/workflows',
    ({ body }) => {
      const made = { ...workflows[3], ...body, id: randomUUID(), schedules: { total: 0, invalid: 0 } };
      workflows.push(made);
      return [201, made];
    },
  ],
  ['GET', '/workflows/:id', ({ id }) => need(workflows, id)],
  ['GET', '/workflows/:id/draft', ({ id }) => need(workflows, id).draft],
  [
    'PUT',
    '/workflows/:id/draft',
    ({ id, body, request }) => {
      const { draft } = need(workflows, id);
      match(request, draft.revision);
      const verdict = checkText(body);
      if (!verdict.valid)
        refuse(422, 'DEFINITION_INVALID', 'The definition has problems.', {
          violations: verdict.problems.map((each) => ({
            instance: each.pointer,
            schema: '',
            keyword: each.code,
            message: each.message,
            params: { line: each.line, column: each.column },
          })),
        });
      return Object.assign(draft, body, { revision: draft.revision + 1 });
    },
  ],
  ['POST', '/workflows/:id/validate', ({ body }) => checkText(body)],
  ...publishRoutes,
  ['POST', '/workflows/:id/payload/validate', ({ body }) => check(body.payload)],
  [
    'POST',
    '/workflows/:id/runs',
    ({ id, body }) => {
      const workflow = need(workflows, id);
      return [
        201,
        started(
          makeRun(
            { ...schedules[0], workflow_id: id, workflow_name: workflow.name, payload: body.input ?? {} },
            'running',
            0,
            randomUUID(),
            'manual',
          ),
        ),
      ];
    },
  ],
  [
    'GET',
    '/schedules',
    ({ query }) => {
      const has = (name) => query.get(name);
      let items = schedules.filter(
        (each) =>
          (!has('workflow_id') || each.workflow_id === has('workflow_id')) &&
          (!has('kind') || each.timing.kind === has('kind')) &&
          (!has('status') || each.status === has('status')) &&
          (!has('label') || each.labels.includes(has('label'))) &&
          each.name.toLowerCase().includes((has('text') ?? '').toLowerCase()),
      );
      const key = (has('sort') ?? '').replace('-', '');
      if (key)
        items = [...items].sort(
          (a, b) => String(a[key] ?? '￿').localeCompare(String(b[key] ?? '￿')) * (has('sort').startsWith('-') ? -1 : 1),
        );
      const answer = page(items, query);
      return { ...answer, items: answer.items.map(summary) };
    },
  ],
  [
    'POST',
    '/schedules',
    ({ body }) => {
      const workflow = need(workflows, body.workflow_id);
      const made = {
        ...schedules[0],
        id: randomUUID(),
        workflow_id: workflow.id,
        workflow_name: workflow.name,
        bound_version: workflow.latest_version,
        labels: [],
        holds: [],
        status: 'active',
        last_fire: null,
        last_error: null,
        revision: 0,
        created_at: ago(0),
      };
      applySchedule(made, body);
      schedules.unshift(made);
      broadcast('schedules', made.id, 'created', summary(made));
      return [201, made];
    },
  ],
  ['POST', '/schedules/preview', ({ body }) => preview(body.timing, body.count)],
  ['GET', '/schedules/:id', ({ id }) => need(schedules, id)],
  [
    'PATCH',
    '/schedules/:id',
    ({ id, body, request }) => {
      const schedule = need(schedules, id);
      match(request, schedule.revision);
      applySchedule(schedule, body);
      return changed(schedule);
    },
  ],
  [
    'DELETE',
    '/schedules/:id',
    ({ id, request }) => {
      const schedule = need(schedules, id);
      match(request, schedule.revision);
      schedules.splice(schedules.indexOf(schedule), 1);
      broadcast('schedules', id, 'deleted', {});
      return [204];
    },
  ],
  [
    'POST',
    '/schedules/:id/pause',
    ({ id, body }) => {
      const schedule = need(schedules, id);
      schedule.status = 'paused';
      schedule.holds.push({
        kind: 'user',
        reason: body.reason ?? '',
        actor: 'Ada Lovelace',
        since: ago(0),
        until: null,
        violations: [],
      });
      return changed(schedule);
    },
  ],
  [
    'POST',
    '/schedules/:id/resume',
    ({ id }) => {
      const schedule = need(schedules, id);
      schedule.holds = schedule.holds.filter((hold) => hold.kind !== 'user');
      schedule.status = schedule.holds.length ? schedule.status : 'active';
      return changed(schedule);
    },
  ],
  ['POST', '/schedules/:id/run', ({ id }) => [201, started(makeRun(need(schedules, id), 'running', 0))]],
  [
    'GET',
    '/schedules/:id/fires',
    ({ query }) =>
      page(
        ['started', 'skipped_overlap', 'started', 'missed', 'paused', 'started']
          .map((verdict, index) => ({
            due_at: ago(3600 * (index + 1)),
            last_due_at: verdict === 'paused' ? ago(3600 * index) : null,
            count: verdict === 'paused' ? 12 : 1,
            planned_at: ago(3600 * (index + 1)),
            fired_at: ago(3600 * (index + 1)),
            lateness_ms: 3 + index * index * 400,
            verdict,
            reason:
              verdict === 'started'
                ? ''
                : verdict === 'skipped_overlap'
                  ? 'A run of 14:00 was still running.'
                  : 'The schedule was paused.',
            run_id: verdict === 'started' ? runs[index].id : null,
            run_state: verdict === 'started' ? runs[index].state : null,
            schedule_revision: 2,
          }))
          .filter((each) => !query.get('verdict') || each.verdict === query.get('verdict')),
        query,
        false,
      ),
  ],
  [
    'GET',
    '/schedules/:id/upcoming',
    ({ id, query }) => preview(need(schedules, id).timing, Number(query.get('count') ?? 10)),
  ],
  [
    'GET',
    '/runs',
    ({ query }) =>
      page(
        runs.filter(
          (each) =>
            (!query.get('state') || each.state === query.get('state')) &&
            (!query.get('workflow_id') || each.workflow_id === query.get('workflow_id')) &&
            (!query.get('schedule_id') || each.provenance.schedule_id === query.get('schedule_id')) &&
            (!query.get('reason') || each.provenance.reason === query.get('reason')),
        ),
        query,
        false,
      ),
  ],
  ['GET', '/runs/:id', ({ id }) => need(runs, id)],
  ['POST', '/runs/:id/cancel', ({ id }) => Object.assign(need(runs, id), { state: 'cancelled', ended_at: ago(0) })],
  [
    'POST',
    '/runs/:id/retry',
    ({ id }) => [201, started(makeRun(schedules[0], 'running', 0, randomUUID(), need(runs, id) && 'manual'))],
  ],
].map(([method, path, handle]) => [method, new RegExp(`^/api/v1${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handle]);
