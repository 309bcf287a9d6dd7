import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CircleCheck, CircleSlash, Plus, SearchX, TriangleAlert, Workflow as WorkflowIcon } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, newKey, type Schemas, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient, workflowsQuery } from '@/api/queries';
import { Page } from '@/app/Page';
import { useCan } from '@/app/session';
import { problemText, showToast } from '@/app/toasts';
import { type Column, Grid } from '@/grid/Grid';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { SearchInput, useTypedFilter } from '@/ui/Filter';
import { Layer } from '@/ui/Layer';
import { MayNot } from '@/ui/MayNot';
import { Chip, Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';

type Row = Schemas['WorkflowSummary'] & { deleted?: boolean };
const link = 'inline-flex min-h-6 max-w-full items-center hover:underline';

function useColumns(): Column<Row>[] {
  const t = useTranslations('workflows');
  return [
    {
      id: 'name',
      header: t('name'),
      width: 'minmax(220px,2fr)',
      narrow: 'title',
      cell: (row) => (
        <div className="min-w-0">
          <Link to="/workflows/$id" params={{ id: row.id }} className={`${link} font-medium`}>
            <span className="truncate">{row.name}</span>
          </Link>
          <p className="truncate text-fg3 text-meta">{row.description}</p>
        </div>
      ),
    },
    {
      id: 'latest',
      header: t('latest'),
      width: 'minmax(190px,1fr)',
      narrow: 'meta',
      cell: (row) => (
        <div className="flex items-center gap-1.5 whitespace-nowrap" data-num>
          {row.latest_version === null ? (
            <span className="text-fg3">{t('notPublished')}</span>
          ) : (
            t('version', { number: row.latest_version })
          )}
          {row.draft_changed && row.latest_version !== null && <Chip tone="accent">{t('draftChanged')}</Chip>}
        </div>
      ),
    },
    {
      id: 'schedules',
      header: t('schedules'),
      width: 'minmax(190px,1fr)',
      narrow: 'meta',
      cell: (row) => (
        <div className="flex items-center gap-2 whitespace-nowrap">
          {row.schedules.total > 0 ? (
            <Link to="/schedules" search={{ workflow: row.id }} className={link}>
              {t('schedulesCount', { count: row.schedules.total })}
            </Link>
          ) : (
            <span className="text-fg3">{t('schedulesCount', { count: 0 })}</span>
          )}
          {row.schedules.invalid > 0 && (
            <Link
              to="/schedules"
              search={{ workflow: row.id, status: 'invalid' }}
              className={`${link} gap-1 text-invalid text-meta`}
            >
              <TriangleAlert size={13} aria-hidden />
              {t('invalidCount', { count: row.schedules.invalid })}
            </Link>
          )}
        </div>
      ),
    },
    {
      id: 'eligible',
      header: t('eligible'),
      width: 'minmax(200px,1.2fr)',
      narrow: 'hidden',
      cell: (row) =>
        row.schedulable ? (
          <span className="inline-flex items-center gap-1.5 text-success text-meta">
            <CircleCheck size={14} aria-hidden />
            {t('yes')}
          </span>
        ) : (
          <span
            className="flex min-w-0 items-center gap-1.5 text-fg2 text-meta"
            title={row.not_schedulable_message ?? undefined}
          >
            <CircleSlash size={14} aria-hidden className="shrink-0" />
            <span className="truncate">{row.not_schedulable_message ?? t('notEligible')}</span>
          </span>
        ),
    },
    {
      id: 'trigger',
      header: t('trigger'),
      width: '112px',
      narrow: 'hidden',
      cell: (row) => t(`triggers.${row.trigger}`),
    },
    {
      id: 'changed',
      header: t('changed'),
      width: 'minmax(140px,1fr)',
      narrow: 'hidden',
      cell: (row) => <Time value={row.updated_at} format="relative" />,
    },
  ];
}

export function Workflows() {
  const t = useTranslations('workflows');
  const common = useTranslations('common');
  const search = useSearch({ from: '/hub/workflows' });
  const navigate = useNavigate({ from: '/workflows' });
  const canManage = useCan('workflows.manage');
  const list = useInfiniteQuery({ ...workflowsQuery(search.text), placeholderData: (old) => old });
  const rows = useMemo(() => (list.data?.pages.flatMap((page) => page.items) ?? []) as Row[], [list.data]);
  const total = list.data?.pages[0]?.total ?? rows.length;
  const columns = useColumns();
  const [text, setText] = useTypedFilter(
    search.text,
    (value) => void navigate({ search: (old) => ({ ...old, text: value }), replace: true }),
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false });
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const closeNew = () => void navigate({ search: (old) => ({ ...old, new: undefined }) });
  const create = (
    <Button
      tone="primary"
      icon={<Plus size={15} aria-hidden />}
      disabledReason={canManage ? null : t('createDenied')}
      onPress={() => void navigate({ search: (old) => ({ ...old, new: 1 }) })}
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
      <div role="search" className="border-line border-b px-4 pb-3 md:px-6" data-search>
        <SearchInput
          label={t('search')}
          clearLabel={common('clear')}
          value={text}
          onChange={setText}
          className="w-full sm:w-64"
        />
      </div>
      {list.isPending ? (
        <Skeleton rows={8} />
      ) : !list.data ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        search.text ? (
          <Empty icon={SearchX} title={t('noMatch', { text: search.text })} />
        ) : (
          <Empty icon={WorkflowIcon} title={t('empty')} action={create}>
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
          onOpen={(row) => void navigate({ to: '/workflows/$id', params: { id: row.id } })}
          isGone={(row) => Boolean(row.deleted)}
        />
      )}
      {search.new &&
        (canManage ? (
          <CreateDialog onClose={closeNew} />
        ) : (
          <Layer isOpen onClose={closeNew} title={t('createTitle')}>
            <MayNot reason={t('createDenied')} permission="workflows.manage" />
          </Layer>
        ))}
    </Page>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('workflows');
  const common = useTranslations('common');
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [empty, setEmpty] = useState(false);
  const [pending, setPending] = useState(false);
  const save = async () => {
    if (!name.trim()) return setEmpty(true);
    setPending(true);
    try {
      const made = await take(
        api.POST('/api/v1/workflows', {
          params: { header: { 'Idempotency-Key': newKey() } },
          body: { name: name.trim(), description },
        }),
      );
      void queryClient.invalidateQueries({ queryKey: ['workflows', 'list'] });
      showToast({ tone: 'success', title: t('created', { name: made.name }) });
      await navigate({ to: '/workflows/$id', params: { id: made.id } });
    } catch (cause) {
      setProblem(problemOf(cause));
      setPending(false);
    }
  };
  const atName = problem?.field?.endsWith('name') ? problemText(problem) : null;
  // The layer also closes by itself when the page under it goes; that must not call back the page of the new workflow.
  const close = () => {
    if (!pending) onClose();
  };
  return (
    <Layer
      isOpen
      onClose={close}
      title={t('createTitle')}
      footer={
        <>
          <Button onPress={close}>{common('cancel')}</Button>
          <Button tone="primary" pending={pending} onPress={() => void save()}>
            {t('createConfirm')}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {problem && !atName && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        <TextInput
          label={t('nameField')}
          required
          autoFocus
          value={name}
          onChange={(value) => {
            setName(value);
            setEmpty(false);
          }}
          error={empty ? t('nameRequired') : atName}
        />
        <TextInput label={t('description')} value={description} onChange={setDescription} />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Layer>
  );
}
