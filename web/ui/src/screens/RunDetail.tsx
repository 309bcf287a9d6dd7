import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Ban, CircleX, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, newKey, type Schemas, take } from '@/api/client';
import { queryClient, runQuery } from '@/api/queries';
import { Page } from '@/app/Page';
import { useCan } from '@/app/session';
import { showToast, toastError } from '@/app/toasts';
import { useRunWatch } from '@/app/watch-run';
import { Duration, Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { JsonView } from '@/ui/JsonView';
import { Layer } from '@/ui/Layer';
import { Card, ErrorPanel, Facts, Notice, Skeleton } from '@/ui/States';
import { Status } from '@/ui/Status';
import { TabBar } from '@/ui/TabBar';
import { Delay, shortId } from './run-columns';
import { Steps } from './Steps';

const FINAL = new Set(['succeeded', 'failed', 'timed_out', 'cancelled']);
type Run = Schemas['Run'];
const textLink = 'inline-block min-h-6 text-accent hover:underline';

export function RunDetail() {
  const t = useTranslations('runs');
  const { id } = useParams({ from: '/hub/runs/$id' });
  const query = useQuery({
    ...runQuery(id),
    // The stream tells of a run's ends; its steps in between are read every second while they happen.
    refetchInterval: (state) => (state.state.data && !FINAL.has(state.state.data.state) ? 1_000 : false),
  });
  const crumbs = [{ to: '/runs', label: t('title') } as const];
  const title = t('one', { id: shortId(id) });
  if (query.isPending) {
    return (
      <Page title={title} crumbs={crumbs}>
        <Skeleton />
      </Page>
    );
  }
  if (!query.data) {
    return (
      <Page title={title} crumbs={crumbs}>
        <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  return <Loaded run={query.data} title={title} />;
}

function Loaded({ run, title }: { run: Run; title: string }) {
  const t = useTranslations('runs');
  const navigate = useNavigate({ from: '/runs/$id' });
  const { tab = 'steps' } = useSearch({ from: '/hub/runs/$id' });
  return (
    <Page
      title={title}
      crumbs={[{ to: '/runs', label: t('title') }]}
      meta={<Status family="run" value={run.state} />}
      actions={<RunActions run={run} />}
    >
      <div className="flex flex-col gap-3 px-4 pb-4 md:px-6">
        {run.error && (
          <Notice tone="error" icon={CircleX} title={run.error.title}>
            <p className="break-words">{run.error.detail}</p>
            <p className="mt-0.5 font-mono text-code">
              {t('failedAt', { step: run.error.step })} · {run.error.type}
              {run.error.status ? ` · ${run.error.status}` : ''}
            </p>
          </Notice>
        )}
        <div className="grid items-start gap-3 xl:grid-cols-[3fr_2fr]">
          <Card>
            <Facts
              items={[
                {
                  label: t('workflow'),
                  value: (
                    <Link to="/workflows/$id" params={{ id: run.workflow_id }} className={textLink}>
                      {run.workflow_name} {t('version', { number: run.version })}
                    </Link>
                  ),
                },
                {
                  label: t('started'),
                  value: run.started_at ? (
                    <>
                      <Time value={run.started_at} precision="second" />{' '}
                      <Delay
                        from={run.provenance.planned_at ?? run.provenance.due_at ?? run.created_at}
                        to={run.started_at}
                      />
                    </>
                  ) : (
                    t('notStarted')
                  ),
                },
                {
                  label: t('duration'),
                  value: <Duration ms={run.duration_ms} since={run.ended_at ? null : run.started_at} />,
                },
                run.ended_at ? { label: t('ended2'), value: <Time value={run.ended_at} precision="second" /> } : null,
                { label: t('created'), value: <Time value={run.created_at} precision="second" /> },
                { label: t('priority'), value: run.priority },
                run.takeovers > 0 && { label: t('takeovers'), value: t('takeoversHint', { count: run.takeovers }) },
              ]}
            />
          </Card>
          <ProvenanceCard provenance={run.provenance} />
        </div>
      </div>
      <TabBar
        label={title}
        value={tab}
        onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next }), replace: true })}
        items={[
          { id: 'steps', label: t('tabs.steps'), content: <Steps run={run} /> },
          { id: 'input', label: t('tabs.input'), content: <JsonView label={t('tabs.input')} value={run.input} /> },
          {
            id: 'output',
            label: t('tabs.output'),
            content:
              run.output === undefined ? (
                <p className="text-fg2">{t('noOutput')}</p>
              ) : (
                <JsonView label={t('tabs.output')} value={run.output} />
              ),
          },
          {
            id: 'json',
            label: t('tabs.json'),
            content: <JsonView label={t('tabs.json')} value={run} heightClass="h-120" />,
          },
        ]}
      />
    </Page>
  );
}

