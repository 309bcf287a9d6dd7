import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, newKey, type Schemas, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import { type Problem, problemOf, type Violation } from '@/api/problem';
import { queryClient, scheduleQuery } from '@/api/queries';
import { problemText, showToast } from '@/app/toasts';
import { useRunWatch } from '@/app/watch-run';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor } from '@/editor/JsonEditor';
import { syntaxErrorOf } from '@/editor/pointers';
import { Button } from '@/ui/Button';
import { SelectInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
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
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [violations, setViolations] = useState<Violation[]>([]);
  const editor = useRef<EditorHandle>(null);
  const key = useRef(newKey());

  const start = async () => {
    if (pending || syntaxErrorOf(overrides)) return;
    setPending(true);
    setProblem(null);
    try {
      const started = await take(
        api.POST('/api/v1/schedules/{id}/run', {
          params: { path: { id: schedule.id }, header: { 'Idempotency-Key': key.current } },
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
    } catch (cause) {
      key.current = newKey();
      const refused = problemOf(cause);
      setViolations(
        errorsOf({ ...refused, field: refused.violations?.length ? '/payload' : refused.field }, 'manual').payload,
      );
      setProblem(refused);
      setPending(false);
    }
  };

  return (
    <Layer
      isOpen
      onClose={onClose}
      size="md"
      title={t('title', { name: schedule.name })}
      subtitle={t('subtitle')}
      footer={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button tone="primary" pending={pending} onPress={() => void start()}>
            {t('confirm')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {problem && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
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
      </div>
    </Layer>
  );
}
