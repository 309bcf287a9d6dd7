import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, foldSame } from '@/ui/diff-lines';

const shown = (before: string, after: string, most?: number) =>
  diffLines(before, after, most).map((row) => ({ same: ' ', removed: '-', added: '+' })[row.kind] + row.text);

describe('the difference of two texts', () => {
  it('is what was removed and added, in place', () => {
    expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c']);
    expect(shown('a\nb\nc\nd', 'b\nc\ne\nd')).toEqual(['-a', ' b', ' c', '+e', ' d']);
    expect(shown('same', 'same')).toEqual([' same']);
    expect(shown('', 'a')).toEqual(['-', '+a']);
  });
  it('counts the lines of either side', () =>
    expect(diffLines('a\nb', 'x\na\nb').map(({ before, after }) => [before, after])).toEqual([
      [undefined, 1],
      [1, 2],
      [2, 3],
    ]));
  it('always leads from the one to the other, and is shortest', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), fc.array(fc.constantFrom('a', 'b', 'c')), (a, b) => {
        const rows = diffLines(a.join('\n'), b.join('\n'));
        const side = (gone: string) =>
          rows
            .filter((row) => row.kind !== gone)
            .map((row) => row.text)
            .join('\n');
        expect(side('added')).toBe(a.join('\n'));
        expect(side('removed')).toBe(b.join('\n'));
        expect(rows.filter((row) => row.kind === 'same').length).toBe(longestCommon(a, b));
      }),
    ));
  it('gives up on texts that have nothing in common, and says replaced', () =>
    expect(shown('a\nb\nc\nd', 'e\nf\nb\nh', 2)).toEqual(['-a', '-b', '-c', '-d', '+e', '+f', '+b', '+h']));
});

function longestCommon(a: string[], b: string[]): number {
  // An empty text is one empty line.
  const left = a.length ? a : [''];
  const right = b.length ? b : [''];
  const table = Array.from({ length: left.length + 1 }, () => Array<number>(right.length + 1).fill(0));
  for (let i = 1; i <= left.length; i++)
    for (let j = 1; j <= right.length; j++)
      table[i]![j] =
        left[i - 1] === right[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[left.length]![right.length]!;
}

describe('long stretches without a change', () => {
  const rows = diffLines(
    Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n'),
    Array.from({ length: 20 }, (_, index) => (index === 10 ? 'other' : `line ${index}`)).join('\n'),
  );
  it('are folded, except near the change', () => {
    const folded = foldSame(rows);
    expect('hidden' in folded[0]! && folded[0].hidden.length).toBe(7);
    expect('hidden' in folded.at(-1)! && (folded.at(-1) as { hidden: unknown[] }).hidden.length).toBe(6);
    expect(folded.length).toBe(2 + 3 + 2 + 3);
  });
});
