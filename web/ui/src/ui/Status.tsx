import {
  Ban,
  CircleCheck,
  CircleCheckBig,
  CircleDashed,
  CirclePause,
  CircleSlash,
  CircleX,
  ClockAlert,
  Hourglass,
  Loader,
  type LucideIcon,
  MoveRight,
  SkipForward,
  TimerOff,
  TriangleAlert,
} from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { cx } from './cx';

type Look = { icon: LucideIcon; text: string; tint: string; pulse?: boolean };
const success = { text: 'text-success', tint: 'bg-success-tint' };
const running = { text: 'text-running', tint: 'bg-running-tint' };
const queued = { text: 'text-queued', tint: 'bg-queued-tint' };
const failed = { text: 'text-failed', tint: 'bg-failed-tint' };
const late = { text: 'text-late', tint: 'bg-late-tint' };
const paused = { text: 'text-paused', tint: 'bg-paused-tint' };
const invalid = { text: 'text-invalid', tint: 'bg-invalid-tint' };
const skipped = { text: 'text-skipped', tint: 'bg-skipped-tint' };

export type RunStateName = Schemas['RunSummary']['state'];
const runLooks: Record<RunStateName, Look> = {
  queued: { icon: CircleDashed, ...queued },
  running: { icon: Loader, ...running, pulse: true },
  waiting: { icon: Hourglass, ...running },
  suspended: { icon: CirclePause, ...paused },
  succeeded: { icon: CircleCheck, ...success },
  failed: { icon: CircleX, ...failed },
  timed_out: { icon: TimerOff, ...late },
  cancelled: { icon: CircleSlash, ...queued },
};
const scheduleLooks: Record<Schemas['ScheduleStatus'], Look> = {
  active: { icon: CircleCheck, ...success },
  paused: { icon: CirclePause, ...paused },
  invalid: { icon: TriangleAlert, ...invalid },
  completed: { icon: CircleCheckBig, ...queued },
  failed: { icon: CircleX, ...failed },
  expired: { icon: ClockAlert, ...late },
};
const verdictLooks: Record<Schemas['Verdict'], Look> = {
  started: { icon: CircleCheck, ...success },
  skipped_overlap: { icon: SkipForward, ...skipped },
  superseded: { icon: SkipForward, ...skipped },
  skipped_window: { icon: SkipForward, ...skipped },
  skipped_condition: { icon: SkipForward, ...skipped },
  moved: { icon: MoveRight, ...skipped },
  missed: { icon: ClockAlert, ...late },
  paused: { icon: CirclePause, ...paused },
  invalid: { icon: TriangleAlert, ...invalid },
  quota: { icon: Ban, ...failed },
  expired: { icon: ClockAlert, ...late },
  error: { icon: CircleX, ...failed },
};
const publishLooks: Record<Schemas['ScheduleVerdict']['verdict'], Look> = {
  rebound: { icon: CircleCheck, ...success },
  revived: { icon: CircleCheckBig, ...success },
  invalid: { icon: TriangleAlert, ...invalid },
  still_invalid: { icon: TriangleAlert, ...invalid },
  left: { icon: CircleDashed, ...queued },
};
const unknown: Look = { icon: CircleDashed, ...queued };
const families = { run: runLooks, schedule: scheduleLooks, verdict: verdictLooks, publish: publishLooks };
export type StatusFamily = keyof typeof families;

function lookOf(family: StatusFamily, value: string): Look {
  return (families[family] as Record<string, Look>)[value] ?? unknown;
}

/** Shape, word, then colour: never colour alone. A value this page does not know yet is shown as its own word. */
export function Status({
  family,
  value,
  plain,
  className,
}: {
  family: StatusFamily;
  value: string;
  plain?: boolean;
  className?: string;
}) {
  const t = useTranslations('status');
  const look = lookOf(family, value);
  const known = value in families[family];
  return (
    <span
      data-status={value}
      className={cx(
        'inline-flex items-center gap-1.5 whitespace-nowrap font-medium text-meta',
        look.text,
        !plain && ['h-6 rounded-chip px-1.5', look.tint].join(' '),
        className,
      )}
    >
      <look.icon
        size={14}
        strokeWidth={2.2}
        aria-hidden
        className={cx('shrink-0', look.pulse && 'animate-pulse-slow')}
      />
      {known ? t(`${family}.${value}` as 'run.queued') : value}
    </span>
  );
}

export function StatusIcon({ family, value, label }: { family: StatusFamily; value: string; label?: string }) {
  const look = lookOf(family, value);
  return (
    <look.icon
      size={14}
      strokeWidth={2.2}
      aria-hidden={label ? undefined : true}
      aria-label={label}
      role={label ? 'img' : undefined}
      className={cx('shrink-0', look.text, look.pulse && 'animate-pulse-slow')}
    />
  );
}
