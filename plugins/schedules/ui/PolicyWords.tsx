import { useLocale, useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { formatDuration } from '@/time/format';

export type PolicySettings = Pick<
  Schemas['ScheduleSummary'],
  | 'missed_policy'
  | 'catch_up'
  | 'overlap_policy'
  | 'overlap'
  | 'hold_after_failures'
  | 'timeout_seconds'
  | 'retry'
  | 'priority'
  | 'max_runs'
  | 'jitter_seconds'
>;
export type PolicyLine = { id: string; text: string };

/** What the policies mean together, as sentences. */
export function usePolicyLines(settings: PolicySettings): PolicyLine[] {
  const t = useTranslations('schedules.words');
  const locale = useLocale();
  const length = (seconds: number) => formatDuration(seconds * 1_000, locale);
  const { catch_up: catchUp, overlap, retry } = settings;
  const scope = overlap.scope ?? 'schedule';
  const count = catchUp.count ?? 1;
  const limit = overlap.limit ?? 0;
  const missed = {
    skip: () => t('missed.skip'),
    catchup: () => t('missed.catchup', { count, window: length(catchUp.window_seconds ?? 86_400) }),
    fail: () => t('missed.fail'),
  };
  const running = t(`scope.${scope}`, { key: overlap.key ?? '' });
  const room = {
    skip: () => t('overlap.skip', { running }),
    buffer_one: () => t('overlap.buffer_one', { running }),
    buffer_all: () => t('overlap.buffer_all', { running, limit: limit || 100 }),
    cancel_other: () => t('overlap.cancel_other', { running, deadline: length(overlap.deadline_seconds ?? 60) }),
    allow: () => (limit ? t('overlap.allowLimit', { running, limit }) : t('overlap.allow')),
  };
  const lines: (PolicyLine | false)[] = [
    { id: 'missed', text: missed[settings.missed_policy]() },
    {
      id: 'overlap',
      text: room[settings.overlap_policy](),
    },
    Boolean(retry.max) && {
      id: 'retry',
      text: t('retry', { max: retry.max ?? 0, delay: length(retry.delay_seconds ?? 10) }),
    },
    settings.hold_after_failures !== null && {
      id: 'hold',
      text: t('hold', { count: settings.hold_after_failures }),
    },
    settings.timeout_seconds !== null && {
      id: 'timeout',
      text: t('timeout', { length: length(settings.timeout_seconds) }),
    },
    settings.max_runs !== null && { id: 'max', text: t('maxRuns', { count: settings.max_runs }) },
    settings.jitter_seconds > 0 && {
      id: 'jitter',
      text: t('jitter', { length: length(settings.jitter_seconds) }),
    },
    settings.priority !== 'normal' && { id: 'priority', text: t(`priority.${settings.priority}`) },
  ];
  return lines.filter((line) => line !== false);
}

export function PolicyWords({ settings }: { settings: PolicySettings }) {
  const lines = usePolicyLines(settings);
  return (
    <ul className="flex max-w-prose list-disc flex-col gap-0.5 pl-4.5 text-fg2 marker:text-fg3" data-policies>
      {lines.map((line) => (
        <li key={line.id}>{line.text}</li>
      ))}
    </ul>
  );
}