function ProvenanceCard({ provenance }: { provenance: Schemas['Provenance'] }) {
  const t = useTranslations('runs');
  return (
    <Card>
      <section aria-label={t('provenance')} data-provenance>
        <Facts
          items={[
            { label: t('provenance'), value: t(`reasons.${provenance.reason}`) },
            provenance.schedule_id
              ? {
                  label: t('schedule'),
                  value: (
                    <Link to="/schedules/$id" params={{ id: provenance.schedule_id }} className={textLink}>
                      {provenance.schedule_name ?? shortId(provenance.schedule_id)}
                      {provenance.schedule_revision && (
                        <span className="ml-1.5 text-fg3 text-meta">
                          {t('scheduleRevision', { number: provenance.schedule_revision })}
                        </span>
                      )}
                    </Link>
                  ),
                }
              : null,
            provenance.actor ? { label: t('by'), value: provenance.actor } : null,
            provenance.due_at
              ? { label: t('scheduledFor'), value: <Time value={provenance.due_at} precision="second" /> }
              : null,
            provenance.fired_at
              ? { label: t('firedAt'), value: <Time value={provenance.fired_at} precision="millisecond" /> }
              : null,
            provenance.retry_of
              ? {
                  label: t('retryOf'),
                  value: (
                    <Link
                      to="/runs/$id"
                      params={{ id: provenance.retry_of }}
                      className={`${textLink} font-mono text-code`}
                    >
                      {shortId(provenance.retry_of)}
                    </Link>
                  ),
                }
              : null,
          ]}
        />
      </section>
    </Card>
  );
}

function RunActions({ run }: { run: Run }) {
  const t = useTranslations('runs');
  const s = useTranslations('schedules.actions');
  const navigate = useNavigate();
  const watch = useRunWatch();
  const canStart = useCan('runs.start');
  const canManage = useCan('runs.manage');
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  const ended = FINAL.has(run.state);
  const path = { id: run.id };
  const cancel = async () => {
    setAsking(false);
    setPending(true);
    try {
      queryClient.setQueryData(
        runQuery(run.id).queryKey,
        await take(api.POST('/api/v1/runs/{id}/cancel', { params: { path } })),
      );
      showToast({ tone: 'success', title: t('cancelled') });
    } catch (cause) {
      toastError(t('cancelFailed'), cause);
    }
    setPending(false);
  };
  const retry = async () => {
    setPending(true);
    try {
      const started = await take(
        api.POST('/api/v1/runs/{id}/retry', { params: { path, header: { 'Idempotency-Key': newKey() } } }),
      );
      showToast({ tone: 'success', title: t('retried') });
      watch(started.run_id, run.workflow_name);
      await navigate({ to: '/runs/$id', params: { id: started.run_id } });
    } catch (cause) {
      toastError(t('retryFailed'), cause);
    }
    setPending(false);
  };
  return (
    <>
      {ended ? (
        <Button
          icon={<RotateCcw size={14} aria-hidden />}
          pending={pending}
          disabledReason={canStart ? null : s('needsPermission')}
          onPress={() => void retry()}
        >
          {t('retry')}
        </Button>
      ) : (
        <Button
          tone="danger"
          icon={<Ban size={14} aria-hidden />}
          pending={pending}
          disabledReason={canManage ? null : s('needsPermission')}
          onPress={() => setAsking(true)}
        >
          {t('cancel')}
        </Button>
      )}
      <Layer
        isOpen={asking}
        onClose={() => setAsking(false)}
        role="alertdialog"
        title={t('cancelTitle')}
        footer={
          <>
            <Button onPress={() => setAsking(false)}>{t('keep')}</Button>
            <Button tone="danger" onPress={() => void cancel()}>
              {t('cancel')}
            </Button>
          </>
        }
      >
        <p className="p-5 text-fg2">{t('cancelConsequence')}</p>
      </Layer>
    </>
  );
}
