import { Link } from '@tanstack/react-router';
import { useLocale, useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import type { Column } from '@/grid/Grid';
import { formatDuration } from '@/time/format';
import { Duration, Time } from '@/time/Time';
import { Status } from '@/ui/Status';

export type RunRow = Schemas['RunSummary'] & { deleted?: boolean };
export const shortId = (id: string) => id.slice(-8);
const link = 'inline-flex min-h-6 max-w-full items-center hover:underline';

export function Delay({ from, to }: { from?: string | null; to?: string | null }) {
  const t = useTranslations('runs');
  const locale = useLocale();
  if (!from || !to) return null;
  const ms = Date.parse(to) - Date.parse(from);
  if (ms < 1_000) return null;
  return (
    <span className={ms >= 60_000 ? 'text-late' : 'text-fg3'}>{t('delay', { text: formatDuration(ms, locale) })}</span>
  );
}

function TriggeredBy({ run }: { run: RunRow }) {
  const t = useTranslations('runs.reasons');
  const { provenance } = run;
  const reason = provenance.reason in labels ? t(provenance.reason) : provenance.reason;
  return (
    <div className="min-w-0">
      {provenance.schedule_id ? (
        <Link
          to="/schedules/$id"
          params={{ id: provenance.schedule_id }}
          className={link}
          title={provenance.schedule_name ?? undefined}
        >
          <span className="truncate">{provenance.schedule_name ?? shortId(provenance.schedule_id)}</span>
        </Link>
      ) : (
        <p className="truncate">{reason}</p>
      )}
      <p className="truncate text-fg3 text-meta">{provenance.schedule_id ? reason : (provenance.actor ?? '')}</p>
    </div>
  );
}
const labels = { scheduled: 1, manual: 1, retry: 1, backfill: 1, catchup: 1, event: 1, dependency: 1 };

export function useRunColumns(): Column<RunRow>[] {
  const t = useTranslations('runs');
  return [
    {
      id: 'id',
      header: t('id'),
      width: '100px',
      narrow: 'end',
      cell: (run) => (
        <Link
          to="/runs/$id"
          params={{ id: run.id }}
          className={`${link} font-medium font-mono text-code`}
          title={run.id}
        >
          {shortId(run.id)}
        </Link>
      ),
    },
    {
      id: 'workflow',
      header: t('workflow'),
      width: 'minmax(120px,1.2fr)',
      narrow: 'title',
      cell: (run) => (
        <div className="min-w-0">
          <Link to="/workflows/$id" params={{ id: run.workflow_id }} className={link} title={run.workflow_name}>
            <span className="truncate">{run.workflow_name}</span>
          </Link>
          <p className="text-fg3 text-meta" data-num>
            {t('version', { number: run.version })}
          </p>
        </div>
      ),
    },
    {
      id: 'by',
      header: t('reason'),
      width: 'minmax(120px,1.2fr)',
      narrow: 'hidden',
      cell: (run) => <TriggeredBy run={run} />,
    },
    {
      id: 'for',
      header: t('scheduledFor'),
      width: 'minmax(178px,0.6fr)',
      narrow: 'hidden',
      cell: (run) =>
        run.provenance.due_at ? (
          <Time value={run.provenance.due_at} precision="second" />
        ) : (
          <span className="text-fg3">–</span>
        ),
    },
    {
      id: 'started',
      header: t('started'),
      width: 'minmax(178px,0.6fr)',
      narrow: 'meta',
      cell: (run) =>
        run.started_at ? (
          <div>
            <Time value={run.started_at} precision="second" />
            <p className="text-meta">
              <Delay from={run.provenance.planned_at ?? run.provenance.due_at ?? run.created_at} to={run.started_at} />
            </p>
          </div>
        ) : (
          <span className="text-fg3">{t('notStarted')}</span>
        ),
    },
    {
      id: 'duration',
      header: t('duration'),
      width: '92px',
      align: 'end',
      narrow: 'meta',
      cell: (run) => <Duration ms={run.duration_ms} since={run.ended_at ? null : run.started_at} />,
    },
    {
      id: 'state',
      header: t('state'),
      width: '124px',
      narrow: 'meta',
      cell: (run) => <Status family="run" value={run.state} />,
    },
    {
      id: 'error',
      header: t('error'),
      width: 'minmax(120px,1.4fr)',
      narrow: 'hidden',
      cell: (run) =>
        run.error ? (
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            className="block truncate text-failed text-meta leading-6 hover:underline"
            title={`${run.error.title}: ${run.error.detail}`}
          >
            {run.error.detail || run.error.title}
          </Link>
        ) : (
          <span className="text-fg3">–</span>
        ),
    },
  ];
}
