import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { intlLocale } from '@/time/format';
import { cx } from '@/ui/cx';
import { Segmented, SelectInput, TextInput } from '@/ui/Field';
import { Notice } from '@/ui/States';
import {
  type Builder,
  FIELD_NAMES,
  FIELD_RANGE,
  type FieldName,
  type FieldSpec,
  fromCron,
  hintsOf,
  toCron,
} from './cron/builder';
import {
  MINUTE_STEPS,
  PRESET_IDS,
  type Preset,
  type PresetId,
  presetFromCron,
  presetToCron,
  switchPreset,
} from './cron/presets';

type Mode = 'presets' | 'builder' | 'cron';

/** Names of weekdays (0 = Sunday) and months (1…12) in the reader's language. */
function useCalendarNames() {
  const locale = intlLocale(useLocale());
  const day = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  const month = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' });
  return {
    day: (index: number) => day.format(Date.UTC(2023, 0, 1 + index)),
    month: (index: number) => month.format(Date.UTC(2023, index - 1, 1)),
  };
}

function Days({ values, onChange, label }: { values: number[]; onChange: (values: number[]) => void; label: string }) {
  const names = useCalendarNames();
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{label}</legend>
      {[1, 2, 3, 4, 5, 6, 0].map((day) => (
        <Toggle
          key={day}
          on={values.includes(day)}
          label={names.day(day)}
          onChange={(on) => onChange(on ? [...values, day] : values.filter((each) => each !== day))}
        />
      ))}
    </fieldset>
  );
}

