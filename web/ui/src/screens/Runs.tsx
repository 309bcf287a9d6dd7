import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Play, SearchX, X } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { type RunFilters, runsQuery, scheduleQuery } from '@/api/queries';
import { Page } from '@/app/Page';
import { Grid } from '@/grid/Grid';
import { browserZone, instantToLocal, localToInstant } from '@/time/format';
import { Button } from '@/ui/Button';
import { ComboInput, SelectInput, TextInput } from '@/ui/Field';
import { Chip, Empty, ErrorPanel, Skeleton } from '@/ui/States';
import { StatusIcon } from '@/ui/Status';
import { type RunRow, useRunColumns } from './run-columns';
import { countRunFilters, RUN_REASONS, RUN_STATES, type RunSearch, toRunFilters } from './run-filters';

/** The table alone, for this page and for the runs of one schedule. */
export function RunsTable({ filters, hide = [], empty }: { filters: RunFilters; hide?: string[]; empty: ReactNode }) {
  const t = useTranslations('runs');
  const navigate = useNavigate();
  const list = useInfiniteQuery({ ...runsQuery(filters), placeholderData: (old) => old });
  const rows = useMemo(() => (list.data?.pages.flatMap((page) => page.items) ?? []) as RunRow[], [list.data]);
  const columns = useRunColumns().filter((column) => !hide.includes(column.id));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.isPending) return <Skeleton rows={10} />;
  if (!list.data) return <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />;
  if (rows.length === 0) return <>{empty}</>;
  return (
    <Grid
      label={t('title')}
      columns={columns}
      rows={rows}
      rowId={(run) => run.id}
      total={hasNextPage ? -1 : rows.length}
      hasMore={hasNextPage}
      loadMore={loadMore}
      rowHeight={52}
      onOpen={(run) => void navigate({ to: '/runs/$id', params: { id: run.id } })}
      isGone={(run) => Boolean(run.deleted)}
    />
  );
}

export function Runs() {
  const t = useTranslations('runs');
  const states = useTranslations('status.run');
  const common = useTranslations('common');
  const search = useSearch({ from: '/hub/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const set = (change: Partial<RunSearch>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const workflows = useQuery({ queryKey: ['workflows', 'options'], queryFn: ({ signal }) => take(api.GET('/api/v1/workflows', { params: { query: { limit: 500 } }, signal })) });
  const schedule = useQuery({ ...scheduleQuery(search.schedule ?? ''), enabled: Boolean(search.schedule) });
  const zone = browserZone();
  const count = countRunFilters(search);
  const clear = () => set({ state: undefined, workflow: undefined, schedule: undefined, reason: undefined, from: undefined, to: undefined });
  const local = (value?: string) => (value ? instantToLocal(new Date(value), zone) : '');
  const all = 'all' as const;
  return (
    <Page title={t('title')}>
      <div role="search" aria-label={t('filters')} className="flex flex-wrap items-center gap-2 border-line border-b px-4 pb-3 md:px-6">
        <SelectInput hideLabel label={t('state')} className="w-[calc(50%-4px)] sm:w-36" value={search.state ?? all} onChange={(value) => set({ state: value === all ? undefined : value })} options={[{ id: all, label: t('anyState') }, ...RUN_STATES.map((id) => ({ id, label: states(id), icon: <StatusIcon family="run" value={id} /> }))]} />
        <ComboInput hideLabel label={t('workflow')} placeholder={t('anyWorkflow')} openLabel={common('showOptions')} emptyText={common('noOptions')} className="w-[calc(50%-4px)] sm:w-44" value={search.workflow ?? null} onChange={(value) => set({ workflow: value ?? undefined })} options={(workflows.data?.items ?? []).map((item) => ({ id: item.id, label: item.name }))} />
        <SelectInput hideLabel label={t('reason')} className="w-[calc(50%-4px)] sm:w-36" value={search.reason ?? all} onChange={(value) => set({ reason: value === all ? undefined : value })} options={[{ id: all, label: t('anyReason') }, ...RUN_REASONS.map((id) => ({ id, label: t(`reasons.${id}`) }))]} />
        <TextInput hideLabel label={t('from')} type="datetime-local" className="w-[calc(50%-4px)] sm:w-48" value={local(search.from)} onChange={(value) => set({ from: value ? localToInstant(value, zone)?.toISOString() : undefined })} />
        <TextInput hideLabel label={t('to')} type="datetime-local" className="w-[calc(50%-4px)] sm:w-48" value={local(search.to)} onChange={(value) => set({ to: value ? localToInstant(value, zone)?.toISOString() : undefined })} />
        {search.schedule && <Chip tone="accent">{t('ofSchedule', { name: schedule.data?.name ?? '…' })}</Chip>}
        {count > 0 && (
          <Button tone="ghost" icon={<X size={14} aria-hidden />} onPress={clear}>
            {t('clearFilters', { count })}
          </Button>
        )}
      </div>
      <RunsTable
        filters={toRunFilters(search)}
        empty={
          count > 0 ? (
            <Empty icon={SearchX} title={t('noMatch')} action={<Button onPress={clear}>{t('clearFilters', { count })}</Button>} />
          ) : (
            <Empty icon={Play} title={t('empty')}>
              {t('emptyHelp')}
            </Empty>
          )
        }
      />
    </Page>
  );
}
