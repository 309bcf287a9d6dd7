import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { browserZone, localToInstant } from '@/time/format';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';

type Choice = NonNullable<Schemas['ResumeRequest']['passed_one_time']>;
const choices: Choice[] = ['run_now', 'reschedule', 'expire'];

/** The time of a one-time schedule passed while it was paused: what now is a person's decision. */
export default function ResumePassedDialog({
  schedule,
  onClose,
  onChoose,
}: {
  schedule: Schemas['ScheduleSummary'];
  onClose: () => void;
  onChoose: (body: Schemas['ResumeRequest']) => Promise<boolean>;
}) {
  const t = useTranslations('schedules.passed');
  const [choice, setChoice] = useState<Choice>('run_now');
  const [at, setAt] = useState('');
  const [pending, setPending] = useState(false);
  const zone = browserZone();
  const confirm = async () => {
    const runAt = choice === 'reschedule' ? localToInstant(at, zone)?.toISOString() : undefined;
    if (choice === 'reschedule' && !runAt) return;
    setPending(true);
    await onChoose({ passed_one_time: choice, ...(runAt ? { run_at: runAt } : {}) });
    setPending(false);
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={t('title', { name: schedule.name })}
      footer={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button tone="primary" pending={pending} onPress={() => void confirm()}>
            {t('confirm')}
          </Button>
        </>
      }
    >
      <fieldset className="flex flex-col gap-2 p-5">
        <legend className="sr-only">{t('question')}</legend>
        <p className="mb-1 text-fg2">{t('question')}</p>
        {choices.map((each) => (
          <label key={each} className="flex min-h-6 items-center gap-2">
            <input
              type="radio"
              name="passed"
              className="size-4"
              checked={choice === each}
              onChange={() => setChoice(each)}
            />
            {t(`choice.${each}`)}
          </label>
        ))}
        {choice === 'reschedule' && (
          <TextInput label={t('newTime')} type="datetime-local" required value={at} onChange={setAt} hint={zone} />
        )}
      </fieldset>
    </Layer>
  );
}
