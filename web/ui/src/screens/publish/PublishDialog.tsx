import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { draftQuery, queryClient } from '@/api/queries';
import { useSubmit } from '@/app/FormLayer';
import { problemText, toastError } from '@/app/toasts';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { SchemaChanges } from '@/ui/SchemaChanges';
import { Notice, Skeleton } from '@/ui/States';
import { FixSheet } from './FixSheet';
import { ImpactTable } from './ImpactTable';
import { useLines } from './lines';
import { MigrationEditor } from './MigrationEditor';
import {
  changesOf,
  noInputs,
  type Plan,
  type PublishInputs,
  staleFixOf,
  suggestionsOf,
  type Verdict,
  type VerdictName,
} from './model';
import { AtRisk, ProblemNotice, SetAside } from './notices';
import { Progress } from './Progress';
import { PublishResult } from './PublishResult';
import { usePlan } from './plan';

type Props = {
  workflow: Schemas['WorkflowSummary'];
  draftRevision?: number;
  inputs: PublishInputs;
  onInputs: (inputs: PublishInputs) => void;
  onClose: () => void;
};

/** What a publish does to every schedule before it happens, what can be done about it, and what it has done. */
export default function PublishDialog(props: Props) {
  const [result, setResult] = useState<Plan | null>(null);
  if (result) return <PublishResult {...props} result={result} />;
  return <Planning {...props} onPublished={setResult} />;
}

