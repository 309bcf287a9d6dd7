import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CircleCheck, WandSparkles } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { parseExact, pretty } from '@/api/exact-json';
import { ProblemError, type Violation } from '@/api/problem';
import { workflowQuery } from '@/api/queries';
import { problemText } from '@/app/toasts';
import type { EditorHandle } from '@/editor/CodeEditor';
import { JsonEditor, useSyntaxSentence } from '@/editor/JsonEditor';
import { rangeOf, syntaxErrorOf } from '@/editor/pointers';
import { Button } from '@/ui/Button';
import { Segmented } from '@/ui/Field';
import { Notice } from '@/ui/States';
import { SchemaForm } from './SchemaForm';

/** What the server thinks of a payload, asked a moment after the last key; of the draft's schema on demand. */
export function usePayloadVerdict(workflowId: string | null, text: string, draft = false) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: ['workflows', 'payload', workflowId, draft, settled],
    enabled: workflowId !== null && syntaxErrorOf(settled) === null,
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/workflows/{id}/payload/validate', {
          params: { path: { id: workflowId! } },
          body: { payload: parseExact(settled), ...(draft ? { draft } : {}) },
          signal,
        }),
      ),
    retry: false,
    staleTime: draft ? 0 : 30_000,
    // What was wrong stays in sight while the next answer is on its way.
    placeholderData: keepPreviousData,
  });
  const settling = settled !== text;
  return {
    verdict: query.data,
    checking: settling || query.isFetching,
    /** Why the server could not even judge it, like a number it cannot keep. */
    problem: !settling && query.error instanceof ProblemError ? query.error.problem : null,
  };
}

type Props = {
  workflowId: string | null;
  value: string;
  onChange: (value: string) => void;
  /** Of the last refused save; the live verdict takes over as soon as there is one. */
  violations?: readonly Violation[];
  editor: RefObject<EditorHandle | null>;
  label: string;
  error?: string | null;
  /** Against the schema of the draft, which is given here; else against that of the latest version. */
  draftSchema?: unknown;
};

/** One payload in two views. The JSON text is the one truth; the form changes single values in it. */
export function PayloadField({
  workflowId,
  value,
  onChange,
  violations = [],
  editor,
  label,
  error,
  draftSchema,
}: Props) {
  const t = useTranslations('schedules.payload');
  const sentence = useSyntaxSentence();
  const common = useTranslations('editor');
  const [mode, setMode] = useState<'json' | 'form'>('json');
  const [stopped, setStopped] = useState(false);
  const [startAt, setStartAt] = useState<number | undefined>();
  const workflow = useQuery({ ...workflowQuery(workflowId ?? ''), enabled: workflowId !== null });
  const { verdict, checking, problem } = usePayloadVerdict(workflowId, value, draftSchema !== undefined);
  const broken = syntaxErrorOf(value);
  const shown = verdict?.violations ?? violations;
  const schema = draftSchema ?? workflow.data?.payload_schema;
  const form = mode === 'form' && Boolean(schema) && !broken;

  return (
    <div data-field="payload" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={t('mode')}
          value={form ? 'form' : 'json'}
          onChange={(next) => {
            setStopped(next === 'form' && broken !== null);
            setStartAt(undefined);
            if (next === 'json' || !broken) setMode(next);
          }}
          options={[
            { id: 'json', label: 'JSON' },
            { id: 'form', label: t('form'), disabled: !schema },
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
        {!form && (
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
      {stopped && broken && (
        <Notice tone="error" role="alert">
          {t('formNeedsJson')}{' '}
          <button
            type="button"
            className="min-h-6 text-left underline"
            onClick={() => editor.current?.focusAt(broken.offset)}
          >
            {common('lineColumn', { line: broken.line, column: broken.column })}: {sentence(broken)}
          </button>
        </Notice>
      )}
      {form ? (
        <SchemaForm
          schema={schema}
          text={value}
          onChange={onChange}
          violations={shown}
          onJson={(pointer) => {
            setStartAt(rangeOf(value, pointer).from);
            setMode('json');
          }}
        />
      ) : (
        <JsonEditor ref={editor} label={label} value={value} onChange={onChange} violations={shown} startAt={startAt} />
      )}
      {problem && !broken && <p className="text-failed text-meta">{problemText(problem)}</p>}
      {error && shown.length === 0 && !broken && <p className="text-failed text-meta">{error}</p>}
      {!workflowId && <p className="text-fg3 text-meta">{t('pickWorkflow')}</p>}
      <p className="text-fg3 text-meta">{t('hint')}</p>
    </div>
  );
}
