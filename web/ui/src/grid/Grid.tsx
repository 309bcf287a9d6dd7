import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import { cx } from '@/ui/cx';
import { useNarrow } from '@/ui/narrow';
import { moveFocus, type Position, rangeIds } from './keys';

export type Column<Row> = {
  id: string;
  header: string;
  /** A track of CSS grid. */
  width: string;
  cell: (row: Row) => ReactNode;
  /** The sort key this column stands for. */
  sort?: string;
  hideHeader?: boolean;
  align?: 'end';
  /** What a phone shows: the title with the end of its line, details under it, the last of them in the room that is left, nothing. */
  narrow?: 'title' | 'meta' | 'rest' | 'end' | 'hidden';
};

type Props<Row> = {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowId: (row: Row) => string;
  /** Known size of the whole list on the server; -1 when the server does not count. */
  total?: number;
  hasMore?: boolean;
  loadMore?: () => void;
  rowHeight?: number;
  narrowRowHeight?: number;
  selection?: {
    selected: ReadonlySet<string>;
    onChange: (selected: Set<string>) => void;
    rowLabel: (row: Row) => string;
  };
  onOpen?: (row: Row) => void;
  /** Keys of one row (e, p, r, .). Answers whether it used the key. */
  onRowKey?: (key: string, row: Row, element: HTMLElement) => boolean;
  sort?: string;
  onSort?: (sort: string) => void;
  isGone?: (row: Row) => boolean;
};

// Rows are of one height: what may be long takes what is left of its line, so that it never begins another.
const narrowLook = { title: 'flex-1', end: 'order-1', meta: 'order-3', rest: 'order-3 flex-1 basis-28', hidden: '' };
const FOCUSABLE = 'a[href], button, input';

/**
 * A virtual ARIA grid: only the rows in sight are in the document, one cell is in the tab order, arrow keys move.
 * Cells hold plain elements (a link, a native button), never component-library widgets: that is what keeps it fast.
 */
