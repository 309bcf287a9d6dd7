import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Duration, Time } from '@/time/Time';
import { codedOf } from '@/ui/coded';
import { JsonView } from '@/ui/JsonView';
import { Said } from '@/ui/Said';
import { Chip, Facts } from '@/ui/States';
import { Status } from '@/ui/Status';
import { type Check, type Explanation, holdsAt, openOutcome, replayOf } from './explain';
import { type PolicySettings, PolicyWords } from './PolicyWords';
import { RunLink } from './RunLink';

const marks = {
  passed: { icon: CircleCheck, look: 'text-success' },
  failed: { icon: CircleX, look: 'text-failed' },
  unknown: { icon: CircleHelp, look: 'text-queued' },
};
/** Whether the hub's sentence says more than the name of a passed check. */
const telling = (check: Check) =>
  ['decided', 'in_time', 'missed', 'max_runs', 'overlap', 'backfill'].includes(check.code) ||
  // Only the revision of an edit is news, other time zone data, and a maintenance there was.
  (check.code === 'existed' && check.text_code !== 'existed_as_created') ||
  check.text_code === 'timing_named_it' ||
  (check.code === 'maintenance' && check.text_code !== 'no_maintenance');

/** Sentences that say no more than the name of the outcome beside them. */
const saidByChip: string[] = ['will_start', 'will_not_start', 'not_handled_yet'] satisfies Schemas['ReasonCode'][];

export function Outcome({ explanation, zone }: { explanation: Explanation; zone: string | null }) {
  const t = useTranslations('schedules.explain');
  const d = useTranslations('schedules.detail');
  const open = openOutcome(explanation.outcome);
  const { fire, backfill } = explanation;
  // Beside the mark of the verdict its reason is enough.
  const said = fire && fire.verdict !== 'started' ? codedOf(fire, 'reason') : codedOf(explanation, 'summary');
  const ranSince = fire?.verdict !== 'started' && backfill;
  return (
    <div className="flex flex-wrap items-start gap-x-2.5 gap-y-1" data-outcome={explanation.outcome}>
      {open ? (
        <Chip tone={open === 'will_start' ? 'accent' : open === 'will_not_start' ? 'late' : 'plain'}>
          {t(`outcome.${open}`)}
        </Chip>
      ) : (
        <Status family="verdict" value={explanation.outcome} />
      )}
      {!saidByChip.includes(said.code ?? '') && (
        <p className="min-w-0 flex-1 basis-60">
          <Said said={said} scheduleZone={zone} own={fire?.verdict === 'paused'} />
        </p>
      )}
      {ranSince && (
        <p className="flex basis-full flex-wrap items-center gap-x-2">
          {t('backfilled')} <RunLink id={ranSince.run_id} state={ranSince.run_state} />
        </p>
      )}
      {fire && fire.count > 1 && (
        <p className="basis-full text-fg2">
          {d.rich('stretch', {
            count: fire.count,
            from: () => <Time value={fire.due_at} precision="second" scheduleZone={zone} />,
            until: () => <Time value={fire.last_due_at ?? fire.due_at} precision="second" scheduleZone={zone} />,
          })}
        </p>
      )}
    </div>
  );
}

