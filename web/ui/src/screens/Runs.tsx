import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Play, SearchX, X } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { type RunFilters, runsQuery, scheduleQuery } from '@/api/queries';
import { Page } from '@/app/Page';
import { Grid } from '@/grid/Grid';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { FilterSelect } from '@/ui/Filter';
import { Chip, Empty, ErrorPanel, Skeleton } from '@/ui/States';
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
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false });
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

const hours = { hour: 1, day: 24, week: 168, month: 720 };
const PERIODS = ['hour', 'day', 'week', 'month'] as const;
/** To the whole minute, so that the same choice is the same address and the same cached list. */
const startOf = (period: (typeof PERIODS)[number]) =>
  new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours[period] * 3_600_000).toISOString();

export function Runs() {
  const t = useTranslations('runs');
  const states = useTranslations('status.run');
  const search = useSearch({ from: '/hub/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const set = (change: Partial<RunSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const workflows = useQuery({
    queryKey: ['workflows', 'options'],
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows', { params: { query: { limit: 500 } }, signal })),
  });
  const schedule = useQuery({ ...scheduleQuery(search.schedule ?? ''), enabled: Boolean(search.schedule) });
  const period = PERIODS.find(
    (id) => search.from && Math.abs(Date.parse(search.from) - Date.parse(startOf(id))) < hours[id] * 180_000,
  );
  const count = countRunFilters(search);
  const clear = () =>
    set({
      state: undefined,
      workflow: undefined,
      schedule: undefined,
      reason: undefined,
      from: undefined,
      to: undefined,
    });
  return (
    <Page title={t('title')}>
      <div
        role="search"
        aria-label={t('filters')}
        className="flex flex-wrap items-center gap-2 border-line border-b px-4 pb-3 md:px-6"
      >
        <FilterSelect
          label={t('state')}
          any={t('anyState')}
          className="w-[calc(50%-4px)] sm:w-36"
          value={search.state}
          onChange={(state) => set({ state })}
          options={RUN_STATES.map((id) => ({ id, label: states(id) }))}
        />
        <FilterSelect
          label={t('workflow')}
          any={t('anyWorkflow')}
          className="w-[calc(50%-4px)] sm:w-44"
          value={search.workflow}
          onChange={(workflow) => set({ workflow })}
          options={(workflows.data?.items ?? []).map((item) => ({ id: item.id, label: item.name }))}
        />
        <FilterSelect
          label={t('reason')}
          any={t('anyReason')}
          className="w-[calc(50%-4px)] sm:w-36"
          value={search.reason}
          onChange={(reason) => set({ reason })}
          options={RUN_REASONS.map((id) => ({ id, label: t(`reasons.${id}`) }))}
        />
        <FilterSelect
          label={t('period')}
          any={t('anyTime')}
          className="w-[calc(50%-4px)] sm:w-36"
          value={period}
          onChange={(id) => set({ from: id ? startOf(id) : undefined, to: undefined })}
          options={PERIODS.map((id) => ({ id, label: t(`periods.${id}`) }))}
        />
        {search.from && (
          <Chip tone="accent">
            {t('from')} <Time value={search.from} />
          </Chip>
        )}
        {search.to && (
          <Chip tone="accent">
            {t('to')} <Time value={search.to} />
          </Chip>
        )}
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
            <Empty
              icon={SearchX}
              title={t('noMatch')}
              action={<Button onPress={clear}>{t('clearFilters', { count })}</Button>}
            />
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