export function Grid<Row>({
  label,
  columns: allColumns,
  rows,
  rowId,
  total,
  hasMore,
  loadMore,
  rowHeight = 48,
  narrowRowHeight = 104,
  selection,
  onOpen,
  onRowKey,
  sort,
  onSort,
  isGone,
}: Props<Row>) {
  const t = useTranslations('grid');
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Position>({ row: 0, col: 0 });
  const anchor = useRef(0);
  const wantsFocus = useRef(false);
  const columns = narrow ? allColumns.filter((column) => column.narrow !== 'hidden') : allColumns;
  const offset = selection ? 1 : 0;
  const cols = columns.length + offset;
  const at: Position = { row: Math.min(active.row, rows.length - 1), col: Math.min(active.col, cols - 1) };

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? narrowRowHeight : rowHeight),
    overscan: 6,
    scrollPaddingStart: narrow ? 0 : 36,
    initialRect: { width: 1000, height: 640 },
    // The focused row stays in the document while it is scrolled out of sight.
    rangeExtractor: (range) => {
      const indexes = new Set(defaultRangeExtractor(range));
      if (at.row >= 0 && at.row < rows.length) indexes.add(at.row);
      return [...indexes].sort((a, b) => a - b);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights change with the layout, so every row is measured again.
  useLayoutEffect(() => virtual.measure(), [narrow, rowHeight, narrowRowHeight]);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - 25) loadMore?.();
  }, [hasMore, lastShown, rows.length, loadMore]);

  const cellAt = ({ row, col }: Position) =>
    scroller.current?.querySelector<HTMLElement>(`[data-row="${row}"] > [data-col="${col}"]`) ?? null;
  const targetIn = (cell: HTMLElement) => cell.querySelector<HTMLElement>(FOCUSABLE) ?? cell;

  // Roving tabindex, kept on the document itself: cells need not know where the focus is.
  useLayoutEffect(() => {
    const root = scroller.current;
    if (!root) return;
    for (const cell of root.querySelectorAll<HTMLElement>('[data-col]')) {
      cell.tabIndex = -1;
      for (const inner of cell.querySelectorAll<HTMLElement>(FOCUSABLE)) inner.tabIndex = -1;
    }
    const cell = cellAt(at);
    if (!cell) return;
    const target = targetIn(cell);
    target.tabIndex = 0;
    if (wantsFocus.current) {
      wantsFocus.current = false;
      target.focus({ preventScroll: at.row >= 0 });
    }
  });

  const go = (next: Position) => {
    wantsFocus.current = true;
    if (next.row >= 0) virtual.scrollToIndex(next.row, { align: 'auto' });
    setActive(next);
  };

  const ids = rows.map(rowId);
  const toggle = (index: number, extend: boolean) => {
    if (!selection || index < 0) return;
    const next = new Set(selection.selected);
    const id = ids[index]!;
    if (extend) for (const each of rangeIds(ids, anchor.current, index)) next.add(each);
    else if (next.has(id)) next.delete(id);
    else next.add(id);
    if (!extend) anchor.current = index;
    selection.onChange(next);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const page = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 480) / (narrow ? narrowRowHeight : rowHeight)) - 2,
    );
    const next = moveFocus(at, { key: event.key, ctrl }, { rows: rows.length, cols, page, hasHeader: !narrow });
    if (next) {
      event.preventDefault();
      if (event.shiftKey && selection && (event.key === 'ArrowDown' || event.key === 'ArrowUp') && next.row >= 0) {
        const chosen = new Set(selection.selected);
        for (const id of rangeIds(ids, at.row, next.row)) chosen.add(id);
        selection.onChange(chosen);
      }
      go(next);
      return;
    }
    const row = rows[at.row];
    if (selection && ctrl && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      selection.onChange(new Set(ids));
    } else if (at.row < 0 || !row || ctrl) {
      return;
    } else if (
      selection &&
      (event.key === 'x' || (event.key === ' ' && !(event.target instanceof HTMLButtonElement)))
    ) {
      event.preventDefault();
      toggle(at.row, event.shiftKey);
    } else if (event.key === 'Enter' && onOpen && !(event.target as HTMLElement).matches(FOCUSABLE)) {
      event.preventDefault();
      onOpen(row);
    } else if (onRowKey?.(event.key, row, event.target as HTMLElement)) {
      event.preventDefault();
    }
  };

  const onFocus = (target: EventTarget) => {
    const cell = (target as HTMLElement).closest<HTMLElement>('[data-col]');
    const row = cell?.closest<HTMLElement>('[data-row]');
    if (!cell || !row) return;
    const position = { row: Number(row.dataset.row), col: Number(cell.dataset.col) };
    if (position.row !== at.row || position.col !== at.col) setActive(position);
  };

  const template = [selection ? '40px' : '', ...columns.map((column) => column.width)].filter(Boolean).join(' ');
  const allSelected = Boolean(selection) && rows.length > 0 && ids.every((id) => selection?.selected.has(id));
  const box = (props: { label: string; checked: boolean; onClick: (event: MouseEvent) => void }) => (
    <label className="flex size-full items-center justify-center">
      <input
        type="checkbox"
        className="size-4"
        aria-label={props.label}
        checked={props.checked}
        onChange={() => {}}
        onClick={props.onClick}
      />
    </label>
  );

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={total === undefined ? rows.length + 1 : total < 0 ? -1 : total + 1}
      aria-colcount={cols}
      aria-multiselectable={selection ? true : undefined}
      className="scroll-thin relative min-h-0 flex-1 scroll-pt-9 scroll-pb-16 overflow-auto bg-surface"
      onKeyDown={onKeyDown}
      onFocus={(event) => onFocus(event.target)}
    >
      <div
        role="rowgroup"
        className={narrow ? 'sr-only' : 'sticky top-0 z-10 min-w-fit border-line border-b bg-surface'}
      >
        <div
          role="row"
          aria-rowindex={1}
          data-row={-1}
          className="grid h-9 min-w-fit items-center px-3"
          style={{ gridTemplateColumns: template }}
        >
          {selection && (
            <div role="columnheader" data-col={0} aria-colindex={1} className="h-full">
              {box({
                label: t('selectAll'),
                checked: allSelected,
                onClick: () => selection.onChange(allSelected ? new Set() : new Set(ids)),
              })}
            </div>
          )}
          {columns.map((column, index) => {
            const sorted =
              column.sort &&
              (sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : undefined);
            const Arrow = sorted === 'ascending' ? ArrowUp : sorted === 'descending' ? ArrowDown : ChevronsUpDown;
            return (
              <div
                key={column.id}
                role="columnheader"
                data-col={index + offset}
                aria-colindex={index + offset + 1}
                aria-sort={sorted || undefined}
                className={cx('truncate px-3 font-medium text-fg3 text-meta', column.align === 'end' && 'text-right')}
              >
                {column.sort && onSort ? (
                  <button
                    type="button"
                    className={cx('group inline-flex h-7 items-center gap-1 hover:text-fg', sorted && 'text-fg')}
                    onClick={() => onSort(sorted === 'ascending' ? `-${column.sort}` : column.sort!)}
                  >
                    {column.header}
                    <Arrow size={12} aria-hidden className={sorted ? '' : 'opacity-40 group-hover:opacity-100'} />
                  </button>
                ) : (
                  <span className={column.hideHeader ? 'sr-only' : ''}>{column.header}</span>
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div role="rowgroup" className="relative min-w-fit" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]!;
          const id = ids[item.index]!;
          const chosen = selection?.selected.has(id) ?? false;
          return (
            <div
              key={id}
              role="row"
              data-row={item.index}
              data-id={id}
              aria-rowindex={item.index + 2}
              aria-selected={selection ? chosen : undefined}
              className={cx(
                'absolute top-0 left-0 min-w-full border-line border-b hover:bg-hover',
                narrow
                  ? 'flex flex-wrap content-center items-center gap-x-3 gap-y-1 px-4 py-2'
                  : 'grid items-center px-3',
                chosen && 'bg-accent-tint hover:bg-accent-tint',
                isGone?.(row) && 'line-through opacity-60',
              )}
              style={{
                transform: `translateY(${item.start}px)`,
                height: item.size,
                gridTemplateColumns: narrow ? undefined : template,
                ...(narrow ? { width: '100%' } : {}),
              }}
            >
              {selection && (
                <div role="gridcell" data-col={0} aria-colindex={1} className={narrow ? 'size-6' : 'h-full'}>
                  {box({
                    label: t('select', { name: selection.rowLabel(row) }),
                    checked: chosen,
                    onClick: (event) => toggle(item.index, event.shiftKey),
                  })}
                </div>
              )}
              {narrow && <span aria-hidden className="order-2 basis-full" />}
              {columns.map((column, index) => (
                <div
                  key={column.id}
                  role="gridcell"
                  data-col={index + offset}
                  aria-colindex={index + offset + 1}
                  className={cx(
                    'min-w-0',
                    narrow ? narrowLook[column.narrow ?? 'meta'] : 'px-3',
                    column.align === 'end' && !narrow && 'text-right',
                  )}
                  onDoubleClick={onOpen ? () => onOpen(row) : undefined}
                >
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
