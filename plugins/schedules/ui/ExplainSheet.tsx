import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { isInstant } from '@/app/addresses';
import { instantToLocal, localToInstant } from '@/time/format';
import { useDisplayZone } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { ErrorPanel, Skeleton } from '@/ui/States';
import { ExplanationView } from './Explanation';
import { useExplanation } from './history';
import { zoneOf } from './TimingCell';

/** What became, or will become, of any moment of a schedule. The moment is in the address. */
export default function ExplainSheet({
  schedule,
  at,
  onAt,
  onClose,
}: {
  schedule: Schemas['ScheduleSummary'];
  /** "next" for the next due time. */
  at: string;
  onAt: (at: string) => void;
  onClose: () => void;
}) {
  const t = useTranslations('schedules.explain');
  const zone = zoneOf(schedule.timing);
  const shown = useDisplayZone(zone);
  const query = useExplanation(schedule.id, at);
  // What is typed stays as typed; it is asked for once the typing rests.
  const [typed, setTyped] = useState<string | null>(null);
  const moment = at === 'next' ? query.data?.at : at;
  const text = typed ?? (isInstant(moment) ? instantToLocal(new Date(moment), shown, true) : '');
  const ask = useEffectEvent((local: string) => {
    const instant = localToInstant(local, shown);
    if (instant) onAt(instant.toISOString().replace('.000Z', 'Z'));
  });
  useEffect(() => {
    if (!typed) return;
    const timer = setTimeout(() => ask(typed), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  const go = (instant: string) => {
    setTyped(null);
    onAt(instant);
  };
  const { previous_due_at: previous, next_due_at: next } = query.data ?? {};
  return (
    <Layer isOpen onClose={onClose} kind="sheet" size="md" title={t('title')} subtitle={schedule.name}>
      <div className="flex flex-col gap-4 p-5">
        <div className="flex flex-wrap items-end gap-2">
          <TextInput
            label={t('moment')}
            type="datetime-local"
            step={1}
            className="w-60"
            value={text}
            onChange={setTyped}
            hint={shown}
          />
          <div className="flex gap-2 sm:mb-5">
            <Button
              icon={<ChevronLeft size={14} aria-hidden />}
              disabledReason={!previous && t('noEarlier')}
              onPress={() => previous && go(previous)}
            >
              {t('earlier')}
            </Button>
            <Button
              icon={<ChevronRight size={14} aria-hidden />}
              disabledReason={!next && t('noLater')}
              onPress={() => next && go(next)}
            >
              {t('later')}
            </Button>
          </div>
        </div>
        <div aria-live="polite" aria-busy={query.isFetching} className={query.isPlaceholderData ? 'opacity-60' : ''}>
          {query.data ? (
            <ExplanationView explanation={query.data} scheduleId={schedule.id} zone={zone} />
          ) : query.isError ? (
            <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <Skeleton />
          )}
        </div>
      </div>
    </Layer>
  );
}
