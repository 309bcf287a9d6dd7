import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, newKey, type Schemas, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import { ProblemError, problemOf } from '@/api/problem';
import { queryClient, scheduleQuery, workflowQuery } from '@/api/queries';
import { useLeaveGuard } from '@/app/LeaveGuard';
import { useCan, useSession } from '@/app/session';
import { showToast } from '@/app/toasts';
import type { EditorHandle } from '@/editor/CodeEditor';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { MayNot } from '@/ui/MayNot';
import { ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { storeSchedule } from './actions';
import { Conflict } from './Conflict';
import {
  bodyOf,
  boundOf,
  emptyForm,
  errorsOf,
  type FieldErrors,
  type FieldId,
  type Form,
  fieldOf,
  formOf,
  isDirty,
  patchOf,
  sampleOf,
  timingOf,
} from './form';
import { PayloadField } from './PayloadField';
import { PolicyFields } from './PolicyFields';
import { PreviewPanel, usePreview } from './Preview';
import { TimingFields } from './SheetFields';
import { WorkflowPicker } from './WorkflowPicker';

type Props = { editId?: string; cloneId?: string; workflowId?: string; onClose: () => void };
const noErrors: FieldErrors = { fields: {}, payload: [], general: null };

export default function ScheduleSheet(props: Props) {
  const t = useTranslations('schedules.dialog');
  const a = useTranslations('schedules.actions');
  if (useCan('schedules.manage')) return <Sheet {...props} />;
  return (
    <Layer isOpen onClose={props.onClose} kind="sheet" size="lg" title={t(props.editId ? 'editTitle' : 'newTitle')}>
      <MayNot reason={a('needsPermission')} permission="schedules.manage" />
    </Layer>
  );
}

function Sheet(props: Props) {
  const t = useTranslations('schedules.dialog');
  const { tenant } = useSession();
  const sourceId = props.editId ?? props.cloneId;
  // What is edited is read anew: a list row may be a page old.
  const source = useQuery({
    ...scheduleQuery(sourceId ?? ''),
    enabled: Boolean(sourceId),
    staleTime: 0,
    gcTime: 0,
    refetchOnMount: 'always',
  });
  const [first, setFirst] = useState<{ form: Form; schedule?: Schemas['Schedule'] } | null>(
    sourceId ? null : { form: emptyForm(tenant.default_zone, props.workflowId ?? null) },
  );
  useEffect(() => {
    if (first || !source.data || source.isFetching) return;
    const form = formOf(source.data, tenant.default_zone);
    setFirst(
      props.editId
        ? { form, schedule: source.data }
        : { form: { ...form, name: t('copyOf', { name: form.name }), anchor: null } },
    );
  }, [first, source.data, source.isFetching, props.editId, tenant.default_zone, t]);
  if (first) return <Editor first={first.form} schedule={first.schedule} onClose={props.onClose} />;
  return (
    <Layer isOpen onClose={props.onClose} kind="sheet" size="lg" title={t(props.editId ? 'editTitle' : 'newTitle')}>
      {source.isError ? <ErrorPanel error={source.error} onRetry={() => void source.refetch()} /> : <Skeleton />}
    </Layer>
  );
}

function Editor({ first, schedule, onClose }: { first: Form; schedule?: Schemas['Schedule']; onClose: () => void }) {
  const t = useTranslations('schedules.dialog');
  const { tenant } = useSession();
  const navigate = useNavigate();
  const [base, setBase] = useState(first);
  const [form, setForm] = useState(first);
  const [revision, setRevision] = useState(schedule?.revision ?? 0);
  const [errors, setErrors] = useState<FieldErrors>(noErrors);
  const [saving, setSaving] = useState(false);
  const [theirs, setTheirs] = useState<Schemas['Schedule'] | null>(null);
  const editor = useRef<EditorHandle>(null);
  const body = useRef<HTMLDivElement>(null);
  const requestKey = useRef(newKey());
  const dirty = isDirty(base, form);

  const set = (change: Partial<Form>) => {
    setForm((old) => ({ ...old, ...change }));
    setErrors((old) => clearFor(old, change));
  };
  const preview = usePreview(timingOf(form), boundOf(form.start, form.zone), boundOf(form.end, form.zone));
  const timingProblem = preview.problem;
  const timingField = timingProblem ? fieldOf(timingProblem.field ?? '/timing', form.kind) : null;
  const errorAt = (field: FieldId): string | null =>
    errors.fields[field] ??
    (timingField === field && timingProblem
      ? [timingProblem.detail, timingProblem.remedy].filter(Boolean).join(' ')
      : null);

  // A first payload from the schema, as long as nobody has typed one.
  const workflow = useQuery({ ...workflowQuery(form.workflow_id ?? ''), enabled: form.workflow_id !== null });
  const suggested = useRef(first.payload);
  useEffect(() => {
    if (schedule || !workflow.data?.payload_schema) return;
    const sample = pretty(sampleOf(workflow.data.payload_schema));
    setForm((old) => {
      if (old.payload !== suggested.current) return old;
      suggested.current = sample;
      return { ...old, payload: sample };
    });
  }, [workflow.data, schedule]);

  const { close, leave, question } = useLeaveGuard(dirty, onClose, {
    title: t('discardTitle'),
    consequence: t('discardConsequence'),
    keep: t('keepEditing'),
    discard: t('discard'),
  });

  const showErrors = (next: FieldErrors) => {
    setErrors(next);
    requestAnimationFrame(() => {
      const target = body.current?.querySelector<HTMLElement>(
        '[data-problems] button, [aria-invalid="true"], [data-invalid] button, [data-form-error]',
      );
      target?.scrollIntoView({ block: 'center' });
      target?.focus();
    });
  };

  const save = async (against = revision) => {
    if (saving) return;
    const { body: request, missing } = bodyOf(form);
    if (Object.keys(missing).length > 0) {
      const fields = Object.fromEntries(Object.entries(missing).map(([field, kind]) => [field, t(`missing.${kind}`)]));
      showErrors({ ...noErrors, fields });
      return;
    }
    setSaving(true);
    try {
      const saved = schedule
        ? await take(
            api.PATCH('/api/v1/schedules/{id}', {
              params: { path: { id: schedule.id }, header: { 'If-Match': ifMatch(against) } },
              body: patchOf(base, form),
            }),
          )
        : await take(
            api.POST('/api/v1/schedules', {
              params: { header: { 'Idempotency-Key': requestKey.current } },
              body: {
                ...request,
                payload: parseExact(form.payload),
                workflow_id: form.workflow_id!,
                ...(form.paused ? { paused: true } : {}),
              },
            }),
          );
      storeSchedule(saved);
      queryClient.setQueryData(scheduleQuery(saved.id).queryKey, saved);
      if (!schedule) void queryClient.invalidateQueries({ queryKey: ['schedules', 'list'] });
      showToast({
        tone: 'success',
        title: t('saved', { name: saved.name }),
        body: (
          <>
            {saved.next_due_at && (
              <p>
                {t('nextRun')} <Time value={saved.next_due_at} weekday />
              </p>
            )}
            {saved.warnings?.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
          </>
        ),
        action: { label: t('view'), onPress: () => void navigate({ to: '/schedules/$id', params: { id: saved.id } }) },
      });
      leave();
    } catch (cause) {
      if (cause instanceof ProblemError && cause.status === 412 && schedule) {
        const current = await take(api.GET('/api/v1/schedules/{id}', { params: { path: { id: schedule.id } } })).catch(
          () => null,
        );
        if (current) {
          setTheirs(current);
          return;
        }
      }
      // The same key with a corrected request would be a conflict, so the next try gets its own.
      requestKey.current = newKey();
      showErrors(errorsOf(problemOf(cause), form.kind));
    } finally {
      setSaving(false);
    }
  };

  const title = schedule ? t('editTitle') : t('newTitle');
  if (theirs) {
    const current = formOf(theirs, tenant.default_zone);
    return (
      <>
        <Layer isOpen onClose={() => setTheirs(null)} kind="sheet" size="lg" title={title}>
          <Conflict
            mine={form}
            theirs={current}
            changedAt={theirs.updated_at}
            onMine={() => {
              setBase(current);
              setRevision(theirs.revision);
              setTheirs(null);
              void save(theirs.revision);
            }}
            onTheirs={() => {
              setBase(current);
              setForm(current);
              setRevision(theirs.revision);
              setErrors(noErrors);
              setTheirs(null);
            }}
          />
        </Layer>
        {question}
      </>
    );
  }
  return (
    <>
      <Layer
        isOpen
        onClose={close}
        kind="sheet"
        size="lg"
        title={title}
        footer={
          <>
            {!schedule && (
              <label className="mr-auto flex min-h-6 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4"
                  checked={form.paused}
                  onChange={(event) => set({ paused: event.target.checked })}
                />
                {t('createPaused')}
              </label>
            )}
            <span className="hidden text-fg3 text-meta sm:inline">Ctrl ↵</span>
            <Button onPress={close}>{t('cancel')}</Button>
            <Button tone="primary" pending={saving} onPress={() => void save()}>
              {schedule ? t('save') : t('create')}
            </Button>
          </>
        }
      >
        <div
          ref={body}
          role="group"
          aria-label={title}
          className="grid min-h-full lg:grid-cols-[1fr_320px]"
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              event.stopPropagation();
              void save();
            }
          }}
        >
          <div className="flex min-w-0 flex-col gap-5 p-5">
            {errors.general && (
              <div data-form-error tabIndex={-1} className="outline-none">
                <Notice tone="error" role="alert" icon={CircleAlert}>
                  {errors.general}
                </Notice>
              </div>
            )}
            <div className="grid gap-4 sm:grid-cols-2">
              {schedule ? (
                <div>
                  <p className="mb-1 font-medium">{t('workflow')}</p>
                  <p className="leading-8">
                    {schedule.workflow_name}{' '}
                    <span className="text-fg3">{t('workflowVersion', { version: schedule.bound_version })}</span>
                  </p>
                </div>
              ) : (
                <WorkflowPicker
                  value={form.workflow_id}
                  onChange={(id) => set({ workflow_id: id })}
                  error={errorAt('workflow_id')}
                />
              )}
              <TextInput
                label={t('name')}
                field="name"
                required
                value={form.name}
                onChange={(name) => set({ name })}
                error={errorAt('name')}
              />
              <TextInput
                label={t('description')}
                field="description"
                value={form.description}
                onChange={(description) => set({ description })}
                error={errorAt('description')}
              />
              <TextInput
                label={t('labels')}
                field="labels"
                value={form.labels}
                onChange={(labels) => set({ labels })}
                hint={t('labelsHint')}
                error={errorAt('labels')}
              />
            </div>
            <TimingFields
              form={form}
              set={set}
              errorAt={errorAt}
              foldAsked={(timingProblem?.code ?? '').includes('AMBIGUOUS') || form.fold !== ''}
            />
            <div className="lg:hidden">
              <div className="rounded-card border border-line bg-app p-4">
                <PreviewPanel {...preview} kind={form.kind} />
              </div>
            </div>
            <section aria-labelledby="payload-title" className="border-line border-t pt-4">
              <h3 id="payload-title" className="mb-2 font-semibold text-section">
                {t('payload')}
              </h3>
              <PayloadField
                workflowId={form.workflow_id}
                value={form.payload}
                onChange={(payload) => set({ payload })}
                violations={errors.payload}
                error={errorAt('payload')}
                editor={editor}
                label={t('payload')}
              />
            </section>
            <PolicyFields form={form} set={set} errorAt={errorAt} />
          </div>
          <aside className="hidden border-line border-l bg-app lg:block">
            <div className="sticky top-0 p-5">
              <PreviewPanel {...preview} kind={form.kind} />
            </div>
          </aside>
        </div>
      </Layer>
      {question}
    </>
  );
}

