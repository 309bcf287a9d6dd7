import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Segmented, SelectInput, TextInput } from '@/ui/Field';
import { CronField } from './CronField';
import type { FieldId, Form, Kind } from './form';
import { MISSED, OVERLAP, PRIORITIES, UNITS } from './policies';
import { KindIcon } from './TimingCell';
import { ZoneField } from './ZoneField';

type Props = { form: Form; set: (change: Partial<Form>) => void; errorAt: (field: FieldId) => string | null };
const kinds: Kind[] = ['cron', 'once', 'interval', 'manual'];

export function TimingFields({ form, set, errorAt, foldAsked }: Props & { foldAsked: boolean }) {
  const t = useTranslations('schedules.dialog');
  const kindName = useTranslations('schedules.kind');
  return (
    <section aria-labelledby="timing-title" className="flex flex-col gap-3 border-line border-t pt-4">
      <h3 id="timing-title" className="font-semibold text-section">
        {t('timing')}
      </h3>
      <Segmented
        label={t('kind')}
        value={form.kind}
        onChange={(kind) => set({ kind })}
        options={kinds.map((id) => ({ id, label: kindName(id), icon: <KindIcon kind={id} /> }))}
      />
      {form.kind === 'cron' && (
        <CronField cron={form.cron} onChange={(cron) => set({ cron })} error={errorAt('cron')} />
      )}
      {form.kind === 'once' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextInput
            label={t('runAt')}
            field="run_at"
            type="datetime-local"
            step={1}
            required
            value={form.runAt}
            onChange={(runAt) => set({ runAt, fold: '' })}
            error={errorAt('run_at')}
          />
          {foldAsked && (
            <SelectInput
              label={t('fold')}
              value={form.fold || null}
              placeholder={t('foldChoose')}
              onChange={(fold) => set({ fold })}
              options={[
                { id: 'earlier', label: t('foldEarlier') },
                { id: 'later', label: t('foldLater') },
              ]}
            />
          )}
        </div>
      )}
      {form.kind === 'interval' && (
        <div className="flex flex-wrap items-start gap-3">
          <TextInput
            label={t('every')}
            field="every"
            type="number"
            min={1}
            className="w-28"
            required
            value={form.every}
            onChange={(every) => set({ every, anchor: form.anchor })}
            error={errorAt('every')}
          />
          <SelectInput
            label={t('unit')}
            className="w-36"
            value={form.unit}
            onChange={(unit) => set({ unit })}
            options={UNITS.map((id) => ({ id, label: t(`units.${id}`) }))}
          />
        </div>
      )}
      {form.kind === 'manual' && <p className="text-fg2">{t('manualHelp')}</p>}
      {(form.kind === 'cron' || form.kind === 'once') && (
        <div className="max-w-sm">
          <ZoneField value={form.zone} onChange={(zone) => set({ zone })} error={errorAt('zone')} />
        </div>
      )}
    </section>
  );
}

export function PolicyFields({ form, set, errorAt }: Props) {
  const t = useTranslations('schedules.dialog');
  const summary = [
    t(`missedOption.${form.missed}`),
    t(`overlapOption.${form.overlap}`),
    form.maxRuns && t('maxRunsShort', { count: Number(form.maxRuns) || 0 }),
    form.priority !== 'normal' && t(`priorityOption.${form.priority}`),
  ].filter(Boolean);
  const wrong = (
    ['start_at', 'end_at', 'max_runs', 'jitter_seconds', 'missed_policy', 'overlap_policy', 'priority'] as const
  ).some((field) => errorAt(field));
  return (
    <details className="group border-line border-t pt-3" open={wrong || undefined}>
      <summary className="flex min-h-8 cursor-pointer list-none items-center gap-2">
        <ChevronRight size={15} aria-hidden className="shrink-0 text-fg3 transition-transform group-open:rotate-90" />
        <span className="font-semibold text-section">{t('policies')}</span>
        <span className="truncate text-fg3 text-meta group-open:hidden">{summary.join(' · ')}</span>
      </summary>
      <div className="grid gap-4 pt-3 sm:grid-cols-2">
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
        <TextInput
          label={t('maxRuns')}
          field="max_runs"
          type="number"
          min={1}
          value={form.maxRuns}
          onChange={(maxRuns) => set({ maxRuns })}
          error={errorAt('max_runs')}
          placeholder={t('unlimited')}
        />
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
        <SelectInput
          label={t('missed')}
          field="missed_policy"
          value={form.missed}
          onChange={(missed) => set({ missed })}
          options={MISSED.map((id) => ({ id, label: t(`missedOption.${id}`) }))}
          error={errorAt('missed_policy')}
        />
        <SelectInput
          label={t('overlap')}
          field="overlap_policy"
          value={form.overlap}
          onChange={(overlap) => set({ overlap })}
          options={OVERLAP.map((id) => ({ id, label: t(`overlapOption.${id}`) }))}
          error={errorAt('overlap_policy')}
        />
        <SelectInput
          label={t('priority')}
          field="priority"
          value={form.priority}
          onChange={(priority) => set({ priority })}
          options={PRIORITIES.map((id) => ({ id, label: t(`priorityOption.${id}`) }))}
          error={errorAt('priority')}
        />
      </div>
    </details>
  );
}
