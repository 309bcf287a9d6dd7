import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '@/api/client';

/** Without a moment: the next due time. */
export const explainQuery = (id: string, at?: string) =>
  queryOptions({
    queryKey: ['schedules', 'explain', id, at ?? 'next'] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/schedules/{id}/explain', { params: { path: { id }, query: { at } }, signal })),
  });

/**
 * Explains a moment, or the next due time for "next". A schedule that is held has no next time planned, so the hub answers
 * for now; the question is then about the next time its timing names.
 */
export function useExplanation(id: string, at: string) {
  const first = useQuery({
    ...explainQuery(id, at === 'next' ? undefined : at),
    placeholderData: at === 'next' ? undefined : keepPreviousData,
  });
  const named = at === 'next' && first.data?.outcome === 'not_due' ? first.data.next_due_at : null;
  const second = useQuery({ ...explainQuery(id, named ?? undefined), enabled: Boolean(named) });
  return named && !second.isError ? second : first;
}

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
