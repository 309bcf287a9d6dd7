// Explanations, kept versions and alerts of the invented hub.
import { randomUUID } from 'node:crypto';
import { ago, schedules, session } from './mock-data.mjs';

const alerts = [
  ['FIRES_MISSED', `missed 3 due times, the last at ${ago(300)}.`, 300, { count: 3, last_due_at: ago(300) }],
  [
    'HELD_AFTER_FAILURES',
    'no longer fires: 5 runs failed or were missed in a row.',
    7200,
    {
      failures_in_row: 5,
      reason: {
        code: 'runs_failed_in_row',
        params: { count: 5 },
        text: '5 runs failed or were missed in a row.',
      },
    },
  ],
  // From a hub that did not yet send what its sentence names.
  ['ONE_TIME_EXPIRED', 'never ran: Its time passed more than 1 d ago.', 90000, {}],
].map(([code, words, seconds, detail], index) => ({
  id: randomUUID(),
  at: ago(seconds),
  code,
  object_type: 'schedule',
  object_id: schedules[index].id,
  message: `"${schedules[index].name}" ${words}`,
  detail: code === 'ONE_TIME_EXPIRED' ? detail : { name: schedules[index].name, ...detail },
  acknowledged_at: null,
  acknowledged_by: '',
}));
const acknowledge = (list) => {
  for (const alert of list) Object.assign(alert, { acknowledged_at: ago(0), acknowledged_by: session.actor.name });
  return list.length;
};
const open = () => alerts.filter((alert) => !alert.acknowledged_at);

const find = (id) => schedules.find((schedule) => schedule.id === id) ?? schedules[0];
const version = (revision) => ({
  revision,
  at: ago(90000 / revision),
  actor: revision === 1 ? 'Ada Lovelace' : 'Grace Hopper',
  action: revision === 1 ? 'schedules.create' : 'schedules.update',
  payload_changed: revision === 1,
  changed: revision === 1 ? ['payload'] : ['description', 'jitter_seconds'],
});

function explain(id, at) {
  const schedule = find(id);
  const moment = at ?? schedule.next_due_at ?? ago(0);
  const held = schedule.holds.length > 0;
  const check = (code, result, text, text_code, text_params = {}) => ({ code, result, text, text_code, text_params });
  return {
    at: moment,
    now: ago(0),
    outcome: held ? 'will_not_start' : 'will_start',
    summary: held ? 'It will not start as things stand.' : 'It will start.',
    summary_code: held ? 'will_not_start' : 'will_start',
    summary_params: {},
    due_at: moment,
    planned_at: moment,
    previous_due_at: ago(3600),
    next_due_at: ago(-7200),
    checks: [
      check(
        'existed',
        'passed',
        `Revision 2 was in force, saved by Grace Hopper at ${ago(45000)}.`,
        'revision_in_force',
        { revision: 2, actor: 'Grace Hopper', saved_at: ago(45000) },
      ),
      check('timing', 'passed', 'Its timing names this moment.', 'timing_names_it'),
      held
        ? check('hold', 'failed', schedule.holds[0].reason, 'held_since', {
            hold: schedule.holds[0].kind,
            since_at: schedule.holds[0].since,
            reason: { text: schedule.holds[0].reason },
          })
        : check('hold', 'passed', 'Nothing holds it.', 'not_held'),
      check('maintenance', 'passed', 'No maintenance.', 'no_maintenance'),
      check(
        'overlap',
        'unknown',
        '1 unfinished run(s) in its scope now; the overlap policy is skip.',
        'unfinished_in_scope',
        { running: 1, overlap_policy: 'skip' },
      ),
      check('hub', 'passed', 'A node is there to fire it.', 'node_there'),
    ],
    fire: null,
    replayed_verdict: null,
    version: version(2),
    settings: schedule,
    zone_data: '2026a',
    limits: { grace_seconds: 600, one_time_window_seconds: 86400, catch_up_cap: 1000, buffer_cap: 100 },
  };
}

export const historyRoutes = [
  [
    'GET',
    '/alerts',
    ({ query }) => ({
      items: query.get('open') === 'true' ? open() : alerts,
      next_cursor: null,
      open: open().length,
    }),
  ],
  ['POST', '/alerts/acknowledge', () => ({ acknowledged: acknowledge(open()) })],
  ['POST', '/alerts/:id/acknowledge', ({ id }) => [204, void acknowledge(alerts.filter((alert) => alert.id === id))]],
  ['GET', '/schedules/:id/explain', ({ id, query }) => explain(id, query.get('at'))],
  ['GET', '/schedules/:id/versions', () => ({ items: [version(2), version(1)], next_before: null })],
  [
    'GET',
    '/schedules/:id/versions/:revision/compare',
    () => ({
      from: version(1),
      to: version(2),
      changes: [
        { path: '/description', before: '', after: 'Owned by the data team' },
        { path: '/jitter_seconds', before: 0, after: 30 },
      ],
    }),
  ],
  ['POST', '/schedules/:id/versions/:revision/restore', ({ id }) => find(id)],
];
