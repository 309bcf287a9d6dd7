import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX, Save } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, type Schemas, take } from '@/api/client';
import { ProblemError, problemOf } from '@/api/problem';
import { draftQuery, queryClient, workflowQuery } from '@/api/queries';
import { showToast, toastError } from '@/app/toasts';
import type { EditorHandle } from '@/editor/CodeEditor';
import { EditorFallback } from '@/editor/JsonEditor';
import { offsetOf } from '@/editor/pointers';
import { Button } from '@/ui/Button';
import { Segmented } from '@/ui/Field';
import { Notice } from '@/ui/States';
import { TextDiff } from '@/ui/TextDiff';

import type { DraftBuffer } from './WorkflowPage';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));
type DefinitionProblem = Schemas['DefinitionProblem'];

/** Violations of a refused save carry line and column in their params. */
export function problemsOf(violations: readonly Schemas['Violation'][]): DefinitionProblem[] {
  return violations.map((violation) => {
    const { line, column, remedy } = violation.params as { line?: number; column?: number; remedy?: string };
    return {
      pointer: violation.instance,
      line: line ?? 1,
      column: column ?? 1,
      code: violation.keyword,
      message: violation.message,
      remedy: remedy ?? '',
    };
  });
}

const told = ({ message, remedy }: DefinitionProblem) =>
  [/[.!?。]$/.test(message) ? message : `${message}.`, remedy].filter(Boolean).join(' ');