function Planning({
  workflow,
  draftRevision,
  inputs,
  onInputs,
  onClose,
  onPublished,
}: Props & { onPublished: (result: Plan) => void }) {
  const t = useTranslations('publish');
  const common = useTranslations('common');
  const [revision, setRevision] = useState(draftRevision);
  const [understood, setUnderstood] = useState(false);
  const [editing, setEditing] = useState<Verdict | null>(null);
  const [verdict, setVerdict] = useState<VerdictName | 'all'>('all');
  const [overtaken, setOvertaken] = useState<string | null>(null);
  const { pending, problem, submit } = useSubmit();
  const planning = usePlan(workflow.id, revision, inputs);
  const { plan } = planning;
  const breaks = plan?.counts.invalid ?? 0;
  const version = plan?.version ?? (workflow.latest_version ?? 0) + 1;
  const set = (part: Partial<PublishInputs>) => onInputs({ ...inputs, ...part });
  const setFix = (id: string, fix: PublishInputs['fixes'][string] | null) => {
    const { [id]: _, ...others } = inputs.fixes;
    set({ fixes: fix ? { ...others, [id]: fix } : others });
  };
  const unfit = plan?.schedules.filter(
    (line) => inputs.fixes[line.id]?.ready && (line.verdict === 'invalid' || line.verdict === 'still_invalid'),
  );
  const changing = Boolean(changesOf(inputs).migration ?? changesOf(inputs).payload_fixes);

  // A schedule went on under its correction: that is set aside with what was typed, and the rest planned again.
  const staleFix = staleFixOf(planning.problem);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each schedule the server names.
  useEffect(() => {
    const fix = staleFix ? inputs.fixes[staleFix] : undefined;
    if (staleFix && fix && !fix.stale) setFix(staleFix, { ...fix, stale: true });
  }, [staleFix]);
  const aside = Object.entries(inputs.fixes).filter(([, fix]) => fix.stale);

  const publish = async () => {
    setOvertaken(null);
    const refused = await submit(async (key) => {
      const answer = await take(
        api.POST('/api/v1/workflows/{id}/publish', {
          params: { path: { id: workflow.id }, header: { 'Idempotency-Key': key } },
          body: {
            ...planning.body,
            ...(inputs.note.trim() ? { note: inputs.note.trim() } : {}),
            ...(plan?.plan_hash ? { plan_hash: plan.plan_hash } : {}),
          },
        }),
      );
      onPublished(answer);
      onInputs(noInputs);
      void queryClient.invalidateQueries({ queryKey: ['workflows'] });
      void queryClient.invalidateQueries({ queryKey: ['schedules'] });
    });
    if (refused?.code !== 'PLAN_STALE' && refused?.code !== 'FIX_STALE') return;
    // What was typed stays; the reader sees what changed and decides again.
    setOvertaken(refused.detail);
    setUnderstood(false);
    planning.again();
  };

  const takeDraft = async () => {
    try {
      const draft = await queryClient.fetchQuery({ ...draftQuery(workflow.id), staleTime: 0 });
      setRevision(draft.revision);
    } catch (cause) {
      toastError(t('draftUnread'), cause);
    }
  };

  const waiting = planning.problem
    ? problemText(planning.problem)
    : !planning.current
      ? common('loading')
      : unfit && unfit.length > 0
        ? t('fixDoesNotFit', { name: unfit[0]!.name })
        : breaks > 0 && !understood
          ? t('understand', { count: breaks })
          : null;
  return (
    <Layer
      isOpen
      onClose={pending ? () => undefined : onClose}
      size="lg"
      title={t('title', { name: workflow.name })}
      footer={
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
          <Button onPress={onClose} disabledReason={pending ? t('publishing') : null}>
            {common('cancel')}
          </Button>
          <Button
            tone="primary"
            pending={pending}
            disabledReason={pending ? null : waiting}
            onPress={() => void publish()}
          >
            {t('confirm', { version })}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5 p-5">
        {overtaken && (
          <Notice tone="warning" role="alert" title={t('overtaken')}>
            {overtaken} {t('overtakenHelp')}
          </Notice>
        )}
        {problem && !overtaken && <ProblemNotice problem={problem} />}
        <SetAside fixes={aside} onDiscard={(id) => setFix(id, null)} />
        <TextInput
          label={t('note')}
          value={inputs.note}
          onChange={(note) => set({ note })}
          hint={t('noteHint')}
          autoFocus
        />
        {pending && <Progress workflowId={workflow.id} publishing />}
        {!plan && !planning.problem && (
          <>
            <Progress workflowId={workflow.id} publishing={false} />
            <Skeleton rows={3} className="p-0" />
          </>
        )}
        {planning.problem && !planning.problem.code.startsWith('MIGRATION') && !staleFix && (
          <ProblemNotice problem={planning.problem}>
            {planning.problem.code === 'DRAFT_CHANGED' && (
              <Button size="sm" className="mt-2" onPress={() => void takeDraft()}>
                {t('takeDraft')}
              </Button>
            )}
          </ProblemNotice>
        )}
        {plan && (
          <>
            <section>
              <h3 className="mb-2 font-semibold text-section">{t('schemaChanges')}</h3>
              <SchemaChanges changes={plan.schema_changes ?? []} />
            </section>
            {(breaks > 0 || plan.counts.still_invalid > 0 || changing || inputs.operations.length > 0) && (
              <section>
                <h3 className="mb-1 font-semibold text-section">{t('migration')}</h3>
                <MigrationEditor
                  operations={inputs.operations}
                  onChange={(operations) => set({ operations })}
                  suggestions={suggestionsOf(plan.schema_changes ?? [])}
                  problem={planning.problem}
                />
              </section>
            )}
            <section
              aria-busy={planning.asking}
              className={planning.asking || planning.problem ? 'opacity-60' : undefined}
              data-plan={planning.current ? 'current' : 'asking'}
            >
              <h3 className="mb-2 font-semibold text-section">{t('impact')}</h3>
              {planning.asking && <Progress workflowId={workflow.id} publishing={false} />}
              <p role="status" className="mb-2 text-fg2" data-num>
                {t('counts', {
                  valid: plan.counts.rebound,
                  revived: plan.counts.revived,
                  invalid: plan.counts.invalid,
                })}
                {changing && ` · ${t('payloadsChanged', { count: plan.payloads_changed ?? 0 })}`}
              </p>
              <AtRisk plan={plan} />
              <PlannedLines
                key={plan.plan_hash}
                plan={plan}
                page={planning.page}
                inputs={inputs}
                verdict={verdict}
                onVerdict={setVerdict}
                onEdit={setEditing}
                onNavigate={onClose}
              />
            </section>
          </>
        )}
      </div>
      {editing && plan && (
        <FixSheet
          workflowId={workflow.id}
          line={editing}
          fix={inputs.fixes[editing.id]}
          migration={planning.body.migration}
          schema={plan.payload_schema}
          onChange={(fix) => setFix(editing.id, fix)}
          onClose={() => setEditing(null)}
        />
      )}
    </Layer>
  );
}

function PlannedLines({
  plan,
  page,
  inputs,
  verdict: chosen,
  onVerdict,
  onEdit,
  onNavigate,
}: {
  plan: Plan;
  page: ReturnType<typeof usePlan>['page'];
  inputs: PublishInputs;
  verdict: VerdictName | 'all';
  onVerdict: (verdict: VerdictName | 'all') => void;
  onEdit: (line: Verdict) => void;
  onNavigate: () => void;
}) {
  // The last of its kind may have been corrected.
  const verdict = chosen !== 'all' && plan.counts[chosen] === 0 ? 'all' : chosen;
  const first = { items: plan.schedules, next: plan.next_cursor };
  const lines = useLines(['workflows', 'plan', plan.plan_hash], first, verdict, page);
  return (
    <ImpactTable
      counts={plan.counts}
      verdict={verdict}
      onVerdict={onVerdict}
      lines={lines}
      planned
      // Without a payload schema no payload would help.
      fixes={plan.payload_schema ? { of: (id) => inputs.fixes[id], onEdit } : undefined}
      onNavigate={onNavigate}
    />
  );
}
