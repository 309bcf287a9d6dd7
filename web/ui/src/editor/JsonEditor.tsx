import { lazy, type Ref, Suspense, useId } from 'react';
import { useTranslations } from 'use-intl';
import type { Violation } from '@/api/problem';
import type { EditorHandle } from './CodeEditor';
import { markersOf, placeOf, rangeOf, type SyntaxProblem, syntaxErrorOf } from './pointers';

const CodeEditor = lazy(() => import('./CodeEditor'));

export function EditorFallback() {
  return <div className="skeleton h-full min-h-32 rounded-control" aria-busy="true" />;
}

export function useSyntaxSentence() {
  const t = useTranslations('editor');
  return (problem: SyntaxProblem) =>
    problem.duplicate === undefined
      ? t('syntax', { message: problem.message })
      : t('duplicate', { name: problem.duplicate });
}

type Props = {
  label: string;
  value: string;
  onChange?: (value: string) => void;
  violations?: readonly Violation[];
  readOnly?: boolean;
  ref?: Ref<EditorHandle>;
  heightClass?: string;
  /** Offset that has the focus as soon as the editor is there. */
  startAt?: number;
};

/** JSON with its problems twice: underlined where they are, and as a list under the text whose entries lead there. */
export function JsonEditor({
  label,
  value,
  onChange,
  violations = [],
  readOnly,
  ref,
  heightClass = 'h-56',
  startAt,
}: Props) {
  const t = useTranslations('editor');
  const id = useId();
  const syntax = readOnly ? null : syntaxErrorOf(value);
  const sentence = useSyntaxSentence();
  const markers = syntax
    ? [{ from: Math.max(0, syntax.offset - 1), to: syntax.offset + 1, message: sentence(syntax) }]
    : markersOf(value, violations);
  const jump = (offset: number) => (ref && 'current' in ref ? ref.current?.focusAt(offset) : undefined);
  const problems = syntax
    ? [
        {
          place: t('lineColumn', { line: syntax.line, column: syntax.column }),
          message: sentence(syntax),
          offset: syntax.offset,
        },
      ]
    : violations.map((violation) => ({
        place: placeOf(violation) || t('root'),
        message: violation.message,
        offset: rangeOf(value, placeOf(violation)).from,
      }));
  return (
    <div>
      <div className={heightClass}>
        <Suspense fallback={<EditorFallback />}>
          <CodeEditor
            ref={ref}
            value={value}
            onChange={onChange}
            language="json"
            label={label}
            markers={markers}
            readOnly={readOnly}
            startAt={startAt}
            invalid={problems.length > 0}
            describedBy={problems.length > 0 ? id : undefined}
          />
        </Suspense>
      </div>
      {problems.length > 0 && (
        <div
          id={id}
          className="mt-2 rounded-control border border-failed/40 bg-failed-tint px-3 py-2 text-failed"
          data-problems
        >
          <p className="font-medium">{t('problems', { count: problems.length })}</p>
          <ul>
            {problems.map((problem) => (
              <li key={problem.place + problem.message}>
                <button
                  type="button"
                  className="min-h-6 text-left hover:underline"
                  onClick={() => jump(problem.offset)}
                >
                  <code className="font-mono text-code">{problem.place}</code> {problem.message}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
