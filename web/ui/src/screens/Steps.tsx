import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Duration, Time, useNow } from '@/time/Time';
import { cx } from '@/ui/cx';
import { JsonView } from '@/ui/JsonView';
import { StatusIcon } from '@/ui/Status';

type Step = Schemas['Step'];
const known = [
  'pending',
  'running',
  'waiting',
  'completed',
  'succeeded',
  'failed',
  'faulted',
  'cancelled',
  'skipped',
  'retrying',
  'timed_out',
] as const;
/** Step words → the run state whose look they share. */
const looks: Record<string, string> = {
  pending: 'queued',
  completed: 'succeeded',
  faulted: 'failed',
  retrying: 'waiting',
  skipped: 'cancelled',
};
const barTone: Record<string, string> = {
  succeeded: 'bg-success',
  failed: 'bg-failed',
  running: 'bg-running',
  waiting: 'bg-running/50',
  queued: 'bg-queued',
  cancelled: 'bg-queued',
  timed_out: 'bg-late',
};

export function Steps({ run }: { run: Schemas['Run'] }) {
  const t = useTranslations('runs');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const now = useNow().getTime();
  if (run.steps.length === 0) return <p className="text-fg2">{t('noSteps')}</p>;
  const start = Math.min(...run.steps.map((step) => Date.parse(step.started_at)));
  const end = run.ended_at ? Date.parse(run.ended_at) : now;
  const span = Math.max(1, end - start);
  const toggle = (path: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  return (
    <div className="relative overflow-x-auto rounded-card border border-line bg-surface">
      <table className="w-full min-w-160 border-collapse">
        <thead>
          <tr className="border-line border-b text-left text-fg3 text-meta">
            <th className="py-2 pr-3 pl-3 font-medium">{t('step')}</th>
            <th className="w-32 py-2 pr-3 font-medium">{t('stepState')}</th>
            <th className="w-24 py-2 pr-3 text-right font-medium">{t('duration')}</th>
            <th className="w-2/5 py-2 pr-4 font-medium">{t('timeline')}</th>
          </tr>
        </thead>
        <tbody>
          {run.steps.map((step) => {
            const expanded = open.has(step.path);
            const ms = step.ended_at ? Date.parse(step.ended_at) - Date.parse(step.started_at) : null;
            return (
              <Fragment key={step.path}>
                <tr className={cx('border-line border-b', expanded && 'bg-app')}>
                  <td className="py-1.5 pr-3 pl-1">
                    <button
                      type="button"
                      aria-expanded={expanded}
                      className="flex min-h-8 w-full items-center gap-2 rounded-control px-1.5 text-left hover:bg-hover"
                      onClick={() => toggle(step.path)}
                    >
                      {expanded ? (
                        <ChevronDown size={14} aria-hidden className="text-fg3" />
                      ) : (
                        <ChevronRight size={14} aria-hidden className="text-fg3" />
                      )}
                      <span className="font-medium">{step.name}</span>
                      <code className="font-mono text-code text-fg3">{step.type}</code>
                      {step.attempts.length > 1 && (
                        <span className="text-late text-meta" data-num>
                          ×{step.attempts.length}
                        </span>
                      )}
                    </button>
                  </td>
                  <td className="py-1.5 pr-3">
                    <StepState state={step.state} />
                  </td>
                  <td className="py-1.5 pr-3 text-right">
                    <Duration ms={ms} since={step.ended_at ? null : step.started_at} />
                  </td>
                  <td className="py-1.5 pr-4">
                    <Bars step={step} start={start} span={span} now={now} />
                  </td>
                </tr>
                {expanded && (
                  <tr className="border-line border-b bg-app">
                    <td colSpan={4} className="px-4 py-3">
                      <StepBody step={step} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function StepState({ state }: { state: string }) {
  const t = useTranslations('runs.steps');
  const word = known.find((each) => each === state);
  return (
    <span className="inline-flex items-center gap-1.5 text-meta">
      <StatusIcon family="run" value={looks[state] ?? state} />
      {word ? t(word) : state}
    </span>
  );
}

/** One bar for each attempt: a failed try is never painted over by the one after it. */
function Bars({ step, start, span, now }: { step: Step; start: number; span: number; now: number }) {
  const attempts =
    step.attempts.length > 0
      ? step.attempts
      : [{ number: 1, state: step.state, started_at: step.started_at, ended_at: step.ended_at }];
  return (
    <div className="relative h-4 rounded-chip bg-hover" aria-hidden>
      {attempts.map((attempt) => {
        const from = Date.parse(attempt.started_at);
        const to = attempt.ended_at ? Date.parse(attempt.ended_at) : now;
        return (
          <span
            key={attempt.number}
            className={cx(
              'absolute inset-y-0.5 rounded-chip',
              barTone[looks[attempt.state] ?? attempt.state] ?? 'bg-queued',
              !attempt.ended_at && 'animate-pulse-slow',
            )}
            style={{
              left: `${Math.min(99, ((from - start) / span) * 100)}%`,
              width: `max(3px, ${Math.min(100, ((to - from) / span) * 100)}%)`,
            }}
          />
        );
      })}
    </div>
  );
}

function StepBody({ step }: { step: Step }) {
  const t = useTranslations('runs');
  return (
    <div className="flex flex-col gap-3">
      <p className="font-mono text-code text-fg3">{step.path}</p>
      {step.attempts.length > 0 && (
        <ol className="divide-y divide-line rounded-control border border-line bg-surface">
          {step.attempts.map((attempt) => (
            <li key={attempt.number} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
              <span className="font-medium">{t('attempt', { number: attempt.number })}</span>
              <StepState state={attempt.state} />
              <Time value={attempt.started_at} precision="millisecond" className="text-fg2" />
              <Duration
                ms={attempt.ended_at ? Date.parse(attempt.ended_at) - Date.parse(attempt.started_at) : null}
                since={attempt.ended_at ? null : attempt.started_at}
              />
              {attempt.error && (
                <span className="w-full break-words text-failed text-meta">
                  {attempt.error.title}
                  {attempt.error.detail && attempt.error.detail !== attempt.error.title
                    ? `: ${attempt.error.detail}`
                    : ''}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      <div className="grid gap-3 lg:grid-cols-2">
        {step.input !== undefined && step.input !== null && (
          <div>
            <p className="mb-1 font-medium">{t('stepInput')}</p>
            <JsonView label={t('stepInput')} value={step.input} heightClass="h-44" />
          </div>
        )}
        {step.output !== undefined && step.output !== null && (
          <div>
            <p className="mb-1 font-medium">{t('stepOutput')}</p>
            <JsonView label={t('stepOutput')} value={step.output} heightClass="h-44" />
          </div>
        )}
      </div>
    </div>
  );
}
