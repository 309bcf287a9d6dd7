import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { alertsQuery } from '@/api/alerts';
import { api, type Schemas, take } from '@/api/client';
import { queryClient } from '@/api/queries';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import type { Coded } from '@/ui/coded';
import { Segmented } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Said } from '@/ui/Said';
import { Empty, ErrorPanel, Skeleton } from '@/ui/States';
import { useCan } from './session';
import { toastError } from './toasts';

type Alert = Schemas['Alert'];

export default function AlertSheet({ onClose }: { onClose: () => void }) {
  const t = useTranslations('alerts');
  const common = useTranslations('common');
  const canManage = useCan('alerts.manage');
  const denied = canManage ? null : t('needsPermission');
  const [which, setWhich] = useState<'open' | 'all'>('open');
  const [busy, setBusy] = useState(false);
  const query = useInfiniteQuery(alertsQuery(which === 'open'));
  const alerts = query.data?.pages.flatMap((page) => page.items) ?? [];
  const open = query.data?.pages[0]?.open ?? 0;
  const acknowledge = async (alert?: Alert) => {
    setBusy(true);
    try {
      if (alert) await take(api.POST('/api/v1/alerts/{id}/acknowledge', { params: { path: { id: alert.id } } }));
      else await take(api.POST('/api/v1/alerts/acknowledge'));
      await queryClient.invalidateQueries({ queryKey: ['alerts'] });
    } catch (cause) {
      toastError(t('failed'), cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      kind="sheet"
      title={t('title')}
      footer={
        open > 0 && (
          <Button pending={busy} disabledReason={denied} onPress={() => void acknowledge()}>
            {t('acknowledgeAll', { count: open })}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-3 p-5">
        <Segmented
          label={t('which')}
          value={which}
          onChange={setWhich}
          options={[
            { id: 'open', label: t('open') },
            { id: 'all', label: t('all') },
          ]}
        />
        {query.isPending ? (
          <Skeleton rows={4} className="p-0" />
        ) : !query.data ? (
          <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
        ) : alerts.length === 0 ? (
          <Empty icon={BellOff} title={which === 'open' ? t('noneOpen') : t('none')}>
            {t('help')}
          </Empty>
        ) : (
          <ul className="flex flex-col gap-2" data-alerts>
            {alerts.map((alert) => (
              <AlertItem
                key={alert.id}
                alert={alert}
                denied={denied}
                onAcknowledge={() => void acknowledge(alert)}
                onFollow={onClose}
              />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <Button
            className="self-center"
            pending={query.isFetchingNextPage}
            onPress={() => void query.fetchNextPage({ cancelRefetch: false })}
          >
            {common('more')}
          </Button>
        )}
      </div>
    </Layer>
  );
}

function AlertItem({
  alert,
  denied,
  onAcknowledge,
  onFollow,
}: {
  alert: Alert;
  denied: string | null;
  onAcknowledge: () => void;
  onFollow: () => void;
}) {
  const t = useTranslations('alerts');
  const key = `code.${alert.code}` as 'code.FIRES_MISSED';
  const dueAt = (alert.detail as { last_due_at?: unknown }).last_due_at;
  return (
    <li className="rounded-card border border-line px-3 py-2.5" aria-labelledby={`alert-${alert.id}`}>
      <div className="flex items-start gap-2">
        <TriangleAlert
          size={15}
          aria-hidden
          className={`mt-0.5 shrink-0 ${alert.acknowledged_at ? 'text-fg3' : 'text-failed'}`}
        />
        <div className="min-w-0 flex-1">
          <p id={`alert-${alert.id}`} className="font-medium">
            {t.has(key) ? t(key) : alert.code}
          </p>
          <p className="break-words text-fg2">
            <Said said={{ text: alert.message, code: alert.code, params: alert.detail as Coded['params'] }} />
          </p>
          <p className="text-fg3 text-meta">
            <Time value={alert.at} format="both" />
          </p>
          {alert.acknowledged_at && (
            <p className="text-fg3 text-meta">
              {t('acknowledgedBy', { actor: alert.acknowledged_by })} <Time value={alert.acknowledged_at} />
            </p>
          )}
          <div className="mt-1.5 flex flex-wrap items-center gap-3">
            {alert.object_type === 'schedule' && (
              <Link
                to="/schedules/$id"
                params={{ id: alert.object_id }}
                search={typeof dueAt === 'string' ? { at: dueAt } : {}}
                className="inline-flex min-h-6 items-center text-accent hover:underline"
                onClick={onFollow}
              >
                {t('toSchedule')}
              </Link>
            )}
            {!alert.acknowledged_at && (
              <Button size="sm" disabledReason={denied} onPress={onAcknowledge}>
                {t('acknowledge')}
              </Button>
            )}
          </div>
        </div>
      </div>
    </li>
  );
}
