import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { cx } from './cx';
import { type DiffRow, diffLines, foldSame } from './diff-lines';

const looks = { same: '', removed: 'bg-failed-tint', added: 'bg-success-tint' };
const signs = { same: ' ', removed: '−', added: '+' };

/** What became of a text, line by line. The sign says it, the element for those who listen, the colour last. */
export function TextDiff({ label, before, after }: { label: string; before: string; after: string }) {
  const t = useTranslations('diff');
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => diffLines(before, after), [before, after]);
  const added = rows.filter((row) => row.kind === 'added').length;
  const removed = rows.filter((row) => row.kind === 'removed').length;
  if (added + removed === 0) return <p className="text-fg2">{t('same')}</p>;
  return (
    <figure aria-label={label} data-text-diff>
      <figcaption className="mb-1 text-fg2" data-num>
        {t('counts', { added, removed })}
      </figcaption>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        role="group"
        aria-label={label}
        className="scroll-thin max-h-128 overflow-auto rounded-card border border-line bg-surface py-1 font-mono text-code"
      >
        <div className="w-max min-w-full">
          {foldSame(rows).map((each, index) =>
            'hidden' in each && !open.has(index) ? (
              <button
                key={`fold-${each.hidden[0]!.before}`}
                type="button"
                className="block min-h-6 w-full bg-app px-3 text-left text-fg2 hover:bg-hover"
                onClick={() => setOpen(new Set([...open, index]))}
              >
                {t('unchanged', { count: each.hidden.length })}
              </button>
            ) : (
              ('hidden' in each ? each.hidden : [each]).map((row) => (
                <Row key={`${row.before ?? ''}:${row.after ?? ''}`} row={row} />
              ))
            ),
          )}
        </div>
      </div>
    </figure>
  );
}

function Row({ row }: { row: DiffRow }) {
  const Line = row.kind === 'added' ? 'ins' : row.kind === 'removed' ? 'del' : 'span';
  return (
    <div className={cx('flex min-w-full whitespace-pre', looks[row.kind])} data-diff={row.kind}>
      <span aria-hidden className="w-10 shrink-0 select-none pr-2 text-right text-fg2">
        {row.before ?? ''}
      </span>
      <span aria-hidden className="w-10 shrink-0 select-none pr-2 text-right text-fg2">
        {row.after ?? ''}
      </span>
      <span aria-hidden className="w-4 shrink-0 select-none text-fg2">
        {signs[row.kind]}
      </span>
      <Line className="pr-3 no-underline">{row.text || ' '}</Line>
    </div>
  );
}
