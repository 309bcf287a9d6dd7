import { useTranslations } from 'use-intl';
import { Segmented, SelectInput, TextInput } from '@/ui/Field';
import { CronField } from './CronField';
import type { FieldId, Form, Kind } from './form';
import { UNITS } from './policies';
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
