import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Choices } from '@/ui/Choices';
import { SelectInput, TextInput } from '@/ui/Field';
import { type FieldId, type Form, goesOn } from './form';
import { isDefault, MISSED, OVERLAP, POLICY_FIELDS, PRIORITIES, SCOPES, UNITS, type Unit } from './policies';

type Props = { form: Form; set: (change: Partial<Form>) => void; errorAt: (field: FieldId) => string | null };

/** Everything that has a good default. Closed as long as all of it stands at that default. */
export function PolicyFields({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  const fields: FieldId[] = ['start_at', 'end_at', 'max_runs', 'jitter_seconds', ...POLICY_FIELDS];
  const wrong = fields.some((field) => errorAt(field));
  const [open, setOpen] = useState(!isDefault(form));
  if (wrong && !open) setOpen(true);
  const summary = [
    form.missed !== 'skip' && t(`missedOption.${form.missed}`),
    form.overlap !== 'skip' && t(`overlapOption.${form.overlap}`),
    form.maxRuns && t('maxRunsShort', { count: Number(form.maxRuns) || 0 }),
    form.priority !== 'normal' && t(`priorityOption.${form.priority}`),
  ].filter(Boolean);
  return (
    <details
      className="group border-line border-t pt-3"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="flex min-h-8 cursor-pointer list-none items-center gap-2">
        <ChevronRight size={15} aria-hidden className="shrink-0 text-fg3 transition-transform group-open:rotate-90" />
        <span className="font-semibold text-section">{t('policies')}</span>
        <span className="min-w-0 truncate text-fg3 text-meta group-open:hidden">
          {summary.length > 0 ? summary.join(' · ') : t('policiesDefault')}
        </span>
      </summary>
      {open && (
        <div className="flex flex-col gap-5 pt-3">
          <BoundFields form={form} set={set} errorAt={errorAt} />
          <Missed form={form} set={set} errorAt={errorAt} />
          <Overlap form={form} set={set} errorAt={errorAt} />
          <RunFields form={form} set={set} errorAt={errorAt} />
        </div>
      )}
    </details>
  );
}

function BoundFields({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {form.kind !== 'manual' && (
        <>
          <TextInput
            label={t('startAt')}
            field="start_at"
            type="datetime-local"
            value={form.start}
            onChange={(start) => set({ start })}
            error={errorAt('start_at')}
            hint={form.zone}
          />
          <TextInput
            label={t('endAt')}
            field="end_at"
            type="datetime-local"
            value={form.end}
            onChange={(end) => set({ end })}
            error={errorAt('end_at')}
            hint={form.zone}
          />
        </>
      )}
      {goesOn(form.kind) && (
        <TextInput
          label={t('maxRuns')}
          field="max_runs"
          type="number"
          min={1}
          value={form.maxRuns}
          onChange={(maxRuns) => set({ maxRuns })}
          error={errorAt('max_runs')}
          hint={t('maxRunsHint')}
          placeholder={t('unlimited')}
        />
      )}
      <TextInput
        label={t('jitter')}
        field="jitter_seconds"
        type="number"
        min={0}
        max={86400}
        value={form.jitter}
        onChange={(jitter) => set({ jitter })}
        error={errorAt('jitter_seconds')}
        hint={t('jitterHint')}
        placeholder="0"
      />
    </div>
  );
}

function Missed({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  const catchUp = (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextInput
        label={t('catchUpCount')}
        field="catch_up_count"
        type="number"
        min={1}
        max={1000}
        required
        value={form.catchUpCount}
        onChange={(catchUpCount) => set({ catchUpCount })}
        error={errorAt('catch_up_count')}
        hint={form.catchUpCount.trim() === '1' ? t('catchUpLatest') : t('catchUpMany')}
      />
      <AmountInput
        label={t('catchUpWindow')}
        field="catch_up_window"
        amount={form.catchUpWindow}
        unit={form.catchUpUnit}
        onChange={(catchUpWindow, catchUpUnit) => set({ catchUpWindow, catchUpUnit })}
        error={errorAt('catch_up_window')}
        hint={t('catchUpWindowHint')}
        required
      />
    </div>
  );
  return (
    <Choices
      label={t('missed')}
      field="missed_policy"
      value={form.missed}
      onChange={(missed) => set({ missed })}
      error={errorAt('missed_policy')}
      options={MISSED.map((id) => ({
        id,
        label: t(`missedOption.${id}`),
        detail: t(`missedHelp.${id}`),
        below: id === 'catchup' ? catchUp : undefined,
      }))}
    />
  );
}

function Overlap({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  const limit = (label: string, hint: string, placeholder: string) => (
    <TextInput
      label={label}
      field="overlap_limit"
      type="number"
      min={0}
      max={10000}
      className="max-w-64"
      value={form.limit}
      onChange={(value) => set({ limit: value })}
      error={errorAt('overlap_limit')}
      hint={hint}
      placeholder={placeholder}
    />
  );
  const below: Partial<Record<Form['overlap'], ReactNode>> = {
    allow: limit(t('allowLimit'), t('allowLimitHint'), t('unlimited')),
    buffer_all: limit(t('bufferLimit'), t('bufferLimitHint'), '100'),
    cancel_other: (
      <TextInput
        label={t('deadline')}
        field="overlap_deadline"
        type="number"
        min={1}
        max={86400}
        className="max-w-64"
        value={form.deadline}
        onChange={(deadline) => set({ deadline })}
        error={errorAt('overlap_deadline')}
        hint={t('deadlineHint')}
      />
    ),
  };
  return (
    <div className="flex flex-col gap-3">
      <Choices
        label={t('overlap')}
        field="overlap_policy"
        value={form.overlap}
        onChange={(overlap) => set({ overlap })}
        error={errorAt('overlap_policy')}
        options={OVERLAP.map((id) => ({
          id,
          label: t(`overlapOption.${id}`),
          detail: t(`overlapHelp.${id}`),
          below: below[id],
        }))}
      />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectInput
          label={t('scope')}
          field="overlap_scope"
          value={form.scope}
          onChange={(scope) => set({ scope })}
          options={SCOPES.map((id) => ({ id, label: t(`scopeOption.${id}`) }))}
          error={errorAt('overlap_scope')}
          hint={t(`scopeHelp.${form.scope}`)}
        />
        {form.scope === 'key' && (
          <TextInput
            label={t('key')}
            field="overlap_key"
            mono
            required
            value={form.key}
            onChange={(key) => set({ key })}
            error={errorAt('overlap_key')}
            hint={t('keyHint')}
            placeholder=".customer.id"
          />
        )}
      </div>
    </div>
  );
}

function RunFields({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-medium">{t('runs')}</legend>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectInput
          label={t('priority')}
          field="priority"
          value={form.priority}
          onChange={(priority) => set({ priority })}
          options={PRIORITIES.map((id) => ({ id, label: t(`priorityOption.${id}`) }))}
          error={errorAt('priority')}
          hint={t('priorityHint')}
        />
        <AmountInput
          label={t('timeout')}
          field="timeout_seconds"
          amount={form.timeout}
          unit={form.timeoutUnit}
          onChange={(timeout, timeoutUnit) => set({ timeout, timeoutUnit })}
          error={errorAt('timeout_seconds')}
          hint={t('timeoutHint')}
          placeholder={t('timeoutDefault')}
        />
        <TextInput
          label={t('retryMax')}
          field="retry_max"
          type="number"
          min={0}
          max={20}
          value={form.retryMax}
          onChange={(retryMax) => set({ retryMax })}
          error={errorAt('retry_max')}
          hint={t('retryMaxHint')}
          placeholder="0"
        />
        {(Number(form.retryMax) > 0 || errorAt('retry_delay')) && (
          <TextInput
            label={t('retryDelay')}
            field="retry_delay"
            type="number"
            min={1}
            max={3600}
            value={form.retryDelay}
            onChange={(retryDelay) => set({ retryDelay })}
            error={errorAt('retry_delay')}
            hint={t('retryDelayHint')}
          />
        )}
        <TextInput
          label={t('holdAfter')}
          field="hold_after_failures"
          type="number"
          min={1}
          max={1000}
          value={form.holdAfter}
          onChange={(holdAfter) => set({ holdAfter })}
          error={errorAt('hold_after_failures')}
          hint={t('holdAfterHint')}
          placeholder={t('holdNever')}
        />
      </div>
    </fieldset>
  );
}

/** A length of time as an amount and its unit. */
function AmountInput({
  label,
  field,
  amount,
  unit,
  onChange,
  error,
  hint,
  placeholder,
  required,
}: {
  label: string;
  field: FieldId;
  amount: string;
  unit: Unit;
  onChange: (amount: string, unit: Unit) => void;
  error: string | null;
  hint: string;
  placeholder?: string;
  required?: boolean;
}) {
  const t = useTranslations('schedules.dialog');
  return (
    <div className="flex items-start gap-2">
      <TextInput
        label={label}
        field={field}
        type="number"
        min={1}
        className="min-w-0 flex-1"
        required={required}
        value={amount}
        onChange={(next) => onChange(next, unit)}
        error={error}
        hint={hint}
        placeholder={placeholder}
      />
      <SelectInput
        label={t('unitOf', { field: label })}
        hideLabel
        className="mt-6 w-28 shrink-0"
        value={unit}
        onChange={(next) => onChange(amount, next)}
        options={UNITS.map((id) => ({ id, label: t(`units.${id}`) }))}
      />
    </div>
  );
}