const formFields: Partial<Record<keyof Form, FieldId[]>> = {
  cron: ['cron'],
  zone: ['zone', 'run_at'],
  runAt: ['run_at'],
  fold: ['run_at'],
  every: ['every'],
  unit: ['every'],
  start: ['start_at'],
  end: ['end_at'],
  maxRuns: ['max_runs'],
  jitter: ['jitter_seconds'],
  // The hub judges some of them together, so a change of one may cure another.
  missed: ['missed_policy', 'catch_up_count'],
  catchUpCount: ['catch_up_count'],
  catchUpWindow: ['catch_up_window'],
  catchUpUnit: ['catch_up_window'],
  overlap: ['overlap_policy', 'catch_up_count', 'overlap_limit'],
  scope: ['overlap_scope', 'overlap_key'],
  key: ['overlap_key'],
  limit: ['overlap_limit'],
  deadline: ['overlap_deadline'],
  holdAfter: ['hold_after_failures'],
  timeout: ['timeout_seconds'],
  timeoutUnit: ['timeout_seconds'],
  retryMax: ['retry_max'],
  retryDelay: ['retry_delay'],
  payload: ['payload', 'overlap_key'],
  kind: ['cron', 'run_at', 'every', 'kind'],
};

/** Touching a control takes its old complaint away; the server will repeat it if it still holds. */
function clearFor(errors: FieldErrors, change: Partial<Form>): FieldErrors {
  const fields = { ...errors.fields };
  for (const key of Object.keys(change) as (keyof Form)[])
    for (const field of formFields[key] ?? [key as FieldId]) delete fields[field];
  return { fields, payload: 'payload' in change ? [] : errors.payload, general: null };
}
