import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Verdict, VerdictName } from './model';

export type LinePage = { items: Verdict[]; next: string | null };
export type Lines = {
  items: Verdict[];
  /** More than `items` are on the server. */
  hasMore: boolean;
  loadMore: () => void;
  loading: boolean;
};

/**
 * The schedules of a plan or of a publish. An answer that lists all is filtered here; a longer one is asked for by verdict
 * and page by page.
 */
export function useLines(
  key: readonly unknown[],
  first: LinePage,
  verdict: VerdictName | 'all',
  fetchPage: (cursor: string, verdict: VerdictName | undefined, signal: AbortSignal) => Promise<LinePage>,
): Lines {
  const complete = first.next === null;
  const wanted = verdict === 'all' ? undefined : verdict;
  const query = useInfiniteQuery({
    queryKey: [...key, 'lines', verdict],
    enabled: !complete,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, wanted, signal),
    initialPageParam: '',
    getNextPageParam: (last: LinePage) => last.next ?? undefined,
    ...(verdict === 'all' ? { initialData: { pages: [first], pageParams: [''] } } : {}),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  if (complete)
    return {
      items: first.items.filter((each) => !wanted || each.verdict === wanted),
      hasMore: false,
      loadMore: () => undefined,
      loading: false,
    };
  return {
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    hasMore: query.hasNextPage,
    loadMore: () => {
      if (!query.isFetchingNextPage) void query.fetchNextPage({ cancelRefetch: false });
    },
    loading: query.isFetching,
  };
}