function Toggle({ on, label, onChange }: { on: boolean; label: string; onChange: (on: boolean) => void }) {
  return (
    <label
      className={cx(
        'relative inline-flex h-7 min-w-9 cursor-pointer items-center justify-center rounded-chip border px-1.5 text-meta has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus',
        on ? 'border-transparent bg-solid font-medium text-white' : 'border-line bg-surface text-fg2 hover:bg-hover',
      )}
      data-num
    >
      <input type="checkbox" className="sr-only" checked={on} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

function Presets({ cron, onChange }: { cron: string; onChange: (cron: string) => void }) {
  const t = useTranslations('schedules.cron');
  const preset = presetFromCron(cron);
  const put = (next: Preset) => onChange(presetToCron(next));
  return (
    <div className="flex flex-wrap items-end gap-3">
      <SelectInput
        label={t('repeat')}
        className="w-48"
        placeholder={t('custom')}
        value={preset?.id ?? null}
        onChange={(id: PresetId) => put(switchPreset(id, preset))}
        options={PRESET_IDS.map((id) => ({ id, label: t(`preset.${id}`) }))}
      />
      {preset?.id === 'minutes' && (
        <SelectInput
          label={t('every')}
          className="w-36"
          value={String(preset.every)}
          onChange={(value) => put({ id: 'minutes', every: Number(value) })}
          options={MINUTE_STEPS.map((step) => ({ id: String(step), label: t('minutes', { count: step }) }))}
        />
      )}
      {preset?.id === 'hourly' && (
        <NumberBox
          label={t('atMinute')}
          value={preset.minute}
          min={0}
          max={59}
          onChange={(minute) => put({ id: 'hourly', minute })}
        />
      )}
      {preset && 'day' in preset && (
        <NumberBox
          label={t('dayOfMonth')}
          value={preset.day}
          min={1}
          max={31}
          onChange={(day) => put({ ...preset, day })}
        />
      )}
      {preset?.id === 'weekly' && (
        <div>
          <p className="mb-1 font-medium">{t('onDays')}</p>
          <Days
            label={t('onDays')}
            values={preset.days}
            onChange={(days) => days.length > 0 && put({ ...preset, days })}
          />
        </div>
      )}
      {preset && 'time' in preset && (
        <TimeBox label={t('at')} value={preset.time} onChange={(time) => put({ ...preset, time })} />
      )}
      {!preset && <p className="pb-1.5 text-fg2">{t('customHelp')}</p>}
    </div>
  );
}

/** 24 hours in every language: the browser's own time field would follow the machine instead of the page. */
function TimeBox({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const put = (next: string) => {
    setText(next);
    const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(next.trim());
    if (match) onChange(`${match[1]!.padStart(2, '0')}:${match[2]}`);
  };
  return (
    <TextInput
      label={label}
      mono
      className="w-24"
      value={text}
      onChange={put}
      onBlur={() => setText(value)}
      placeholder="09:00"
    />
  );
}

function NumberBox({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}) {
  const put = (text: string) => {
    const number = Number(text);
    if (text !== '' && Number.isInteger(number) && number >= min && number <= max) onChange(number);
  };
  return (
    <TextInput label={label} type="number" className="w-28" value={String(value)} onChange={put} min={min} max={max} />
  );
}

const steps: Record<FieldName, number[]> = {
  minute: [2, 5, 10, 15, 20, 30],
  hour: [2, 3, 4, 6, 8, 12],
  dom: [2, 3, 5, 7, 10, 15],
  month: [2, 3, 4, 6],
  dow: [2, 3],
};

function BuilderField({
  name,
  spec,
  onChange,
}: {
  name: FieldName;
  spec: FieldSpec;
  onChange: (spec: FieldSpec) => void;
}) {
  const t = useTranslations('schedules.cron');
  const names = useCalendarNames();
  const { min, max } = FIELD_RANGE[name];
  const modes: FieldSpec['mode'][] = name === 'dom' ? ['any', 'list', 'every', 'last'] : ['any', 'list', 'every'];
  const offered =
    spec.mode === 'every' && !steps[name].includes(spec.step)
      ? [...steps[name], spec.step].sort((a, b) => a - b)
      : steps[name];
  const start = (mode: FieldSpec['mode']): FieldSpec =>
    mode === 'every'
      ? { mode, step: steps[name][0]! }
      : mode === 'list'
        ? { mode, values: [name === 'hour' ? 9 : min] }
        : { mode };
  const text = (value: number) =>
    name === 'dow'
      ? names.day(value)
      : name === 'month'
        ? names.month(value)
        : String(value).padStart(name === 'dom' ? 1 : 2, '0');
  return (
    <div className="grid gap-2 border-line border-b py-2.5 last:border-b-0 sm:grid-cols-[8rem_9rem_1fr]">
      <p className="font-medium leading-8">{t(`field.${name}`)}</p>
      <SelectInput
        hideLabel
        label={t('modeOf', { field: t(`field.${name}`) })}
        value={spec.mode}
        onChange={(mode) => onChange(start(mode))}
        options={modes.map((mode) => ({ id: mode, label: t(`modes.${mode}`) }))}
      />
      {spec.mode === 'every' && (
        <SelectInput
          hideLabel
          label={t('stepOf', { field: t(`field.${name}`) })}
          className="w-28"
          value={String(spec.step)}
          onChange={(value) => onChange({ mode: 'every', step: Number(value) })}
          options={offered.map((step) => ({ id: String(step), label: String(step) }))}
        />
      )}
      {spec.mode === 'list' && (
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">{t(`field.${name}`)}</legend>
          {Array.from({ length: max - min + 1 }, (_, index) => min + index).map((value) => (
            <Toggle
              key={value}
              label={text(value)}
              on={spec.values.includes(value)}
              onChange={(on) => {
                const values = on ? [...spec.values, value] : spec.values.filter((each) => each !== value);
                if (values.length > 0) onChange({ mode: 'list', values });
              }}
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}

export function CronField({
  cron,
  onChange,
  error,
}: {
  cron: string;
  onChange: (cron: string) => void;
  error?: string | null;
}) {
  const t = useTranslations('schedules.cron');
  const builder: Builder | null = fromCron(cron);
  const [mode, setMode] = useState<Mode>(() => (presetFromCron(cron) ? 'presets' : builder ? 'builder' : 'cron'));
  const hints = hintsOf(cron);
  return (
    <div className="flex flex-col gap-3" data-field="cron">
      <Segmented
        label={t('mode')}
        value={mode}
        onChange={setMode}
        options={[
          { id: 'presets', label: t('presets') },
          { id: 'builder', label: t('builder'), disabled: !builder },
          { id: 'cron', label: t('raw') },
        ]}
      />
      {mode === 'presets' && <Presets cron={cron} onChange={onChange} />}
      {mode === 'builder' &&
        (builder ? (
          <div className="rounded-card border border-line px-3">
            {FIELD_NAMES.map((name) => (
              <BuilderField
                key={name}
                name={name}
                spec={builder[name]}
                onChange={(spec) => onChange(toCron({ ...builder, [name]: spec }))}
              />
            ))}
          </div>
        ) : (
          <p className="text-fg2">{t('customHelp')}</p>
        ))}
      {mode === 'cron' ? (
        <TextInput
          label={t('expression')}
          mono
          value={cron}
          onChange={onChange}
          error={error}
          hint={t('expressionHint')}
          placeholder="0 9 * * 1-5"
        />
      ) : (
        <p className="text-fg3 text-meta">
          {t('expression')}: <code className="font-mono text-fg2">{cron}</code>
          {error && <span className="block text-failed">{error}</span>}
        </p>
      )}
      {hints.map((hint) => (
        <Notice key={hint.key} tone="warning">
          {hint.key === 'skippedMonths'
            ? t('hint.skippedMonths', { day: hint.day, months: hint.months })
            : t(`hint.${hint.key}`)}
        </Notice>
      ))}
    </div>
  );
}
