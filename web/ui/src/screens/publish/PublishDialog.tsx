import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, newKey, type Schemas, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient } from '@/api/queries';
import { problemText, showToast } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Notice, Skeleton } from '@/ui/States';
import { Status } from '@/ui/Status';

type Result = Schemas['PublishResult'];

/** What a publish does to every schedule, before it happens (the plan) and after (the answer). */
export default function PublishDialog({
  workflow,
  draftRevision,
  onClose,
}: {
  workflow: Schemas['WorkflowSummary'];
  draftRevision?: number;
  onClose: () => void;
}) {
  const t = useTranslations('workflows');
  const common = useTranslations('common');
  const [note, setNote] = useState('');
  const [understood, setUnderstood] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const key = useRef(newKey());
  const path = { id: workflow.id };
  const plan = useQuery({
    queryKey: ['workflows', 'plan', workflow.id, draftRevision],
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/workflows/{id}/publish/plan', {
          params: { path },
          body: draftRevision === undefined ? {} : { draft_revision: draftRevision },
          signal,
        }),
      ),
    retry: false,
    gcTime: 0,
    staleTime: 0,
  });
  const planned = plan.data;
  const breaks = planned?.counts.invalid ?? 0;
  const version = planned?.version ?? (workflow.latest_version ?? 0) + 1;
  const planProblem = plan.error ? problemOf(plan.error) : null;
  const blocked =
    planProblem !== null && planProblem.status >= 400 && planProblem.status < 500 && planProblem.status !== 404;

  const publish = async () => {
    setPending(true);
    setProblem(null);
    try {
      const answer = await take(
        api.POST('/api/v1/workflows/{id}/publish', {
          params: { path, header: { 'Idempotency-Key': key.current } },
          body: {
            ...(note.trim() ? { note: note.trim() } : {}),
            ...(draftRevision === undefined ? {} : { draft_revision: draftRevision }),
          },
        }),
      );
      setResult(answer);
      showToast({ tone: 'success', title: t('published', { version: answer.version }) });
      void queryClient.invalidateQueries({ queryKey: ['workflows'] });
      void queryClient.invalidateQueries({ queryKey: ['schedules'] });
    } catch (cause) {
      key.current = newKey();
      setProblem(problemOf(cause));
    }
    setPending(false);
  };

  return (
    <Layer
      isOpen
      onClose={onClose}
      size="lg"
      title={t('publishTitle', { name: workflow.name })}
      footer={
        result ? (
          <Button tone="primary" onPress={onClose}>
            {t('done')}
          </Button>
        ) : (
          <>
            {breaks > 0 && (
              <label className="mr-auto flex min-h-6 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4"
                  checked={understood}
                  onChange={(event) => setUnderstood(event.target.checked)}
                />
                {t('understand', { count: breaks })}
              </label>
            )}
            <Button onPress={onClose}>{common('cancel')}</Button>
            <Button
              tone="primary"
              pending={pending}
              disabledReason={
                blocked
                  ? problemText(planProblem)
                  : plan.isPending
                    ? common('loading')
                    : breaks > 0 && !understood
                      ? t('understand', { count: breaks })
                      : null
              }
              onPress={() => void publish()}
            >
              {t('publishConfirm', { version })}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {problem && <ProblemNotice problem={problem} />}
        {result ? (
          <>
            <Notice tone={result.counts.invalid > 0 ? 'warning' : 'success'} role="status">
              {t('publishResult', { version: result.version })}
            </Notice>
            <Impact result={result} onNavigate={onClose} />
          </>
        ) : (
          <>
            <TextInput label={t('publishNote')} value={note} onChange={setNote} hint={t('publishNoteHint')} autoFocus />
            <div>
              <h3 className="mb-2 font-semibold text-section">{t('impact')}</h3>
              {plan.isPending && <Skeleton rows={3} className="p-0" />}
              {planned && <Impact result={planned} onNavigate={onClose} />}
              {planProblem &&
                (blocked ? <ProblemNotice problem={planProblem} /> : <Notice>{t('planUnavailable')}</Notice>)}
            </div>
          </>
        )}
      </div>
    </Layer>
  );
}

function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <Notice tone="error" role="alert">
      <p>{problemText(problem)}</p>
      {problem.violations && problem.violations.length > 0 && (
        <ul className="mt-1">
          {problem.violations.map((violation) => (
            <li key={violation.instance + violation.message}>
              <code className="font-mono text-code">{violation.instance || '/'}</code> {violation.message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

const order = { invalid: 0, still_invalid: 1, revived: 2, rebound: 3, left: 4 };

function Impact({ result, onNavigate }: { result: Result; onNavigate: () => void }) {
  const t = useTranslations('workflows');
  if (result.schedules.length === 0) return <p className="text-fg2">{t('noImpact')}</p>;
  const rows = [...result.schedules].sort((a, b) => order[a.verdict] - order[b.verdict]);
  const { counts } = result;
  return (
    <div className="flex flex-col gap-2">
      <p data-impact-counts data-num>
        {t('impactCounts', { valid: counts.rebound, revived: counts.revived, invalid: counts.invalid })}
      </p>
      <div className="scroll-thin max-h-96 overflow-auto rounded-card border border-line">
        <table className="w-full min-w-160 border-collapse" data-impact>
          <thead className="sticky top-0 bg-surface">
            <tr className="border-line border-b text-left text-fg3 text-meta">
              <th className="px-3 py-2 font-medium">{t('schedule')}</th>
              <th className="px-3 py-2 font-medium">{t('now')}</th>
              <th className="px-3 py-2 font-medium">{t('after')}</th>
              <th className="px-3 py-2 font-medium">{t('problem')}</th>
              <th className="px-3 py-2 font-medium">{t('nextFire')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id} className="border-line border-b align-top last:border-b-0" data-verdict={row.verdict}>
                <td className="px-3 py-2">
                  <Link
                    to="/schedules/$id"
                    params={{ id: row.id }}
                    onClick={onNavigate}
                    className="inline-flex min-h-6 items-center font-medium hover:underline"
                  >
                    {row.name}
                  </Link>
                </td>
                <td className="px-3 py-2 leading-6">
                  <Status family="schedule" value={row.previous_status} plain />
                </td>
                <td className="px-3 py-2">
                  <Status family="publish" value={row.verdict} />
                </td>
                <td className="px-3 py-2">
                  {row.violations.length > 0 ? (
                    <ul className="text-invalid text-meta">
                      {row.violations.slice(0, 4).map((violation) => (
                        <li key={violation.instance + violation.message} className="flex items-start gap-1.5">
                          <TriangleAlert size={13} aria-hidden className="mt-0.5 shrink-0" />
                          <span>
                            <code className="font-mono">{violation.instance || '/'}</code> {violation.message}
                          </span>
                        </li>
                      ))}
                      {row.violations.length > 4 && <li>+{row.violations.length - 4}</li>}
                    </ul>
                  ) : (
                    <span className="text-fg3 text-meta">{row.reason || '–'}</span>
                  )}
                </td>
                <td className="px-3 py-2">
                  {row.next_due_at ? <Time value={row.next_due_at} weekday /> : <span className="text-fg3">–</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
