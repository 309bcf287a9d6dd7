import { useQuery } from '@tanstack/react-query';
import { CircleCheck, WandSparkles } from 'lucide-react';
import { type Ref, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import type { Violation } from '@/api/problem';
import { workflowQuery } from '@/api/queries';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor } from '@/editor/JsonEditor';
import { syntaxErrorOf } from '@/editor/pointers';
import { Button } from '@/ui/Button';
import { Segmented } from '@/ui/Field';
import { SchemaForm } from './SchemaForm';

/** What the server thinks of a payload, asked a moment after the last key. */
export function usePayloadVerdict(workflowId: string | null, text: string) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: ['workflows', 'payload', workflowId, settled],
    enabled: workflowId !== null && syntaxErrorOf(settled) === null,
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/workflows/{id}/payload/validate', {
          params: { path: { id: workflowId! } },
          body: { payload: parseExact(settled) },
          signal,
        }),
      ),
    retry: false,
    staleTime: 30_000,
  });
  return { verdict: settled === text ? query.data : undefined, checking: settled !== text || query.isFetching };
}

type Props = {
  workflowId: string | null;
  value: string;
  onChange: (value: string) => void;
  /** Of the last refused save; the live verdict takes over as soon as there is one. */
  violations?: readonly Violation[];
  editor: Ref<EditorHandle>;
  label: string;
  error?: string | null;
};

export function PayloadField({ workflowId, value, onChange, violations = [], editor, label, error }: Props) {
  const t = useTranslations('schedules.payload');
  const [mode, setMode] = useState<'json' | 'form'>('json');
  const workflow = useQuery({ ...workflowQuery(workflowId ?? ''), enabled: workflowId !== null });
  const { verdict, checking } = usePayloadVerdict(workflowId, value);
  const broken = syntaxErrorOf(value);
  const shown = verdict?.violations ?? violations;
  const schema = workflow.data?.payload_schema;
  return (
    <div data-field="payload" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={t('mode')}
          value={mode}
          onChange={setMode}
          options={[
            { id: 'json', label: 'JSON' },
            { id: 'form', label: t('form'), disabled: !schema || Boolean(broken) },
          ]}
        />
        <span className="flex-1" />
        <span role="status" className="text-meta">
          {workflowId && verdict?.valid && !checking && !broken && (
            <span className="flex items-center gap-1.5 text-success">
              <CircleCheck size={14} aria-hidden />
              {t('valid', { version: verdict.version ?? workflow.data?.latest_version ?? 0 })}
            </span>
          )}
        </span>
        {mode === 'json' && (
          <Button
            size="sm"
            tone="ghost"
            icon={<WandSparkles size={14} aria-hidden />}
            disabledReason={broken ? t('brokenReason') : null}
            onPress={() => onChange(pretty(parseExact(value)))}
          >
            {t('format')}
          </Button>
        )}
      </div>
      {mode === 'form' && schema && !broken ? (
        <SchemaForm
          schema={schema}
          value={parseExact(value)}
          onChange={(next) => onChange(pretty(next))}
          violations={shown}
        />
      ) : (
        <JsonEditor ref={editor} label={label} value={value} onChange={onChange} violations={shown} />
      )}
      {error && shown.length === 0 && !broken && <p className="text-failed text-meta">{error}</p>}
      {!workflowId && <p className="text-fg3 text-meta">{t('pickWorkflow')}</p>}
      <p className="text-fg3 text-meta">{t('hint')}</p>
    </div>
  );
}
