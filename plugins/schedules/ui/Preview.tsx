import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CalendarOff, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { type Problem, ProblemError } from '@/api/problem';
import { Time, useDisplayZone } from '@/time/Time';
import { Chip, Notice } from '@/ui/States';
import type { Timing } from './form';

type Occurrence = Schemas['Occurrence'];

/** "gap", "fold": what the clocks do that night, in a chip, with the server's sentence as its explanation. */
export function ClockChips({ occurrence }: { occurrence: Occurrence }) {
  const t = useTranslations('schedules.preview');
  return (
    <>
      {occurrence.flags.map((flag) => (
        <Chip key={flag} tone="late" title={occurrence.note}>
          {t(`flag.${flag}`)}
        </Chip>
      ))}
    </>
  );
}

export function Occurrences({ occurrences, zone }: { occurrences: Occurrence[]; zone?: string | null }) {
  const t = useTranslations('schedules.preview');
  const shown = useDisplayZone(zone);
  return (
    <ol className="divide-y divide-line" data-occurrences>
      {occurrences.map((occurrence) => (
        <li key={occurrence.utc} className="py-1.5">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Time
              value={occurrence.utc}
              zone={zone ?? undefined}
              weekday
              precision={/:00(\.0+)?Z$/.test(occurrence.utc) ? 'minute' : 'second'}
              className="font-medium"
            />
            <ClockChips occurrence={occurrence} />
          </div>
          <p className="text-fg3 text-meta">
            {zone && zone !== shown && (
              <>
                <Time value={occurrence.utc} /> <span aria-hidden>·</span>{' '}
              </>
            )}
            <Time value={occurrence.utc} format="relative" />
          </p>
          {occurrence.flags.length > 0 && occurrence.note && <p className="text-late text-meta">{occurrence.note}</p>}
        </li>
      ))}
      {occurrences.length === 0 && <li className="py-2 text-fg2">{t('none')}</li>}
    </ol>
  );
}

/** "2027-03-28T02:00+01:00" → "02:00": what the clocks on the wall say. */
const wallTime = (local: string) => /T(\d\d:\d\d)/.exec(local)?.[1] ?? local;

export function ClockChange({
  change,
  zone,
}: {
  change: NonNullable<Schemas['Preview']['next_clock_change']>;
  zone: string | null;
}) {
  const t = useTranslations('schedules.preview');
  return (
    <p className="border-line border-t pt-2 text-fg3 text-meta">
      {t('clockChange')} <Time value={change.at} zone={zone ?? undefined} />:{' '}
      <span data-num>{wallTime(change.from)}</span> → <span data-num>{wallTime(change.to)}</span>
    </p>
  );
}

export function usePreview(timing: Timing | null, start: string | null, end: string | null, count = 10) {
  const body = timing && { timing, start_at: start, end_at: end, count };
  const key = JSON.stringify(body);
  const [settled, setSettled] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), 150);
    return () => clearTimeout(timer);
  }, [key]);
  const request = JSON.parse(settled) as typeof body;
  const query = useQuery({
    queryKey: ['schedules', 'preview', settled],
    enabled: request !== null,
    queryFn: ({ signal }) => take(api.POST('/api/v1/schedules/preview', { body: request!, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  const problem: Problem | null = query.error instanceof ProblemError && settled === key ? query.error.problem : null;
  return {
    preview: problem || !request ? undefined : query.data,
    problem,
    updating: settled !== key || query.isFetching,
    fetching: query.isFetching,
  };
}

export function PreviewPanel({
  preview,
  problem,
  updating,
  kind,
}: {
  preview: Schemas['Preview'] | undefined;
  problem: Problem | null;
  updating: boolean;
  kind: Timing['kind'];
}) {
  const t = useTranslations('schedules.preview');
  const zone = preview?.zone ?? null;
  return (
    <section aria-label={t('title')} aria-busy={updating} className="flex flex-col gap-3">
      <div aria-live="polite" className="flex flex-col gap-1">
        <h3 className="font-semibold text-section">{kind === 'manual' ? t('manualTitle') : t('title')}</h3>
        {preview && (
          <p className="text-fg2" data-sentence>
            {preview.sentence}
          </p>
        )}
      </div>
      {problem && (
        <Notice tone="error" icon={CalendarOff}>
          {problem.detail} {problem.remedy}
        </Notice>
      )}
      {preview?.warnings.map((warning) => (
        <Notice key={warning} tone="warning" icon={TriangleAlert}>
          {warning}
        </Notice>
      ))}
      {kind === 'manual' ? (
        <p className="text-fg2">{t('manual')}</p>
      ) : (
        preview && <Occurrences occurrences={preview.occurrences} zone={zone} />
      )}
      {!preview &&
        !problem &&
        kind !== 'manual' &&
        (updating ? <div className="skeleton h-40" /> : <p className="text-fg2">{t('incomplete')}</p>)}
      {preview?.next_clock_change && <ClockChange change={preview.next_clock_change} zone={zone} />}
    </section>
  );
}
