import type { ReactNode } from 'react';
import { cx } from './cx';

export type Head = { label: string; end?: boolean /** Read aloud only. */; hidden?: boolean; className?: string };

export const tdClass = 'px-3 py-1.5';
export const rowClass = 'border-line border-b last:border-b-0';

/** A table for reading: a row of headings, then rows. Too wide for its place, it scrolls by itself. */
export function Table({
  head,
  children,
  bare,
  fixed,
  name,
}: {
  head: Head[];
  children: ReactNode;
  /** Without a frame, for inside a card or a dialog. */
  bare?: boolean;
  fixed?: boolean;
  /** Becomes data-table, by which tests find it. */
  name?: string;
}) {
  return (
    <div className={cx('relative overflow-x-auto', !bare && 'rounded-card border border-line bg-surface')}>
      <table
        className={cx(
          'w-full border-collapse',
          fixed && 'table-fixed',
          bare && fixed ? 'min-w-80' : fixed ? 'min-w-240' : 'min-w-160',
        )}
        data-table={name}
      >
        <thead>
          <tr className="border-line border-b text-left text-fg3 text-meta">
            {head.map((each) => (
              <th key={each.label} className={cx('px-3 py-2 font-medium', each.end && 'text-right', each.className)}>
                {each.hidden ? <span className="sr-only">{each.label}</span> : each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
