import { sampleOf } from '@schedules/form';
import { usePayloadVerdict } from '@schedules/PayloadField';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, newKey, type Schemas, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient } from '@/api/queries';
import { problemText, showToast } from '@/app/toasts';
import { useRunWatch } from '@/app/watch-run';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor } from '@/editor/JsonEditor';
import { syntaxErrorOf } from '@/editor/pointers';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';

export default function StartRunDialog({ workflow, onClose }: { workflow: Schemas['Workflow']; onClose: () => void }) {
  const t = useTranslations('workflows');
  const common = useTranslations('common');
  const runs = useTranslations('runs');
  const navigate = useNavigate();
  const watch = useRunWatch();
  const [input, setInput] = useState(() => pretty(workflow.payload_schema ? sampleOf(workflow.payload_schema) : {}));
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { verdict } = usePayloadVerdict(workflow.payload_schema ? workflow.id : null, input);
  const editor = useRef<EditorHandle>(null);
  const key = useRef(newKey());
  const start = async () => {
    if (pending || syntaxErrorOf(input)) return;
    setPending(true);
    setProblem(null);
    try {
      const started = await take(
        api.POST('/api/v1/workflows/{id}/runs', {
          params: { path: { id: workflow.id }, header: { 'Idempotency-Key': key.current } },
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
    } catch (cause) {
      key.current = newKey();
      setProblem(problemOf(cause));
      setPending(false);
    }
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      size="md"
      title={t('runTitle', { name: workflow.name })}
      footer={
        <>
          <Button onPress={onClose}>{common('cancel')}</Button>
          <Button tone="primary" pending={pending} onPress={() => void start()}>
            {t('runConfirm')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 p-5">
        {problem && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        <p className="font-medium">{t('runInput')}</p>
        <JsonEditor
          ref={editor}
          label={t('runInput')}
          value={input}
          onChange={setInput}
          violations={verdict?.violations ?? problem?.violations ?? []}
        />
      </div>
    </Layer>
  );
}
