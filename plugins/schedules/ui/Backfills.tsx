import { useQuery } from '@tanstack/react-query';
import { History, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { backfillsQuery, queryClient } from '@/api/queries';
import { onStreamEvent } from '@/api/stream';
import { Later, laterPart } from '@/app/Later';
import { toastError } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { Card, Chip, Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { zoneOf } from './TimingCell';

const backfillDialog = laterPart(() => import('./BackfillDialog'));
type Backfill = Schemas['Backfill'];

/** The schedule's backfills with their progress, live, and the way to a new one. */
export function Backfills({ schedule, denied }: { schedule: Schemas['Schedule']; denied: string | null }) {
  const t = useTranslations('schedules.backfill');
  const [creating, setCreating] = useState(false);
  const query = useQuery(backfillsQuery(schedule.id));
  useEffect(
    () =>
      onStreamEvent((event) => {
        if (event.topic === 'backfills' && event.patch.schedule_id === schedule.id)
          void queryClient.invalidateQueries({ queryKey: backfillsQuery(schedule.id).queryKey });
      }),
    [schedule.id],
  );
  const recurring = schedule.timing.kind === 'cron' || schedule.timing.kind === 'interval';
  return (
    <div className="flex max-w-4xl flex-col gap-3">
      <p className="flex flex-wrap items-center gap-3 text-fg2">
        <span className="min-w-0 flex-1">{t('about')}</span>
        <Button
          icon={<Plus size={14} aria-hidden />}
          disabledReason={denied ?? (recurring ? null : t('notRecurring'))}
          onPress={() => setCreating(true)}
        >
          {t('new')}
        </Button>
      </p>
      {query.isPending ? (
        <Skeleton rows={3} className="p-0" />
      ) : !query.data ? (
        <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={History} title={t('none')} />
      ) : (
        query.data.items.map((each) => (
          <BackfillCard key={each.id} backfill={each} zone={zoneOf(schedule.timing)} denied={denied} />
        ))
      )}
      {creating && <Later part={backfillDialog} schedule={schedule} onClose={() => setCreating(false)} />}
    </div>
  );
}

function BackfillCard({ backfill, zone, denied }: { backfill: Backfill; zone: string | null; denied: string | null }) {
  const t = useTranslations('schedules.backfill');
  const { progress, total, state } = backfill;
  const ended = total - progress.waiting - progress.started;
  const open = state === 'running' || state === 'paused';
  const change = async (action: 'pause' | 'resume' | 'cancel') => {
    const path = { params: { path: { id: backfill.id } } };
    try {
      if (action === 'pause') await take(api.POST('/api/v1/backfills/{id}/pause', path));
      else if (action === 'resume') await take(api.POST('/api/v1/backfills/{id}/resume', path));
      else await take(api.POST('/api/v1/backfills/{id}/cancel', path));
    } catch (cause) {
      toastError(t('changeFailed'), cause);
    }
    void queryClient.invalidateQueries({ queryKey: backfillsQuery(backfill.schedule_id).queryKey });
  };
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2 font-normal">
          <Time value={backfill.from} scheduleZone={zone} /> – <Time value={backfill.to} scheduleZone={zone} />
          <Chip tone={state === 'running' ? 'accent' : 'plain'}>{t(`state.${state}`)}</Chip>
        </span>
      }
      actions={
        open && (
          <span className="flex gap-2">
            <Button
              size="sm"
              disabledReason={denied}
              onPress={() => void change(state === 'running' ? 'pause' : 'resume')}
            >
              {t(state === 'running' ? 'pause' : 'resume')}
            </Button>
            <Button size="sm" tone="danger" disabledReason={denied} onPress={() => void change('cancel')}>
              {t('cancel')}
            </Button>
          </span>
        )
      }
    >
      <div data-backfill={backfill.id} data-state={state}>
        <progress className="h-2 w-full" max={total} value={ended} aria-label={t('progress')} />
        <p className="mt-1" data-num>
          {t('progressText', { ended, total, ...progress })}
        </p>
        {backfill.reason && open && (
          <Notice tone="warning" className="mt-2">
            {backfill.reason}
          </Notice>
        )}
        {backfill.reason && !open && <p className="text-fg2">{backfill.reason}</p>}
        <p className="mt-1 text-fg3 text-meta">
          {t('by', { name: backfill.created_by })} <Time value={backfill.created_at} format="relative" />
          {' · '}
          {t('atOnce', { count: backfill.concurrency })}
        </p>
      </div>
    </Card>
  );
}
