import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';

/** How far the plan or publish under way has come. Appears only when it takes long enough to ask. */
export function Progress({ workflowId, publishing }: { workflowId: string; publishing: boolean }) {
  const t = useTranslations('publish');
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 400);
    return () => clearTimeout(timer);
  }, []);
  const query = useQuery({
    queryKey: ['workflows', 'progress', workflowId],
    enabled: shown,
    refetchInterval: 400,
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/workflows/{id}/publish/progress', { params: { path: { id: workflowId } }, signal })),
  });
  if (!shown) return null;
  // Another node may be the one at work; then there is nothing to count.
  const { phase = null, done = 0, total = 0 } = query.data ?? {};
  return (
    <div className="flex flex-col gap-1.5" data-progress={phase ?? 'waiting'}>
      <p className="text-fg2" data-num>
        {phase === null || total === 0
          ? t(publishing ? 'publishing' : 'planning')
          : t(`phase.${phase}`, { done: Math.min(done, total), total })}
      </p>
      <progress
        className="h-2 w-full accent-solid"
        aria-label={t(publishing ? 'publishing' : 'planning')}
        {...(phase !== null && total > 0 ? { value: Math.min(done, total), max: total } : {})}
      />
    </div>
  );
}