export function DraftEditor({
  workflowId,
  buffer,
  setBuffer,
  readOnly,
}: {
  workflowId: string;
  buffer: DraftBuffer;
  setBuffer: (buffer: DraftBuffer) => void;
  readOnly: boolean;
}) {
  const t = useTranslations('workflows');
  const editor = useRef<EditorHandle>(null);
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState<Schemas['Draft'] | null>(null);
  const [settled, setSettled] = useState({ text: buffer.text, format: buffer.format });
  const { text, format } = buffer;
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ text, format }), 300);
    return () => clearTimeout(timer);
  }, [text, format]);
  const check = useQuery({
    queryKey: ['workflows', 'check', workflowId, settled],
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/workflows/{id}/validate', { params: { path: { id: workflowId } }, body: settled, signal }),
      ),
    retry: false,
    placeholderData: (old) => old,
  });
  const [refused, setRefused] = useState<DefinitionProblem[] | null>(null);
  const problems = refused ?? (check.data?.valid === false ? check.data.problems : []);
  const checking = check.isFetching || settled.text !== text;
  const dirty = text !== buffer.saved.text || format !== buffer.saved.format;

  const save = async (revision = buffer.saved.revision) => {
    if (saving) return;
    setSaving(true);
    setRefused(null);
    try {
      const saved = await take(
        api.PUT('/api/v1/workflows/{id}/draft', {
          params: { path: { id: workflowId }, header: { 'If-Match': ifMatch(revision) } },
          body: { text, format },
        }),
      );
      setBuffer({ text, format, saved: { ...saved, text, format } });
      queryClient.setQueryData(draftQuery(workflowId).queryKey, saved);
      void queryClient.invalidateQueries({ queryKey: workflowQuery(workflowId).queryKey });
      void queryClient.invalidateQueries({ queryKey: ['workflows', 'list'] });
      setConflict(null);
      showToast({ tone: 'success', title: t('saved') });
    } catch (cause) {
      const problem = problemOf(cause);
      if (cause instanceof ProblemError && cause.status === 412) {
        setConflict(
          await take(api.GET('/api/v1/workflows/{id}/draft', { params: { path: { id: workflowId } } })).catch(
            () => null,
          ),
        );
      } else if (problem.violations?.length) {
        setRefused(problemsOf(problem.violations));
        toastError(t('refused', { count: problem.violations.length }), cause);
      } else {
        toastError(t('saveFailed'), cause);
      }
    } finally {
      setSaving(false);
    }
  };

  const change = (next: string) => {
    setRefused(null);
    setBuffer({ ...buffer, text: next });
  };
  const reformat = async (next: 'yaml' | 'json') => {
    const { convert } = await import('./convert');
    const converted = convert(text, format, next);
    if (converted !== null) setBuffer({ ...buffer, format: next, text: converted });
    else toastError(t('convertFailed'), new Error(t('convertHelp')));
  };

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty]);

  return (
    <div
      role="group"
      aria-label={t('definition')}
      className="flex min-h-0 flex-1 flex-col gap-2 p-4 md:p-6 md:pt-4"
      onKeyDown={(event) => {
        if ((event.ctrlKey || event.metaKey) && (event.key.toLowerCase() === 's' || event.key === 'Enter')) {
          event.preventDefault();
          if (dirty) void save();
        }
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={t('format')}
          value={format}
          onChange={(next) => void reformat(next)}
          options={[
            { id: 'yaml', label: 'YAML' },
            { id: 'json', label: 'JSON' },
          ]}
        />
        <span role="status" className="flex items-center gap-1.5 text-meta">
          {checking ? (
            <span className="text-fg3">{t('checking')}</span>
          ) : problems.length > 0 ? (
            <span className="flex items-center gap-1.5 text-failed">
              <CircleX size={14} aria-hidden />
              {t('problems', { count: problems.length })}
            </span>
          ) : check.data?.valid ? (
            <span className="flex items-center gap-1.5 text-success">
              <CircleCheck size={14} aria-hidden />
              {t('valid')}
            </span>
          ) : null}
        </span>
        <span className="flex-1" />
        <span className="text-fg3 text-meta">{dirty ? t('unsaved') : t('allSaved')}</span>
        {!readOnly && (
          <Button
            icon={<Save size={14} aria-hidden />}
            pending={saving}
            disabledReason={dirty ? null : t('allSaved')}
            onPress={() => void save()}
          >
            {t('save')}
          </Button>
        )}
      </div>
      {conflict && (
        <Notice tone="warning" role="alert" title={t('conflictTitle')}>
          <p>{t('conflictText')}</p>
          <div className="mt-2 text-fg">
            <TextDiff label={t('conflictLabel')} before={conflict.text} after={text} />
          </div>
          <div className="mt-2 flex gap-2">
            <Button size="sm" onPress={() => void save(conflict.revision)}>
              {t('keepMine')}
            </Button>
            <Button
              size="sm"
              onPress={() => {
                setBuffer({ text: conflict.text, format: conflict.format, saved: conflict });
                setConflict(null);
              }}
            >
              {t('takeTheirs')}
            </Button>
          </div>
        </Notice>
      )}
      <div className="min-h-72 flex-1">
        <Suspense fallback={<EditorFallback />}>
          <CodeEditor
            ref={editor}
            label={t('definition')}
            language={format}
            value={text}
            onChange={change}
            readOnly={readOnly}
            invalid={problems.length > 0}
            markers={problems.map((problem) => {
              const from = offsetOf(text, problem.line, problem.column);
              const end = text.indexOf('\n', from);
              return {
                from,
                to: Math.max(from + 1, end < 0 ? text.length : end),
                message: told(problem),
              };
            })}
          />
        </Suspense>
      </div>
      {problems.length > 0 && (
        <ul
          className="scroll-thin max-h-40 shrink-0 overflow-auto rounded-control border border-failed/40 bg-failed-tint px-3 py-1.5 text-failed"
          data-problems
        >
          {problems.map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.code}:${problem.pointer}`}>
              <button
                type="button"
                className="min-h-6 text-left hover:underline"
                onClick={() => editor.current?.focusAt(offsetOf(text, problem.line, problem.column))}
              >
                <code className="mr-2 font-mono text-code">
                  {t('place', { line: problem.line, column: problem.column })}
                </code>
                {told(problem)}
              </button>
              {problem.code === 'INLINE_TRIGGER' && (
                <Link
                  to="/schedules"
                  search={{ workflow: workflowId, new: 1 }}
                  className="ml-2 inline-flex min-h-6 items-center underline"
                >
                  {t('newScheduleFor')}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
