import { fireEvent, render, screen } from '@testing-library/react';
import fc from 'fast-check';
import { useState } from 'react';
import { IntlProvider } from 'use-intl';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Grid } from '@/grid/Grid';
import { moveFocus, rangeIds } from '@/grid/keys';
import en from '@/i18n/en.json';

describe('focus of a grid', () => {
  const extent = { rows: 100, cols: 5, page: 10, hasHeader: true };
  it.each([
    ['ArrowDown', false, { row: 0, col: 2 }, { row: 1, col: 2 }],
    ['ArrowUp', false, { row: 0, col: 2 }, { row: -1, col: 2 }],
    ['ArrowUp', false, { row: -1, col: 2 }, { row: -1, col: 2 }],
    ['ArrowLeft', false, { row: 3, col: 0 }, { row: 3, col: 0 }],
    ['End', false, { row: 3, col: 0 }, { row: 3, col: 4 }],
    ['End', true, { row: 3, col: 0 }, { row: 99, col: 4 }],
    ['Home', true, { row: 50, col: 3 }, { row: 0, col: 0 }],
    ['PageDown', false, { row: 95, col: 1 }, { row: 99, col: 1 }],
    ['PageUp', false, { row: 4, col: 1 }, { row: 0, col: 1 }],
  ])('%s (ctrl %s) from %j goes to %j', (key, ctrl, from, to) => {
    expect(moveFocus(from, { key, ctrl }, extent)).toEqual(to);
  });
  it('stays inside whatever is pressed', () => {
    const keys = fc.array(
      fc.record({
        key: fc.constantFrom('ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageDown', 'PageUp'),
        ctrl: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 30 }), fc.boolean(), (pressed, rows, hasHeader) => {
        let at = { row: 0, col: 0 };
        for (const key of pressed) {
          at = moveFocus(at, key, { rows, cols: 4, page: 7, hasHeader })!;
          expect(at.row).toBeGreaterThanOrEqual(hasHeader ? -1 : 0);
          expect(at.row).toBeLessThan(rows);
          expect(at.col).toBeGreaterThanOrEqual(0);
          expect(at.col).toBeLessThan(4);
        }
      }),
    );
  });
  it('leaves other keys alone', () =>
    expect(moveFocus({ row: 0, col: 0 }, { key: 'a', ctrl: false }, extent)).toBeNull());
  it('takes a range from either end', () => {
    expect(rangeIds(['a', 'b', 'c', 'd'], 2, 1)).toEqual(['b', 'c']);
  });
});

type Row = { id: string };
const rows: Row[] = Array.from({ length: 1000 }, (_, index) => ({ id: `r${index}` }));

function Fixture({ onOpen, onKey }: { onOpen: (row: Row) => void; onKey: (key: string, row: Row) => boolean }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <IntlProvider locale="en" messages={en as never} timeZone="UTC">
      <output>{[...selected].join(',')}</output>
      <Grid
        label="Things"
        columns={[
          { id: 'name', header: 'Name', width: '1fr', cell: (row: Row) => <a href={`/${row.id}`}>{row.id}</a> },
          { id: 'plain', header: 'Plain', width: '1fr', cell: (row: Row) => `text ${row.id}` },
        ]}
        rows={rows}
        rowId={(row) => row.id}
        total={5000}
        selection={{ selected, onChange: setSelected, rowLabel: (row) => row.id }}
        onOpen={onOpen}
        onRowKey={onKey}
      />
    </IntlProvider>
  );
}

describe('<Grid>', () => {
  beforeAll(() => {
    Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 640 });
    Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1000 });
  });
  const setup = () => {
    const onOpen = vi.fn();
    const onKey = vi.fn(() => true);
    render(<Fixture onOpen={onOpen} onKey={onKey} />);
    const grid = screen.getByRole('grid');
    const press = (key: string, init = {}) => fireEvent.keyDown(document.activeElement!, { key, ...init });
    return { onOpen, onKey, grid, press, selected: () => screen.getByRole('status').textContent };
  };
  const tabStops = (grid: HTMLElement) => [...grid.querySelectorAll<HTMLElement>('[tabindex="0"]')];

  it('keeps few rows in the document, says how many there are, and has one tab stop', () => {
    const { grid } = setup();
    expect(grid.getAttribute('aria-rowcount')).toBe('5001');
    expect(grid.querySelectorAll('[role=row]').length).toBeLessThan(60);
    expect(tabStops(grid)).toHaveLength(1);
  });
  it('moves by arrows, one tab stop all the way', () => {
    const { grid, press } = setup();
    tabStops(grid)[0]!.focus();
    press('ArrowRight');
    expect(document.activeElement?.textContent).toBe('r0');
    press('ArrowDown');
    expect(document.activeElement?.textContent).toBe('r1');
    press('ArrowRight');
    expect(document.activeElement?.textContent).toBe('text r1');
    expect(tabStops(grid)).toHaveLength(1);
  });
  it('selects by key, by range and all', () => {
    const { grid, press, selected } = setup();
    tabStops(grid)[0]!.focus();
    press('x');
    expect(selected()).toBe('r0');
    press('ArrowDown', { shiftKey: true });
    press('ArrowDown', { shiftKey: true });
    expect(selected()).toBe('r0,r1,r2');
    press('a', { ctrlKey: true });
    expect(selected()?.split(',')).toHaveLength(1000);
  });
  it('opens with Enter and hands other keys to the row, but not with Ctrl', () => {
    const { grid, press, onOpen, onKey } = setup();
    tabStops(grid)[0]!.focus();
    press('ArrowDown');
    press('End');
    press('Enter');
    expect(onOpen).toHaveBeenCalledWith(rows[1]);
    press('p');
    expect(onKey).toHaveBeenCalledWith('p', rows[1], expect.anything());
    onKey.mockClear();
    press('p', { ctrlKey: true });
    expect(onKey).not.toHaveBeenCalled();
  });
});
