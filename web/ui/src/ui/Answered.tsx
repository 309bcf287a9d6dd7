import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorPanel, Skeleton } from './States';

/** What a query has answered, or that it is still asked, or why it failed with a way to ask again. */
export function Answered<T>({
  query,
  rows = 3,
  className,
  children,
}: {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending' | 'refetch'>;
  /** Rows of the skeleton. */
  rows?: number;
  className?: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Skeleton rows={rows} className={className} />;
  return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
}
