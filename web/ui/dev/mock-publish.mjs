// Publishing and versions of the invented hub.
import { invalidViolations, schedules, workflows } from './mock-data.mjs';

const find = (id) => workflows.find((each) => each.id === id);

function publishResult(workflow, body, dryRun) {
  const own = schedules.filter((each) => each.workflow_id === workflow.id).slice(0, 14);
  const fixed = body.payload_fixes ?? {};
  const lines = own.map((each, index) => {
    const broken = index % 5 === 2 && !fixed[each.id];
    const verdict =
      each.status === 'completed' ? 'left' : broken ? 'invalid' : each.status === 'invalid' ? 'revived' : 'rebound';
    return {
      id: each.id,
      name: each.name,
      verdict,
      status: verdict === 'invalid' ? 'invalid' : 'active',
      previous_status: each.status,
      violations: verdict === 'invalid' ? invalidViolations : [],
      reason: '',
      next_due_at: each.next_due_at,
      payload_changed: Boolean(body.migration ?? fixed[each.id]) && !broken,
      payload_changes:
        body.migration && !broken ? [{ pointer: '/region', kind: 'changed', before: 'eu', after: 'de' }] : [],
      fits_with_defaults: false,
    };
  });
  const counts = { rebound: 0, revived: 0, invalid: 0, still_invalid: 0, left: 0 };
  for (const each of lines) counts[each.verdict]++;
  return {
    workflow_id: workflow.id,
    version: (workflow.latest_version ?? 0) + 1,
    schedules: body.verdict ? lines.filter((each) => each.verdict === body.verdict) : lines,
    counts,
    next_cursor: null,
    dry_run: dryRun,
    plan_hash: JSON.stringify(body),
    draft_revision: workflow.draft.revision,
    schema_changes: [
      { pointer: '/limit', change: 'constraint', keyword: 'maximum', before: null, after: 10000 },
      { pointer: '/region', change: 'required', before: false, after: true },
    ],
    payload_schema: { type: 'object', properties: { region: { type: 'string' }, limit: { type: 'integer' } } },
    payloads_changed: lines.filter((each) => each.payload_changed).length,
    fit_with_defaults: 0,
    at_risk: lines.filter((each) => each.verdict === 'invalid' && each.next_due_at).slice(0, 3),
  };
}

export const publishRoutes = [
  [
    'POST',
    '/workflows/:id/publish',
    ({ id, body }) => {
      const result = publishResult(find(id), body, false);
      find(id).latest_version = result.version;
      return [201, result];
    },
  ],
  ['POST', '/workflows/:id/publish/plan', ({ id, body }) => publishResult(find(id), body, true)],
  ['GET', '/workflows/:id/publish/progress', () => ({ phase: null, done: 0, total: 0 })],
  ['GET', '/workflows/:id/versions', ({ id }) => ({ items: find(id).versions })],
  [
    'GET',
    '/workflows/:id/versions/:number',
    ({ id, number }) => ({
      ...find(id).versions.find((each) => each.number === Number(number)),
      text: find(id).draft.text.replace('version: ', `version: '1.0.${number}' # `),
      format: 'yaml',
      payload_schema: null,
    }),
  ],
  [
    'GET',
    '/workflows/:id/versions/:number/compare',
    ({ id, number }) => ({
      older: Number(number) - 1,
      newer: Number(number),
      definition_changes: [],
      schema_changes: publishResult(find(id), {}, true).schema_changes,
    }),
  ],
  [
    'POST',
    '/workflows/:id/versions/:number/restore',
    ({ id }) => Object.assign(find(id).draft, { revision: find(id).draft.revision + 1 }),
  ],
];
