import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import type { Violation } from '@/api/problem';
import { queryClient, scheduleQuery } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { showToast } from '@/app/toasts';
import { useRunWatch } from '@/app/watch-run';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor } from '@/editor/JsonEditor';
import { syntaxErrorOf } from '@/editor/pointers';
import { SelectInput } from '@/ui/Field';
import { errorsOf } from './form';

const priorities: Schemas['Priority'][] = ['low', 'normal', 'high', 'critical'];

export default function RunNowDialog({
  schedule,
  onClose,
}: {
  schedule: Schemas['ScheduleSummary'];
  onClose: () => void;
}) {
  const t = useTranslations('schedules.runNow');
  const dialog = useTranslations('schedules.dialog');
  const navigate = useNavigate();
  const watch = useRunWatch();
  const full = useQuery(scheduleQuery(schedule.id));
  const [overrides, setOverrides] = useState('{}');
  const [priority, setPriority] = useState(schedule.priority);
  const { pending, problem, submit } = useSubmit();
  const [violations, setViolations] = useState<Violation[]>([]);
  const editor = useRef<EditorHandle>(null);

  const start = async () => {
    if (syntaxErrorOf(overrides)) return;
    const refused = await submit(async (key) => {
      const started = await take(
        api.POST('/api/v1/schedules/{id}/run', {
          params: { path: { id: schedule.id }, header: { 'Idempotency-Key': key } },
          body: { ...(overrides.trim() === '{}' ? {} : { overrides: parseExact(overrides) }), priority },
        }),
      );
      watch(started.run_id, schedule.name);
      void queryClient.invalidateQueries({ queryKey: ['runs', 'list'] });
      showToast({
        tone: 'info',
        title: t('started', { name: schedule.name }),
        action: {
          label: t('openRun'),
          onPress: () => void navigate({ to: '/runs/$id', params: { id: started.run_id } }),
        },
      });
      onClose();
    });
    if (!refused) return;
    const aimed = { ...refused, field: refused.violations?.length ? '/payload' : refused.field };
    setViolations(errorsOf(aimed, 'manual').payload);
  };

  return (
    <FormLayer
      onClose={onClose}
      size="md"
      title={t('title', { name: schedule.name })}
      subtitle={t('subtitle')}
      confirm={t('confirm')}
      pending={pending}
      problem={problem}
      onConfirm={() => void start()}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="min-w-0">
          <p className="mb-1 font-medium">{t('overrides')}</p>
          <JsonEditor
            ref={editor}
            label={t('overrides')}
            value={overrides}
            onChange={setOverrides}
            violations={violations}
            heightClass="h-40"
          />
          <p className="mt-1 text-fg3 text-meta">{t('overridesHint')}</p>
        </div>
        <div className="min-w-0">
          <p className="mb-1 font-medium">{t('payload')}</p>
          <JsonEditor
            label={t('payload')}
            value={full.data ? pretty(full.data.payload) : ''}
            readOnly
            heightClass="h-40"
          />
        </div>
      </div>
      <SelectInput
        label={dialog('priority')}
        className="max-w-48"
        value={priority}
        onChange={setPriority}
        options={priorities.map((id) => ({ id, label: dialog(`priorityOption.${id}`) }))}
      />
    </FormLayer>
  );
}
