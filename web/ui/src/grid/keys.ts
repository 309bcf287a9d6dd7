/** Where the focus of a grid goes for a key. Row -1 is the header. Pure, so that it can be tested without a screen. */
export type Position = { row: number; col: number };
export type Extent = { rows: number; cols: number; page: number; hasHeader: boolean };
type Key = { key: string; ctrl: boolean };

export function moveFocus(at: Position, { key, ctrl }: Key, extent: Extent): Position | null {
  const first = extent.hasHeader ? -1 : 0;
  const last = extent.rows - 1;
  const row = (value: number) => Math.max(first, Math.min(last, value));
  const dataRow = (value: number) => Math.max(Math.min(0, last), Math.min(last, value));
  const col = (value: number) => Math.max(0, Math.min(extent.cols - 1, value));
  switch (key) {
    case 'ArrowDown':
      return { ...at, row: row(at.row + 1) };
    case 'ArrowUp':
      return { ...at, row: row(at.row - 1) };
    case 'ArrowRight':
      return { ...at, col: col(at.col + 1) };
    case 'ArrowLeft':
      return { ...at, col: col(at.col - 1) };
    case 'Home':
      return ctrl ? { row: dataRow(0), col: 0 } : { ...at, col: 0 };
    case 'End':
      return ctrl ? { row: last, col: extent.cols - 1 } : { ...at, col: extent.cols - 1 };
    case 'PageDown':
      return { ...at, row: dataRow(at.row + extent.page) };
    case 'PageUp':
      return { ...at, row: dataRow(at.row - extent.page) };
    default:
      return null;
  }
}

/** Ids between two rows, both included, whichever comes first. */
export function rangeIds(ids: readonly string[], from: number, to: number): string[] {
  const [low, high] = from <= to ? [from, to] : [to, from];
  return ids.slice(Math.max(0, low), high + 1);
}
