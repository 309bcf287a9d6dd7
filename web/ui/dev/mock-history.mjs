// Explanations, kept versions and alerts of the invented hub.
import { randomUUID } from 'node:crypto';
import { ago, schedules, session } from './mock-data.mjs';

const alerts = [
  ['FIRES_MISSED', 'missed 3 due times, the last at', 300],
  ['HELD_AFTER_FAILURES', 'no longer fires: 5 runs failed or were missed in a row. Since', 7200],
  ['ONE_TIME_EXPIRED', 'never ran: no node was there within 24 h of', 90000],
].map(([code, words, seconds], index) => ({
  id: randomUUID(),
  at: ago(seconds),
  code,
  object_type: 'schedule',
  object_id: schedules[index].id,
  message: `"${schedules[index].name}" ${words} ${ago(seconds)}.`,
  detail: code === 'FIRES_MISSED' ? { count: 3, last_due_at: ago(seconds) } : {},
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
  const check = (code, result, text) => ({ code, result, text });
  return {
    at: moment,
    now: ago(0),
    outcome: held ? 'will_not_start' : 'will_start',
    summary: held ? 'It will not start as things stand.' : 'It will start.',
    due_at: moment,
    planned_at: moment,
    previous_due_at: ago(3600),
    next_due_at: ago(-7200),
    checks: [
      check('existed', 'passed', `Revision 2 was in force, saved by Grace Hopper at ${ago(45000)}.`),
      check('timing', 'passed', 'Its timing names this moment.'),
      check('hold', held ? 'failed' : 'passed', held ? schedule.holds[0].reason : 'Nothing holds it.'),
      check('maintenance', 'passed', 'No maintenance.'),
      check('overlap', 'unknown', '1 unfinished run(s) in its scope now; the overlap policy is skip.'),
      check('hub', 'passed', 'A node is there to fire it.'),
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
