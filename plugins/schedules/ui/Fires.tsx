import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { firesQuery } from '@/api/queries';
import { Duration, Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { codedOf } from '@/ui/coded';
import { SelectInput } from '@/ui/Field';
import { useNarrow } from '@/ui/narrow';
import { Said } from '@/ui/Said';
import { Empty, ErrorPanel, Skeleton } from '@/ui/States';
import { Status } from '@/ui/Status';
import { rowClass, Table } from '@/ui/Table';
import { RunLink } from './RunLink';
import { zoneOf } from './TimingCell';

const verdicts: Schemas['Verdict'][] = [
  'started',
  'skipped_overlap',
  'superseded',
  'skipped_window',
  'skipped_condition',
  'moved',
  'missed',
  'paused',
  'invalid',
  'quota',
  'expired',
  'error',
];

/** The ledger: every due time has exactly one verdict. */
export function Fires({
  schedule,
  onExplain,
}: {
  schedule: Schemas['ScheduleSummary'];
  onExplain: (dueAt: string) => void;
}) {
  const t = useTranslations('schedules.detail');
  const words = useTranslations('status.verdict');
  const common = useTranslations('common');
  const narrow = useNarrow();
  const navigate = useNavigate({ from: '/schedules/$id' });
  const asked = useSearch({ from: '/hub/schedules/$id' }).verdict;
  const verdict = verdicts.find((each) => each === asked) ?? 'all';
  const setVerdict = (next: Schemas['Verdict'] | 'all') =>
    void navigate({ search: (old) => ({ ...old, verdict: next === 'all' ? undefined : next }), replace: true });
  const query = useInfiniteQuery({
    ...firesQuery(schedule.id, verdict === 'all' ? undefined : verdict),
    placeholderData: (old) => old,
  });
  if (query.isPending) return <Skeleton rows={6} className="p-0" />;
  if (!query.data) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const fires = query.data.pages.flatMap((page) => page.items);
  const zone = zoneOf(schedule.timing);
  return (
    <div className="flex flex-col gap-3">
      <SelectInput
        hideLabel
        label={t('verdict')}
        className="w-52"
        value={verdict}
        onChange={setVerdict}
        options={[{ id: 'all' as const, label: t('anyVerdict') }, ...verdicts.map((id) => ({ id, label: words(id) }))]}
      />
      {fires.length === 0 ? (
        <Empty icon={History} title={t('noFires')} />
      ) : narrow ? (
        <ul className="divide-y divide-line rounded-card border border-line bg-surface" data-list="fires">
          {fires.map((fire) => (
            <li key={fire.due_at + fire.fired_at} className="flex flex-col gap-1 px-3 py-2">
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Due fire={fire} zone={zone} />
                <span className="ml-auto">
                  <Status family="verdict" value={fire.verdict} />
                </span>
              </div>
              {fire.reason && (
                <p className="text-fg2">
                  <Said said={codedOf(fire, 'reason')} scheduleZone={zone} own={fire.verdict === 'paused'} />
                </p>
              )}
              <div className="flex flex-wrap items-center gap-x-3">
                <Ran fire={fire} />
                {fire.verdict === 'started' && (
                  <span className="text-fg3">
                    {t('lateness')} <Duration ms={fire.lateness_ms} />
                  </span>
                )}
                <span className="ml-auto">
                  <Explain fire={fire} onExplain={onExplain} />
                </span>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Table
          name="fires"
          head={[
            { label: t('due') },
            { label: t('verdict') },
            { label: t('lateness'), end: true },
            { label: t('run') },
            { label: t('reason') },
            { label: t('explain'), hidden: true },
          ]}
        >
          {fires.map((fire) => (
            <tr key={fire.due_at + fire.fired_at} className={`${rowClass} hover:bg-hover`}>
              <td className="px-3 py-1.5">
                <Due fire={fire} zone={zone} />
              </td>
              <td className="px-3 py-1.5">
                <Status family="verdict" value={fire.verdict} />
              </td>
              <td className="px-3 py-1.5 text-right">
                {/* Only what started was late or on time. */}
                <Duration ms={fire.verdict === 'started' ? fire.lateness_ms : null} />
              </td>
              <td className="px-3 py-1.5">
                {fire.run_id || fire.backfill ? <Ran fire={fire} /> : <span className="text-fg3">–</span>}
              </td>
              <td className="max-w-96 px-3 py-1.5 text-fg2">
                {fire.reason && (
                  <Said said={codedOf(fire, 'reason')} scheduleZone={zone} own={fire.verdict === 'paused'} />
                )}
              </td>
              <td className="px-3 py-1.5 text-right">
                <Explain fire={fire} onExplain={onExplain} />
              </td>
            </tr>
          ))}
        </Table>
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
  );
}

type Fire = Schemas['Fire'];

function Due({ fire, zone }: { fire: Fire; zone: string | null }) {
  const t = useTranslations('schedules.detail');
  return (
    <span id={`due-${fire.due_at}`}>
      {fire.count > 1 && fire.last_due_at ? (
        t.rich('stretch', {
          count: fire.count,
          from: () => <Time value={fire.due_at} precision="second" scheduleZone={zone} />,
          until: () => <Time value={fire.last_due_at ?? fire.due_at} precision="second" scheduleZone={zone} />,
        })
      ) : (
        <Time value={fire.due_at} weekday precision="second" scheduleZone={zone} />
      )}
    </span>
  );
}

/** What ran of a due time or of a stretch: its own run, or those that backfills made of it. */
function Ran({ fire }: { fire: Fire }) {
  const t = useTranslations('schedules.detail');
  const { backfill } = fire;
  return (
    <>
      {fire.run_id && <RunLink id={fire.run_id} state={fire.run_state} />}
      {backfill &&
        (fire.count > 1 ? (
          <Link
            to="."
            search={(old) => ({ ...old, tab: 'backfills' })}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            {t('backfilledCount', { count: backfill.count })}
          </Link>
        ) : (
          <span className="flex flex-wrap items-center gap-x-2">
            <RunLink id={backfill.run_id} state={backfill.run_state} />
            <span className="text-fg3">{t('backfilled')}</span>
          </span>
        ))}
    </>
  );
}

function Explain({ fire, onExplain }: { fire: Fire; onExplain: (dueAt: string) => void }) {
  const t = useTranslations('schedules.detail');
  return (
    <Button
      size="sm"
      tone="ghost"
      id={`explain-${fire.due_at}`}
      aria-labelledby={`explain-${fire.due_at} due-${fire.due_at}`}
      onPress={() => onExplain(fire.due_at)}
    >
      {t('explain')}
    </Button>
  );
}
