import { sampleOf } from '@schedules/form';
import { usePayloadVerdict } from '@schedules/PayloadField';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import { queryClient } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { showToast } from '@/app/toasts';
import { useRunWatch } from '@/app/watch-run';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor } from '@/editor/JsonEditor';
import { syntaxErrorOf } from '@/editor/pointers';

export default function StartRunDialog({ workflow, onClose }: { workflow: Schemas['Workflow']; onClose: () => void }) {
  const t = useTranslations('workflows');
  const runs = useTranslations('runs');
  const navigate = useNavigate();
  const watch = useRunWatch();
  const [input, setInput] = useState(() => pretty(workflow.payload_schema ? sampleOf(workflow.payload_schema) : {}));
  const { pending, problem, submit } = useSubmit();
  const { verdict } = usePayloadVerdict(workflow.payload_schema ? workflow.id : null, input);
  const editor = useRef<EditorHandle>(null);
  const start = () =>
    submit(async (key) => {
      if (syntaxErrorOf(input)) return;
      const started = await take(
        api.POST('/api/v1/workflows/{id}/runs', {
          params: { path: { id: workflow.id }, header: { 'Idempotency-Key': key } },
          body: { input: parseExact(input) },
        }),
      );
      watch(started.run_id, workflow.name);
      void queryClient.invalidateQueries({ queryKey: ['runs', 'list'] });
      showToast({
        tone: 'info',
        title: t('runStarted', { name: workflow.name }),
        action: {
          label: runs('open'),
          onPress: () => void navigate({ to: '/runs/$id', params: { id: started.run_id } }),
        },
      });
      onClose();
    });
  return (
    <FormLayer
      onClose={onClose}
      size="md"
      title={t('runTitle', { name: workflow.name })}
      confirm={t('runConfirm')}
      pending={pending}
      problem={problem}
      onConfirm={() => void start()}
    >
      <div className="flex flex-col gap-3">
        <p className="font-medium">{t('runInput')}</p>
        <JsonEditor
          ref={editor}
          label={t('runInput')}
          value={input}
          onChange={setInput}
          violations={verdict?.violations ?? problem?.violations ?? []}
        />
      </div>
    </FormLayer>
  );
}
