import { Link } from '@tanstack/react-router';
import { EllipsisVertical } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Column } from '@/grid/Grid';
import { Time } from '@/time/Time';
import { codedOf } from '@/ui/coded';
import { useSaidText } from '@/ui/Said';
import { Chip } from '@/ui/States';
import { Status, StatusIcon } from '@/ui/Status';
import type { ScheduleRow } from './actions';
import { TimingCell, zoneOf } from './TimingCell';

const cellLink = 'inline-flex min-h-6 max-w-full items-center hover:underline';

export function NameCell({ row }: { row: ScheduleRow }) {
  return (
    <div className="min-w-0">
      <Link
        to="/schedules/$id"
        params={{ id: row.id }}
        className={`${cellLink} font-medium`}
        title={row.description || row.name}
      >
        <span className="truncate">{row.name}</span>
      </Link>
      {row.labels.length > 0 && (
        <div className="flex min-w-0 gap-1 overflow-hidden">
          {row.labels.slice(0, 3).map((label) => (
            <Chip key={label}>{label}</Chip>
          ))}
          {row.labels.length > 3 && <Chip>+{row.labels.length - 3}</Chip>}
        </div>
      )}
    </div>
  );
}

export function NextFireCell({ row }: { row: ScheduleRow }) {
  const t = useTranslations('schedules.list');
  if (!row.next_due_at)
    return <span className="text-fg3">{row.timing.kind === 'manual' ? t('onlyManual') : t('noNext')}</span>;
  // While something holds it, this time will pass without a run; it is shown, but not as a promise.
  const held = row.status !== 'active';
  return (
    <div className={held ? 'text-fg3' : ''}>
      <Time
        value={row.next_due_at}
        weekday
        scheduleZone={zoneOf(row.timing)}
        className={held ? 'block truncate line-through decoration-1' : 'block truncate'}
      />
      <p className="truncate text-fg3 text-meta">
        {held ? t('heldNext') : <Time value={row.next_due_at} format="relative" scheduleZone={zoneOf(row.timing)} />}
      </p>
    </div>
  );
}

export function LastFireCell({ row }: { row: ScheduleRow }) {
  const t = useTranslations('schedules.list');
  const status = useTranslations('status');
  const fire = row.last_fire;
  if (!fire) return <span className="text-fg3">{t('never')}</span>;
  const word = fire.run_state ? status(`run.${fire.run_state}`) : status(`verdict.${fire.verdict}`);
  const body = (
    <>
      {fire.run_state ? (
        <StatusIcon family="run" value={fire.run_state} label={word} />
      ) : (
        <StatusIcon family="verdict" value={fire.verdict} label={word} />
      )}
      <Time value={fire.due_at} scheduleZone={zoneOf(row.timing)} className="truncate" />
    </>
  );
  return (
    <div className="min-w-0">
      {fire.run_id ? (
        <Link to="/runs/$id" params={{ id: fire.run_id }} className={`${cellLink} gap-1.5`}>
          {body}
        </Link>
      ) : (
        <span className="flex items-center gap-1.5">{body}</span>
      )}
      <p className="truncate text-fg3 text-meta">
        {word}
        {(fire.lateness_ms ?? 0) >= 5_000 && (
          <span className="text-late"> · {t('late', { seconds: Math.round((fire.lateness_ms ?? 0) / 1000) })}</span>
        )}
      </p>
    </div>
  );
}

/** A status that keeps it from firing says why; what is wrong with a payload stands in the column of errors. */
function StatusCell({ row }: { row: ScheduleRow }) {
  const textOf = useSaidText(zoneOf(row.timing));
  const reason = row.status === 'active' || row.status === 'invalid' ? '' : textOf(codedOf(row, 'status_reason'));
  return (
    <div className="min-w-0">
      <Status family="schedule" value={row.status} />
      {reason && (
        <p className="truncate text-fg3 text-meta" title={reason}>
          {reason}
        </p>
      )}
    </div>
  );
}

function ErrorCell({ row }: { row: ScheduleRow }) {
  const textOf = useSaidText(zoneOf(row.timing));
  const text = row.last_error ?? (row.status === 'invalid' ? textOf(codedOf(row, 'status_reason')) : null);
  if (!text) return <span className="text-fg3">–</span>;
  const runId = row.last_fire?.run_id;
  const look = 'block truncate text-failed text-meta leading-6';
  return row.last_error && runId ? (
    <Link to="/runs/$id" params={{ id: runId }} className={`${look} hover:underline`} title={text}>
      {text}
    </Link>
  ) : (
    <Link to="/schedules/$id" params={{ id: row.id }} className={`${look} hover:underline`} title={text}>
      {text}
    </Link>
  );
}

export function useScheduleColumns(openMenu: (row: ScheduleRow, anchor: HTMLElement) => void): Column<ScheduleRow>[] {
  const t = useTranslations('schedules.list');
  return [
    {
      id: 'name',
      header: t('name'),
      width: 'minmax(160px,1.7fr)',
      sort: 'name',
      narrow: 'title',
      cell: (row) => <NameCell row={row} />,
    },
    {
      id: 'workflow',
      header: t('workflow'),
      width: 'minmax(104px,0.8fr)',
      narrow: 'hidden',
      cell: (row) => (
        <div className="min-w-0">
          <Link to="/workflows/$id" params={{ id: row.workflow_id }} className={cellLink} title={row.workflow_name}>
            <span className="truncate">{row.workflow_name}</span>
          </Link>
          <p className="text-fg3 text-meta" data-num>
            {t('version', { number: row.bound_version })}
          </p>
        </div>
      ),
    },
    {
      id: 'timing',
      header: t('timing'),
      width: 'minmax(160px,2.2fr)',
      narrow: 'hidden',
      cell: (row) => <TimingCell timing={row.timing} sentence={row.sentence} />,
    },
    {
      id: 'next',
      header: t('next'),
      width: 'minmax(212px,0.3fr)',
      sort: 'next_due_at',
      narrow: 'meta',
      cell: (row) => <NextFireCell row={row} />,
    },
    {
      id: 'last',
      header: t('last'),
      width: 'minmax(160px,0.2fr)',
      narrow: 'hidden',
      cell: (row) => <LastFireCell row={row} />,
    },
    {
      id: 'status',
      header: t('status'),
      width: 'minmax(118px,0.5fr)',
      narrow: 'rest',
      cell: (row) => <StatusCell row={row} />,
    },
    {
      id: 'error',
      header: t('error'),
      width: 'minmax(92px,0.8fr)',
      narrow: 'hidden',
      cell: (row) => <ErrorCell row={row} />,
    },
    {
      id: 'menu',
      header: t('menu'),
      hideHeader: true,
      width: '52px',
      narrow: 'end',
      cell: (row) => (
        <button
          type="button"
          aria-haspopup="menu"
          aria-label={t('menuOf', { name: row.name })}
          className="flex size-7 items-center justify-center rounded-control text-fg3 hover:bg-hover hover:text-fg"
          onClick={(event) => openMenu(row, event.currentTarget)}
        >
          <EllipsisVertical size={16} aria-hidden />
        </button>
      ),
    },
  ];
}
