import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Schemas, take } from '@/api/client';
import { problemOf } from '@/api/problem';
import { changesOf, type Plan, type PublishInputs, type VerdictName } from './model';

const planOf = (id: string, body: Schemas['PublishRequest'], signal?: AbortSignal) =>
  take(api.POST('/api/v1/workflows/{id}/publish/plan', { params: { path: { id } }, body, signal }));

/** The plan for what is in the dialog, asked anew a moment after the last change; the old one stays in sight meanwhile. */
export function usePlan(workflowId: string, draftRevision: number | undefined, inputs: PublishInputs) {
  const changes = changesOf(inputs);
  const key = JSON.stringify(changes);
  const [settled, setSettled] = useState({ key, changes });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the changes.
  useEffect(() => {
    if (settled.key === key) return;
    const timer = setTimeout(() => setSettled({ key, changes }), 350);
    return () => clearTimeout(timer);
  }, [key, settled.key]);
  const body: Schemas['PublishRequest'] = {
    ...settled.changes,
    ...(draftRevision === undefined ? {} : { draft_revision: draftRevision }),
  };
  const query = useQuery({
    queryKey: ['workflows', 'plan', workflowId, draftRevision, settled.key],
    queryFn: ({ signal }) => planOf(workflowId, body, signal),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
    placeholderData: keepPreviousData,
  });
  // Of a refused plan the one before is still worth reading, as what it is: of other changes.
  const [last, setLast] = useState<Plan | undefined>(undefined);
  if (query.data && !query.isPlaceholderData && query.data !== last) setLast(query.data);
  return {
    plan: query.data ?? last,
    /** Exactly what the plan was asked with; goes into the publish. */
    body,
    current: settled.key === key && query.isSuccess && !query.isPlaceholderData && !query.isFetching,
    asking: query.isFetching || settled.key !== key,
    problem: query.error ? problemOf(query.error) : null,
    again: () => void query.refetch(),
    page: async (cursor: string, verdict: VerdictName | undefined, signal: AbortSignal) => {
      const answer = await planOf(
        workflowId,
        { ...body, ...(verdict ? { verdict } : {}), ...(cursor ? { cursor } : {}) },
        signal,
      );
      return { items: answer.schedules, next: answer.next_cursor };
    },
  };
}
