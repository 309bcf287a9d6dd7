import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronLeft, ChevronRight, PenLine, TriangleAlert } from 'lucide-react';
import { Fragment, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { placeOf } from '@/editor/pointers';
import { Time } from '@/time/Time';
import { Button, IconButton } from '@/ui/Button';
import { ChangeTable } from '@/ui/ChangeTable';
import { codedOf } from '@/ui/coded';
import { cx } from '@/ui/cx';
import { useNarrow } from '@/ui/narrow';
import { Said } from '@/ui/Said';
import { Chip, Skeleton } from '@/ui/States';
import { Status } from '@/ui/Status';
import { rowClass, Table } from '@/ui/Table';
import type { Lines } from './lines';
import { type Plan, VERDICTS, type Verdict, type VerdictName } from './model';

const PAGE_ROWS = 50;
const td = 'px-3 py-2 leading-6';

type Props = {
  counts: Plan['counts'];
  verdict: VerdictName | 'all';
  onVerdict: (verdict: VerdictName | 'all') => void;
  lines: Lines;
  /** Not yet done. */
  planned?: boolean;
  /** After the publish there is nothing more to correct here. */
  fixes?: {
    of: (id: string) => { ready: boolean; stale: boolean } | undefined;
    onEdit: (line: Verdict) => void;
  };
  onNavigate: () => void;
};

/** Every schedule of the workflow with its verdict, fifty at a time, those that stop firing first. */
export function ImpactTable({ counts, verdict, onVerdict, lines, planned, fixes, onNavigate }: Props) {
  const t = useTranslations('publish');
  const status = useTranslations('status');
  const [page, setPage] = useState(0);
  const narrow = useNarrow();
  const all = VERDICTS.reduce((sum, each) => sum + counts[each], 0);
  const total = verdict === 'all' ? all : counts[verdict];
  const begin = Math.min(page * PAGE_ROWS, Math.max(0, Math.ceil(total / PAGE_ROWS - 1) * PAGE_ROWS));
  const end = Math.min(begin + PAGE_ROWS, total);
  const { items, hasMore, loading, loadMore } = lines;
  const short = items.length < end && hasMore && !loading;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks once for each time that rows are missing.
  useEffect(() => {
    if (short) loadMore();
  }, [short]);
  if (all === 0) return <p className="text-fg2">{t('noImpact')}</p>;
  const choose = (next: VerdictName | 'all') => {
    setPage(0);
    onVerdict(next);
  };
  const filters = [{ id: 'all' as const, count: all }, ...VERDICTS.map((id) => ({ id, count: counts[id] }))];
  return (
    <div className="flex flex-col gap-2" data-impact>
      <div className="flex flex-wrap items-center gap-2">
        <div className="flex flex-wrap gap-1.5" role="group" aria-label={t('filter')} data-impact-counts>
          {filters
            .filter((each) => each.count > 0 || each.id === verdict)
            .map((each) => (
              <button
                key={each.id}
                type="button"
                aria-pressed={each.id === verdict}
                onClick={() => choose(each.id)}
                className={cx(
                  'inline-flex min-h-7 items-center gap-1.5 rounded-chip border px-2',
                  each.id === verdict ? 'border-accent bg-accent-tint text-accent' : 'border-line hover:bg-hover',
                )}
              >
                {each.id === 'all' ? t('all') : status(`publish.${each.id}`)}{' '}
                <span data-num className="font-medium">
                  {t('number', { count: each.count })}
                </span>
              </button>
            ))}
        </div>
        {total > PAGE_ROWS && (
          <div className="ml-auto flex items-center gap-2" aria-busy={loading}>
            <span className="text-fg2" role="status" data-num>
              {t('range', { from: begin + 1, to: end, total })}
            </span>
            <IconButton
              label={t('previousPage')}
              disabledReason={begin === 0 ? t('firstPage') : null}
              onPress={() => setPage(begin / PAGE_ROWS - 1)}
            >
              <ChevronLeft size={16} aria-hidden />
            </IconButton>
            <IconButton
              label={t('nextPage')}
              disabledReason={end >= total ? t('lastPage') : null}
              onPress={() => setPage(begin / PAGE_ROWS + 1)}
            >
              <ChevronRight size={16} aria-hidden />
            </IconButton>
          </div>
        )}
      </div>
      {loading && items.length <= begin ? (
        <Skeleton rows={5} className="p-0" />
      ) : narrow ? (
        <ul className="divide-y divide-line rounded-card border border-line">
          {items.slice(begin, end).map((line) => (
            <Item key={line.id} line={line} fixes={fixes} onNavigate={onNavigate} />
          ))}
        </ul>
      ) : (
        <Table
          name="impact"
          fixed
          head={[
            { label: t('schedule'), className: 'w-1/5' },
            { label: planned ? t('now') : t('before'), className: 'w-28' },
            { label: t('after'), className: 'w-36' },
            { label: t('problem') },
            { label: t('nextFire'), className: 'w-44' },
            ...(fixes ? [{ label: t('fix'), hidden: true, className: 'w-36' }] : []),
          ]}
        >
          {items.slice(begin, end).map((line) => (
            <Row key={line.id} line={line} fixes={fixes} onNavigate={onNavigate} />
          ))}
        </Table>
      )}
    </div>
  );
}

function Row({ line, fixes, onNavigate }: { line: Verdict; fixes: Props['fixes']; onNavigate: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Fragment>
      <tr className={`${rowClass} align-top`} data-verdict={line.verdict}>
        <td className={td}>
          <Name line={line} onNavigate={onNavigate} />
        </td>
        <td className={td}>
          <Status family="schedule" value={line.previous_status} plain className="h-6" />
        </td>
        <td className={td}>
          <Status family="publish" value={line.verdict} />
        </td>
        <td className={td}>
          <Problems line={line} />
          <Marks line={line} fixes={fixes} open={open} onOpen={setOpen} />
        </td>
        <td className={td}>
          <NextFire line={line} />
        </td>
        {fixes && (
          <td className={`${td} text-right`}>
            <Fix line={line} fixes={fixes} />
          </td>
        )}
      </tr>
      {open && (
        <tr className="border-line border-b bg-app" data-payload-changes>
          <td colSpan={fixes ? 6 : 5} className="px-3 py-2">
            <BeforeAfter line={line} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** The same on a phone, where a table would hide the verdict beyond its edge. */
function Item({ line, fixes, onNavigate }: { line: Verdict; fixes: Props['fixes']; onNavigate: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="flex flex-col gap-1 px-3 py-2" data-verdict={line.verdict}>
      <span className="flex flex-wrap items-center justify-between gap-2">
        <Name line={line} onNavigate={onNavigate} />
        <Status family="publish" value={line.verdict} />
      </span>
      <Problems line={line} />
      <Marks line={line} fixes={fixes} open={open} onOpen={setOpen} />
      <span className="flex flex-wrap items-center justify-between gap-2 text-fg2">
        <NextFire line={line} />
        {fixes && <Fix line={line} fixes={fixes} />}
      </span>
      {open && <BeforeAfter line={line} />}
    </li>
  );
}

function Name({ line, onNavigate }: { line: Verdict; onNavigate: () => void }) {
  return (
    <Link
      to="/schedules/$id"
      params={{ id: line.id }}
      onClick={onNavigate}
      className="inline-block min-h-6 max-w-full break-words font-medium hover:underline"
    >
      {line.name}
    </Link>
  );
}

const NextFire = ({ line }: { line: Verdict }) =>
  line.next_due_at ? <Time value={line.next_due_at} weekday /> : <span className="text-fg3">–</span>;

function Fix({ line, fixes }: { line: Verdict; fixes: NonNullable<Props['fixes']> }) {
  const t = useTranslations('publish');
  if (line.verdict !== 'invalid' && line.verdict !== 'still_invalid' && !fixes.of(line.id)) return null;
  return (
    <Button
      size="sm"
      icon={<PenLine size={13} aria-hidden />}
      aria-label={t('fixOf', { name: line.name })}
      onPress={() => fixes.onEdit(line)}
    >
      {t('fix')}
    </Button>
  );
}

function Marks({
  line,
  fixes,
  open,
  onOpen,
}: {
  line: Verdict;
  fixes: Props['fixes'];
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const t = useTranslations('publish');
  const changes = line.payload_changes ?? [];
  const fix = fixes?.of(line.id);
  return (
    <span className="flex flex-wrap items-center gap-1.5 py-0.5">
      {fix && !fix.stale && fix.ready && <Chip tone="accent">{t('fixed')}</Chip>}
      {fix && (fix.stale || !fix.ready) && <Chip tone="late">{t(fix.stale ? 'fixStale' : 'fixUnfinished')}</Chip>}
      {line.fits_with_defaults && <Chip>{t('fitsWithDefaults')}</Chip>}
      {changes.length > 0 ? (
        <button
          type="button"
          aria-expanded={open}
          className="inline-flex min-h-6 items-center gap-1 text-accent text-meta hover:underline"
          onClick={() => onOpen(!open)}
        >
          <ChevronDown size={13} aria-hidden className={cx('transition-transform', open && 'rotate-180')} />
          {t('payloadChanges', { count: changes.length })}
        </button>
      ) : (
        line.payload_changed && <Chip tone="accent">{t('payloadChanged')}</Chip>
      )}
    </span>
  );
}

function BeforeAfter({ line }: { line: Verdict }) {
  const t = useTranslations('publish');
  return (
    <ChangeTable
      head={{ path: t('place'), before: t('before'), after: t('afterValue') }}
      changes={(line.payload_changes ?? []).map(({ pointer, before, after }) => ({
        at: pointer || '/',
        before,
        after,
      }))}
    />
  );
}

function Problems({ line }: { line: Verdict }) {
  if (line.violations.length === 0)
    return line.reason ? (
      <p className="text-invalid text-meta">
        <Said said={codedOf(line, 'reason')} />
      </p>
    ) : null;
  return (
    <ul className="pt-1 text-invalid text-meta">
      {line.violations.slice(0, 4).map((violation) => (
        <li key={violation.instance + violation.message} className="flex items-start gap-1.5">
          <TriangleAlert size={13} aria-hidden className="mt-0.5 shrink-0" />
          <span>
            <code className="font-mono">{placeOf(violation) || '/'}</code> {violation.message}
          </span>
        </li>
      ))}
      {line.violations.length > 4 && <li>+{line.violations.length - 4}</li>}
    </ul>
  );
}
