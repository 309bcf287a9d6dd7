import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { codedOf } from '@/ui/coded';
import { Said } from '@/ui/Said';
import { Card, ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { Checklist, Outcome } from './Explanation';
import { isReady } from './explain';
import { useExplanation } from './history';
import { zoneOf } from './TimingCell';

/** Whether the next due time will start a run, and what stands in its way, as the hub itself explains it. */
export function Why({
  schedule,
  onFix,
  onExplain,
  denied,
}: {
  schedule: Schemas['ScheduleSummary'];
  onFix: () => void;
  onExplain: () => void;
  denied: string | null;
}) {
  const t = useTranslations('schedules.detail');
  const e = useTranslations('schedules.explain');
  const query = useExplanation(schedule.id, 'next');
  const violations = schedule.holds.find((hold) => hold.kind === 'invalid')?.violations ?? [];
  const explanation = query.data;
  const zone = zoneOf(schedule.timing);
  // Where no next time is left the hub has no time to check the holds for, but they are still the answer.
  const holds = explanation?.checks.some((check) => check.code === 'hold') ? [] : schedule.holds;
  return (
    <Card
      title={explanation && isReady(explanation) ? t('whyOk') : t('why')}
      actions={
        <Button size="sm" onPress={onExplain}>
          {e('open')}
        </Button>
      }
    >
      {explanation ? (
        <div className="flex flex-col gap-3">
          <Outcome explanation={explanation} zone={zone} />
          {holds.map((hold) => (
            <p key={hold.kind}>
              <span className="font-medium">{t(`check.hold.${hold.kind}`)}</span>
              <span className="block text-fg2 text-meta">
                <Said said={codedOf(hold, 'reason')} scheduleZone={zone} own={hold.kind === 'user'} /> · {t('since')}{' '}
                <Time value={hold.since} scheduleZone={zone} />
              </span>
            </p>
          ))}
          <Checklist explanation={explanation} zone={zone} />
        </div>
      ) : query.isError ? (
        <ErrorPanel error={query.error} onRetry={() => void query.refetch()} className="py-4" />
      ) : (
        <Skeleton rows={4} className="p-0" />
      )}
      {violations.length > 0 && (
        <Notice tone="invalid" icon={TriangleAlert} title={t('violations')} className="mt-3">
          <ul data-violations>
            {violations.map((violation) => (
              <li key={violation.instance + violation.keyword + violation.message} className="break-words">
                <code className="font-mono text-code">{violation.instance || '/'}</code> {violation.message}
              </li>
            ))}
          </ul>
          <Button size="sm" className="mt-2" disabledReason={denied} onPress={onFix}>
            {t('fixPayload')}
          </Button>
        </Notice>
      )}
    </Card>
  );
}
