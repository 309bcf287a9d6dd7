import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '@/api/client';

/** Without a moment: the next due time. */
export const explainQuery = (id: string, at?: string) =>
  queryOptions({
    queryKey: ['schedules', 'explain', id, at ?? 'next'] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/schedules/{id}/explain', { params: { path: { id }, query: { at } }, signal })),
  });

export const scheduleVersionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['schedules', 'versions', id] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/schedules/{id}/versions', {
          params: { path: { id }, query: { before: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next_before ?? undefined,
  });

/** What a later revision changed against an earlier one. Kept states never change, so neither does the answer. */
export const compareQuery = (id: string, older: number, newer: number) =>
  queryOptions({
    queryKey: ['schedules', 'compare', id, older, newer] as const,
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/schedules/{id}/versions/{revision}/compare', {
          params: { path: { id, revision: newer }, query: { with: older } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