/** Every condition a fire depends on, in the order the planner asks them, with the hub's own answer. */
export function Checklist({ explanation, zone }: { explanation: Explanation; zone: string | null }) {
  const t = useTranslations('schedules.explain');
  return (
    <ul className="flex flex-col gap-1.5" data-why>
      {explanation.checks.map((check) => {
        const mark = marks[check.result];
        return (
          <li key={check.code} className="flex items-start gap-2" data-check={`${check.code}:${check.result}`}>
            <mark.icon size={15} aria-hidden className={`mt-0.5 shrink-0 ${mark.look}`} />
            <span className="min-w-0">
              <span className="sr-only">{t(`result.${check.result}`)}: </span>
              <CheckText check={check} explanation={explanation} zone={zone} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function CheckText({ check, explanation, zone }: { check: Check; explanation: Explanation; zone: string | null }) {
  const t = useTranslations('schedules.explain');
  const h = useTranslations('schedules.detail');
  const key = `check.${check.code}.${check.result}` as 'check.hold.passed';
  const known = t.has(key);
  const said = codedOf(check, 'text');
  const look = check.result === 'failed' ? 'font-medium' : 'text-fg2';
  const holds = check.code === 'hold' && check.result === 'failed' ? holdsAt(explanation) : [];
  if (holds.length > 0)
    return holds.map((hold) => (
      <span key={hold.kind} className="block">
        <span className={look}>
          {hold.kind === 'invalid' ? h('check.payloadInvalid') : h(`check.hold.${hold.kind}`)}
        </span>
        <span className="block text-fg2 text-meta">
          <Said said={codedOf(hold, 'reason')} scheduleZone={zone} own={hold.kind === 'user'} />{' '}
          {hold.actor && `· ${hold.actor} `}· {h('since')} <Time value={hold.since} scheduleZone={zone} />
        </span>
      </span>
    ));
  return (
    <>
      <span className={look}>{known ? t(key) : <Said said={said} scheduleZone={zone} />}</span>
      {known && (check.result !== 'passed' || telling(check)) && (
        <span className="block text-fg3 text-meta">
          <Said said={said} scheduleZone={zone} />
        </span>
      )}
    </>
  );
}

/** The whole of it: outcome, times, checks, and what the decision rested on. */
export function ExplanationView({
  explanation,
  scheduleId,
  zone,
}: {
  explanation: Explanation;
  scheduleId: string;
  zone: string | null;
}) {
  const t = useTranslations('schedules.explain');
  const { fire, version, limits } = explanation;
  const replay = replayOf(explanation);
  const planned = explanation.planned_at !== explanation.due_at ? explanation.planned_at : null;
  return (
    <div className="flex flex-col gap-4">
      <Outcome explanation={explanation} zone={zone} />
      <Checklist explanation={explanation} zone={zone} />
      <Facts
        items={[
          explanation.due_at
            ? { label: t('due'), value: <Time value={explanation.due_at} precision="second" scheduleZone={zone} /> }
            : null,
          planned
            ? { label: t('planned'), value: <Time value={planned} precision="second" scheduleZone={zone} /> }
            : null,
          fire && {
            label: t('handled'),
            value: <Time value={fire.fired_at} precision="millisecond" scheduleZone={zone} />,
          },
          fire?.verdict === 'started' && { label: t('lateness'), value: <Duration ms={fire.lateness_ms} /> },
          fire?.run_id ? { label: t('run'), value: <RunLink id={fire.run_id} state={fire.run_state} /> } : null,
          replay && {
            label: t('replay'),
            value:
              replay === 'same' ? (
                t('replaySame')
              ) : (
                <span className="flex flex-wrap items-center gap-1.5">
                  {t('replayOther')} <Status family="verdict" value={explanation.replayed_verdict ?? ''} />
                </span>
              ),
          },
          version && {
            label: t('revision'),
            value: (
              <>
                <Link
                  to="/schedules/$id"
                  params={{ id: scheduleId }}
                  search={{ tab: 'versions' }}
                  className="inline-flex min-h-6 items-center text-accent hover:underline"
                >
                  {t('revisionNumber', { number: version.revision })}
                </Link>{' '}
                <span className="text-fg2">
                  {version.actor} · <Time value={version.at} scheduleZone={zone} />
                </span>
              </>
            ),
          },
        ]}
      />
      <section aria-label={t('settings')} className="flex flex-col gap-2 border-line border-t pt-3">
        <h3 className="font-semibold">{t('settings')}</h3>
        <PolicyWords settings={explanation.settings as unknown as PolicySettings} />
        <p className="max-w-prose text-fg3 text-meta">
          {t('limits', {
            grace: Math.round(limits.grace_seconds / 60),
            once: Math.round(limits.one_time_window_seconds / 3600),
            catchUp: limits.catch_up_cap,
            buffer: limits.buffer_cap,
          })}{' '}
          {explanation.zone_data && t('zoneData', { version: explanation.zone_data })}
        </p>
        <details className="group">
          <summary className="min-h-6 cursor-pointer text-accent">{t('allSettings')}</summary>
          <div className="pt-2">
            <JsonView label={t('settings')} value={explanation.settings} heightClass="h-64" />
          </div>
        </details>
      </section>
    </div>
  );
}
