import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { ProblemError } from '@/api/problem';
import { backfillsQuery, queryClient } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { problemText, showToast } from '@/app/toasts';
import { browserZone, instantToLocal, localToInstant } from '@/time/format';
import { Time } from '@/time/Time';
import { TextInput } from '@/ui/Field';
import { Notice } from '@/ui/States';
import { Occurrences } from './Preview';
import { zoneOf } from './TimingCell';

const DAY = 86_400_000;

/** What the range would run, as the server counts it; asked anew when the reader has stopped typing. */
function useBackfillPreview(id: string, body: Schemas['BackfillRange'] | null) {
  const key = JSON.stringify(body);
  const [settled, setSettled] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), 200);
    return () => clearTimeout(timer);
  }, [key]);
  const request = JSON.parse(settled) as typeof body;
  const query = useQuery({
    queryKey: ['backfills', 'preview', id, settled],
    enabled: request !== null,
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/schedules/{id}/backfill/preview', {
          params: { path: { id } },
          body: request as Schemas['BackfillRange'],
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 0,
  });
  const problem = query.error instanceof ProblemError && settled === key ? query.error.problem : null;
  return {
    preview: problem || !request ? undefined : query.data,
    problem,
    updating: settled !== key || query.isFetching,
  };
}

export default function BackfillDialog({
  schedule,
  onClose,
}: {
  schedule: Schemas['ScheduleSummary'];
  onClose: () => void;
}) {
  const t = useTranslations('schedules.backfill');
  const zone = zoneOf(schedule.timing) ?? browserZone();
  const [from, setFrom] = useState(() => instantToLocal(new Date(Date.now() - DAY), zone));
  const [to, setTo] = useState(() => instantToLocal(new Date(), zone));
  const [concurrency, setConcurrency] = useState('1');
  const [includeFired, setIncludeFired] = useState(false);
  const { pending, problem: refused, submit } = useSubmit();
  const start = localToInstant(from, zone)?.toISOString();
  const end = localToInstant(to, zone)?.toISOString();
  const range = start && end ? { from: start, to: end, include_fired: includeFired } : null;
  const { preview, problem, updating } = useBackfillPreview(schedule.id, range);
  const shown = refused ?? problem;
  const fieldError = (field: string) => (shown?.field === field ? problemText(shown) : null);
  const atOnce = Number(concurrency);
  const goodConcurrency = Number.isInteger(atOnce) && atOnce >= 1 && atOnce <= 100;
  const tooMany = preview !== undefined && preview.count > preview.limit;
  const startable = preview && preview.count > 0 && !tooMany && goodConcurrency && !updating;

  const confirm = async () => {
    if (!range || !startable) return;
    const problem = await submit(async (key) => {
      const made = await take(
        api.POST('/api/v1/schedules/{id}/backfills', {
          params: { path: { id: schedule.id }, header: { 'Idempotency-Key': key } },
          body: { ...range, concurrency: atOnce, expected_count: preview.count },
        }),
      );
      void queryClient.invalidateQueries({ queryKey: backfillsQuery(schedule.id).queryKey });
      showToast({ tone: 'success', title: t('started', { count: made.total }) });
      onClose();
    });
    if (problem) void queryClient.invalidateQueries({ queryKey: ['backfills', 'preview', schedule.id] });
  };

  return (
    <FormLayer
      onClose={onClose}
      size="md"
      title={t('title', { name: schedule.name })}
      subtitle={t('subtitle')}
      confirm={t('confirm', { count: preview?.count ?? 0 })}
      pending={pending}
      problem={shown}
      fields={['/from', '/to']}
      disabledReason={startable || updating ? null : t('cannotStart')}
      onConfirm={() => void confirm()}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <div className="flex flex-col gap-4">
          <TextInput
            label={t('from')}
            type="datetime-local"
            value={from}
            onChange={setFrom}
            hint={zone}
            error={fieldError('/from')}
            autoFocus
          />
          <TextInput
            label={t('to')}
            type="datetime-local"
            value={to}
            onChange={setTo}
            hint={t('toHint')}
            error={fieldError('/to')}
          />
          <TextInput
            label={t('concurrency')}
            type="number"
            min={1}
            max={100}
            value={concurrency}
            onChange={setConcurrency}
            hint={t('concurrencyHint')}
            error={goodConcurrency ? null : t('concurrencyRange')}
            className="max-w-48"
          />
          <label className="flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              className="size-4"
              checked={includeFired}
              onChange={(event) => setIncludeFired(event.target.checked)}
            />
            {t('includeFired')}
          </label>
        </div>
        <section aria-label={t('preview')} aria-busy={updating} className="min-w-0">
          <div aria-live="polite">
            {preview && (
              <>
                <p className="text-title" data-backfill-count={preview.count}>
                  {t('count', { count: preview.count })}
                </p>
                <p className="text-fg2">{t('left', { fired: preview.already_fired, busy: preview.busy })}</p>
                {tooMany && (
                  <Notice tone="warning" className="mt-2">
                    {t('tooMany', { limit: preview.limit })}
                  </Notice>
                )}
              </>
            )}
          </div>
          {preview?.first && preview.last && (
            <p className="mt-2 text-fg3 text-meta">
              <Time value={preview.first} zone={zone} /> – <Time value={preview.last} zone={zone} />
            </p>
          )}
          {preview && preview.sample.length > 0 && (
            <div className="mt-2 max-h-72 overflow-auto border-line border-t">
              <Occurrences occurrences={preview.sample} zone={zone} />
            </div>
          )}
        </section>
      </div>
    </FormLayer>
  );
}
