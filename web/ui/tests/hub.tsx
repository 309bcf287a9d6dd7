import schedules from '@schedules/messages/en.json';
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { vi } from 'vitest';
import { queryClient } from '@/api/queries';
import { router as ours } from '@/app/router';
import en from '@/i18n/en.json';

/** What a hub answers: by method and path, or the status of a refusal. */
export type Answers = Record<string, unknown>;

const session = (permissions: string[]) => ({
  actor: { id: 'me', name: 'Ann', email: 'ann@example.test' },
  permissions,
  roles: [],
  tenant: { id: 'tenant', name: 'Acme', slug: 'acme', default_zone: 'UTC' },
});

export const schedule = {
  id: 'nightly',
  name: 'Nightly',
  description: '',
  labels: [],
  workflow_id: 'flow',
  workflow_name: 'Flow',
  bound_version: 1,
  timing: { kind: 'cron', cron: '0 2 * * *', zone: 'UTC' },
  sentence: 'Every day at 02:00, UTC',
  status: 'active',
  holds: [],
  revision: 1,
  payload: {},
  stats: { total: 0, succeeded: 0, failed: 0, cancelled: 0, unfinished: 0, average_duration_ms: null },
  last_fire: null,
  next_due_at: '2027-03-02T02:00:00Z',
  start_at: null,
  end_at: null,
  max_runs: null,
  missed_policy: 'skip',
  overlap_policy: 'skip',
  overlap: { scope: 'schedule', limit: 0, deadline_seconds: 60 },
  catch_up: { count: 1, window_seconds: 86_400 },
  retry: { max: 0, delay_seconds: 10 },
  jitter_seconds: 0,
  priority: 'normal',
  hold_after_failures: null,
  timeout_seconds: null,
  created_at: '2026-03-02T02:00:00Z',
  updated_at: '2026-03-02T02:00:00Z',
};
export const explanation = {
  at: '2027-03-02T02:00:00Z',
  now: '2027-03-01T02:00:00Z',
  outcome: 'will_start',
  summary: 'It will start.',
  due_at: '2027-03-02T02:00:00Z',
  planned_at: '2027-03-02T02:00:00Z',
  previous_due_at: null,
  next_due_at: null,
  checks: [],
  fire: null,
  backfill: null,
  replayed_verdict: null,
  version: null,
  settings: schedule,
  zone_data: '2026a',
  limits: { grace_seconds: 60, one_time_window_seconds: 86_400, catch_up_cap: 1000, buffer_cap: 100 },
};
const answers: Answers = {
  'GET /maintenance': { items: [] },
  'GET /alerts/count': { open: 0 },
  'GET /workflows': { items: [], next_cursor: null, total: 0 },
  'GET /schedules': { items: [schedule], next_cursor: null, total: 1 },
  'GET /schedules/nightly': schedule,
  'GET /schedules/nightly/explain': explanation,
  'GET /schedules/nightly/upcoming': { occurrences: [], warnings: [], next_clock_change: null, zone: 'UTC' },
  'POST /schedules/preview': { occurrences: [], warnings: [], next_clock_change: null, zone: 'UTC' },
};

/** The whole page at an address, against a hub that answers as told. The answers may be changed while it is shown. */
export function openHub(address: string, permissions: string[], changed: Answers = {}) {
  const told: Answers = { ...answers, ...changed };
  queryClient.clear();
  vi.stubGlobal(
    'WebSocket',
    class {
      close() {}
    },
  );
  vi.stubGlobal('fetch', async (input: Request | string) => {
    const request = new Request(input);
    const { pathname } = new URL(request.url);
    const path = pathname.replace('/api/v1', '');
    const found = path === '/session' ? session(permissions) : told[`${request.method} ${path}`];
    const status = typeof found === 'number' ? found : found === undefined ? 404 : 200;
    const body = status === 200 ? found : { code: 'REFUSED', title: 'Refused', detail: `${path}: ${status}` };
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
  });
  const router = createRouter({
    routeTree: ours.routeTree,
    history: createMemoryHistory({ initialEntries: [address] }),
    defaultErrorComponent: ours.options.defaultErrorComponent,
  });
  render(
    <IntlProvider locale="en" messages={{ ...en, schedules } as never} timeZone="UTC">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router as unknown as typeof ours} />
      </QueryClientProvider>
    </IntlProvider>,
  );
  return { router, told };
}
