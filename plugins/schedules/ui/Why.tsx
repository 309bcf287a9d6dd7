import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { Card, Notice } from '@/ui/States';
import { checklist, isFiring } from './explain';
import { zoneOf } from './TimingCell';

export function Why({
  schedule,
  onFix,
  denied,
}: {
  schedule: Schemas['ScheduleSummary'];
  onFix: () => void;
  denied: string | null;
}) {
  const t = useTranslations('schedules.detail');
  const checks = checklist(schedule);
  const ready = isFiring(checks);
  const violations = schedule.holds.find((hold) => hold.kind === 'invalid')?.violations ?? [];
  return (
    <Card title={ready ? t('whyOk') : t('why')}>
      <ul className="flex flex-col gap-1.5" data-why>
        {checks.map((check) => (
          <li key={check.key} className="flex items-start gap-2">
            {check.ok ? (
              <CircleCheck size={15} aria-hidden className="mt-0.5 shrink-0 text-success" />
            ) : (
              <CircleX size={15} aria-hidden className="mt-0.5 shrink-0 text-failed" />
            )}
            <span className="min-w-0">
              <span className={check.ok ? 'text-fg2' : 'font-medium'}>{t(`check.${check.key}` as 'check.timed')}</span>
              {check.at && (
                <>
                  : <Time value={check.at} weekday scheduleZone={zoneOf(schedule.timing)} />
                </>
              )}
              {!check.ok && (check.reason || check.hold) && (
                <span className="block text-fg2 text-meta">
                  {check.reason} {check.hold?.actor && `· ${check.hold.actor}`}{' '}
                  {check.hold && (
                    <>
                      {' '}
                      · {t('since')} <Time value={check.hold.since} />
                    </>
                  )}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
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
