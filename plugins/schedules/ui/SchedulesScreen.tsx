import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import {
  CalendarClock,
  CirclePause,
  Copy,
  CopyPlus,
  Pencil,
  Play,
  Plus,
  RotateCcw,
  SearchX,
  SquareArrowOutUpRight,
  Trash2,
} from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { schedulesQuery } from '@/api/queries';
import { chunk } from '@/app/chunks';
import { Later, laterPart } from '@/app/Later';
import { Page } from '@/app/Page';
import { getPreferences } from '@/app/preferences';
import { Grid } from '@/grid/Grid';
import { Button } from '@/ui/Button';
import type { MenuEntry } from '@/ui/Menu';
import { Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { isOver, type ScheduleRow, useScheduleActions } from './actions';
import { useScheduleColumns } from './columns';
import { activeFilters, type ScheduleSearch, toBulkFilter, toFilters } from './filters';
import { Toolbar } from './Toolbar';

const scheduleSheet = laterPart(() => import('./ScheduleSheet'));
const BulkBar = lazy(chunk(() => import('./BulkBar').then((module) => ({ default: module.BulkBar }))));
const SharedMenu = lazy(chunk(() => import('@/ui/Menu').then((module) => ({ default: module.SharedMenu }))));

export function SchedulesScreen() {
  const t = useTranslations('schedules.list');
  const a = useTranslations('schedules.actions');
  const search = useSearch({ from: '/hub/schedules' });
  const navigate = useNavigate({ from: '/schedules' });
  const actions = useScheduleActions();
  const list = useInfiniteQuery({ ...schedulesQuery(toFilters(search)), placeholderData: (old) => old });
  const rows = useMemo(() => (list.data?.pages.flatMap((page) => page.items) ?? []) as ScheduleRow[], [list.data]);
  const total = list.data?.pages[0]?.total ?? rows.length;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // Once shown it stays: the result of an action outlives the selection.
  const [bulkUsed, setBulkUsed] = useState(false);
  if (selected.size > 0 && !bulkUsed) setBulkUsed(true);
  const [menuRow, setMenuRow] = useState<ScheduleRow | null>(null);
  const anchor = useRef<HTMLElement | null>(null);

  const openMenu = (row: ScheduleRow, element: HTMLElement) => {
    anchor.current = element;
    setMenuRow(row);
  };
  const columns = useScheduleColumns(openMenu);
  const set = (change: Partial<ScheduleSearch>) => void navigate({ search: (old) => ({ ...old, ...change }) });
  const open = (row: ScheduleRow) => void navigate({ to: '/schedules/$id', params: { id: row.id } });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false });
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const onRowKey = (key: string, row: ScheduleRow, element: HTMLElement): boolean => {
    if (!getPreferences().shortcuts) return false;
    if (key === 'e' && actions.canManage) actions.edit(row);
    else if (key === 'r' && actions.canRun) actions.runNow(row);
    else if (key === 'p' && actions.canManage && !isOver(row))
      void (row.status === 'paused' ? actions.resume(row) : actions.pause(row));
    else if (key === '.') openMenu(row, element);
    else return false;
    return true;
  };

  const entries: MenuEntry[] | null = menuRow && [
    {
      id: 'open',
      label: a('open'),
      icon: <SquareArrowOutUpRight size={14} aria-hidden />,
      shortcut: '↵',
      onAction: () => open(menuRow),
    },
    {
      id: 'edit',
      label: a('edit'),
      icon: <Pencil size={14} aria-hidden />,
      shortcut: 'e',
      disabledReason: actions.denied,
      onAction: () => actions.edit(menuRow),
    },
    {
      id: 'run',
      label: a('runNow'),
      icon: <Play size={14} aria-hidden />,
      shortcut: 'r',
      disabledReason: actions.runDenied,
      onAction: () => actions.runNow(menuRow),
    },
    ...(isOver(menuRow)
      ? []
      : [
          menuRow.holds.some((hold) => hold.kind === 'user')
            ? {
                id: 'resume',
                label: a('resume'),
                icon: <RotateCcw size={14} aria-hidden />,
                shortcut: 'p',
                disabledReason: actions.denied,
                onAction: () => void actions.resume(menuRow),
              }
            : {
                id: 'pause',
                label: a('pause'),
                icon: <CirclePause size={14} aria-hidden />,
                shortcut: 'p',
                disabledReason: actions.denied,
                onAction: () => void actions.pause(menuRow),
              },
        ]),
    {
      id: 'clone',
      label: a('clone'),
      icon: <CopyPlus size={14} aria-hidden />,
      disabledReason: actions.denied,
      onAction: () => actions.clone(menuRow),
    },
    { id: 'copy', label: a('copyId'), icon: <Copy size={14} aria-hidden />, onAction: () => actions.copyId(menuRow) },
    { id: 'sep', separator: true },
    {
      id: 'delete',
      label: a('delete'),
      icon: <Trash2 size={14} aria-hidden />,
      danger: true,
      disabledReason: actions.denied,
      onAction: () => actions.remove(menuRow),
    },
  ];

  const filters = activeFilters(search);
  const dialogOpen = Boolean(search.new || search.edit || search.clone);
  const create = (
    <Button
      tone="primary"
      icon={<Plus size={15} aria-hidden />}
      disabledReason={actions.denied}
      onPress={() => set({ new: 1 })}
    >
      {t('create')}
    </Button>
  );

  return (
    <Page
      title={t('title')}
      meta={
        list.data && (
          <span className="text-fg3" data-num>
            {t('count', { count: total })}
          </span>
        )
      }
      actions={create}
    >
      <Toolbar search={search} />
      {list.isError && list.data && (
        <Notice tone="error" role="alert" className="mx-6 mt-3">
          {t('stale')}
        </Notice>
      )}
      {list.isPending ? (
        <Skeleton rows={10} />
      ) : !list.data ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        filters > 0 ? (
          <Empty
            icon={SearchX}
            title={t('noMatch', { count: filters })}
            action={
              <Button
                onPress={() =>
                  set({ workflow: undefined, kind: undefined, status: undefined, label: undefined, text: undefined })
                }
              >
                {t('clearFilters', { count: filters })}
              </Button>
            }
          />
        ) : (
          <Empty icon={CalendarClock} title={t('empty')} action={create}>
            {t('emptyHelp')}
          </Empty>
        )
      ) : (
        <Grid
          label={t('title')}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          total={total}
          hasMore={hasNextPage}
          loadMore={loadMore}
          rowHeight={52}
          selection={{ selected, onChange: setSelected, rowLabel: (row) => row.name }}
          onOpen={open}
          onRowKey={onRowKey}
          sort={search.sort ?? 'name'}
          onSort={(sort) => set({ sort: sort as ScheduleSearch['sort'] })}
          isGone={(row) => Boolean(row.deleted)}
        />
      )}
      <Suspense>
        {bulkUsed && (
          <BulkBar
            ids={rows.filter((row) => selected.has(row.id)).map((row) => row.id)}
            filter={toBulkFilter(search)}
            total={total}
            denied={actions.denied}
            runDenied={actions.runDenied}
            onClear={() => setSelected(new Set())}
          />
        )}
        {menuRow && (
          <SharedMenu
            anchor={anchor}
            entries={entries}
            label={t('menuOf', { name: menuRow.name })}
            onClose={() => setMenuRow(null)}
          />
        )}
      </Suspense>
      {actions.dialogs}
      {dialogOpen && (
        <Later
          part={scheduleSheet}
          key={search.edit ?? search.clone ?? 'new'}
          editId={search.edit}
          cloneId={search.clone}
          workflowId={search.workflow}
          onClose={() =>
            void navigate({ search: (old) => ({ ...old, new: undefined, edit: undefined, clone: undefined }) })
          }
        />
      )}
    </Page>
  );
}
