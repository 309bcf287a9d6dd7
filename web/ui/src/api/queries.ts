import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import { api, type Schemas, take } from './client';
import { ProblemError } from './problem';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < 2 && !(error instanceof ProblemError && error.status >= 400 && error.status < 500),
      retryDelay: (attempt) => 400 * 2 ** attempt,
    },
  },
});

export type ScheduleFilters = {
  workflow_id?: string;
  kind?: Schemas['Timing']['kind'];
  status?: Schemas['ScheduleStatus'];
  label?: string;
  text?: string;
  sort?: 'name' | '-name' | 'next_due_at' | '-next_due_at' | 'updated_at' | '-updated_at';
};
export type RunState = Schemas['RunSummary']['state'];
export type RunFilters = {
  state?: RunState;
  workflow_id?: string;
  schedule_id?: string;
  reason?: string;
  from?: string;
  to?: string;
};
export const PAGE = 100;

type Page<T> = { items: T[]; next_cursor: string | null; total?: number };
const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: { next_cursor: string | null }) => last.next_cursor ?? undefined,
};

export const schedulesQuery = (filters: ScheduleFilters) =>
  infiniteQueryOptions({
    queryKey: ['schedules', 'list', filters] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/schedules', { params: { query: { ...filters, cursor: pageParam, limit: PAGE } }, signal }),
      ) as Promise<Page<Schemas['ScheduleSummary']>>,
    ...paged,
  });

export const runsQuery = (filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', filters] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/runs', { params: { query: { ...filters, cursor: pageParam, limit: PAGE } }, signal }),
      ) as Promise<Page<Schemas['RunSummary']>>,
    ...paged,
  });

export const workflowsQuery = (text?: string) =>
  infiniteQueryOptions({
    queryKey: ['workflows', 'list', { text: text || undefined }] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/workflows', {
          params: { query: { text: text || undefined, cursor: pageParam, limit: 200 } },
          signal,
        }),
      ) as Promise<Page<Schemas['WorkflowSummary']>>,
    ...paged,
  });

export const firesQuery = (id: string, verdict?: Schemas['Verdict']) =>
  infiniteQueryOptions({
    queryKey: ['schedules', 'fires', id, { verdict }] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/schedules/{id}/fires', {
          params: { path: { id }, query: { verdict, cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ) as Promise<Page<Schemas['Fire']>>,
    ...paged,
  });

export const scheduleQuery = (id: string) =>
  queryOptions({
    queryKey: ['schedules', 'one', id] as const,
    queryFn: ({ signal }) => take(api.GET('/api/v1/schedules/{id}', { params: { path: { id } }, signal })),
  });

export const upcomingQuery = (id: string, count: number) =>
  queryOptions({
    queryKey: ['schedules', 'upcoming', id, count] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/schedules/{id}/upcoming', { params: { path: { id }, query: { count } }, signal })),
  });

export const backfillsQuery = (id: string) =>
  queryOptions({
    queryKey: ['backfills', 'of', id] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/schedules/{id}/backfills', { params: { path: { id }, query: { limit: PAGE } }, signal })),
    refetchInterval: (query) =>
      query.state.data?.items.some((each) => each.progress.started > 0 || each.state === 'running') ? 5_000 : false,
  });

export const maintenanceQuery = queryOptions({
  queryKey: ['maintenance'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/maintenance', { signal })),
  // That of the whole hub is not in the tenant's stream of changes.
  refetchInterval: 15_000,
});

export const secretsQuery = queryOptions({
  queryKey: ['secrets'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/secrets', { signal })),
});

export const redactionQuery = queryOptions({
  queryKey: ['redaction'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/redaction', { signal })),
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'one', id] as const,
    queryFn: ({ signal }) => take(api.GET('/api/v1/runs/{id}', { params: { path: { id } }, signal })),
  });

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflows', 'one', id] as const,
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows/{id}', { params: { path: { id } }, signal })),
  });

export const draftQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflows', 'draft', id] as const,
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows/{id}/draft', { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflows', 'versions', id] as const,
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows/{id}/versions', { params: { path: { id } }, signal })),
  });

export const versionQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ['workflows', 'version', id, number] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/workflows/{id}/versions/{number}', { params: { path: { id, number } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What one published version changed against another. Neither ever changes, so neither does the answer. */
export const compareVersionsQuery = (id: string, older: number, newer: number) =>
  queryOptions({
    queryKey: ['workflows', 'compare', id, older, newer] as const,
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/workflows/{id}/versions/{number}/compare', {
          params: { path: { id, number: newer }, query: { with: older } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const nodesQuery = queryOptions({
  queryKey: ['nodes'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/nodes', { signal })),
  refetchInterval: 5_000,
});

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/api-keys', { signal })),
});

export const zonesQuery = queryOptions({
  queryKey: ['time-zones'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/time-zones', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const sessionQuery = queryOptions({
  queryKey: ['session'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/session', { signal })),
  staleTime: 300_000,
});
