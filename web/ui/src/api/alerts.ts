import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from './client';

/** How many nobody has acknowledged. The stream's topic "alerts" has it read again. */
export const alertCountQuery = queryOptions({
  queryKey: ['alerts', 'count'] as const,
  queryFn: ({ signal }) => take(api.GET('/api/v1/alerts', { params: { query: { open: true, limit: 1 } }, signal })),
});

export const alertsQuery = (open: boolean) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'list', { open }] as const,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/alerts', {
          params: { query: { open: open || undefined, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
