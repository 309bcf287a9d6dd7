export type DiffRow = { kind: 'same' | 'removed' | 'added'; text: string; before?: number; after?: number };

/**
 * Lines of two texts side by side: the shortest way from one to the other (E. W. Myers, "An O(ND) Difference Algorithm and
 * Its Variations", 1986). Where they differ in more than `most` lines, the middle is shown as replaced whole.
 */
export function diffLines(before: string, after: string, most = 2000): DiffRow[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const kinds = [
    ...Array<DiffRow['kind']>(head).fill('same'),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), most),
    ...Array<DiffRow['kind']>(tail).fill('same'),
  ];
  let left = 0;
  let right = 0;
  return kinds.map((kind): DiffRow => {
    if (kind === 'removed') return { kind, text: a[left]!, before: ++left };
    if (kind === 'added') return { kind, text: b[right]!, after: ++right };
    return { kind, text: a[left]!, before: ++left, after: ++right };
  });
}

function middle(a: string[], b: string[], most: number): DiffRow['kind'][] {
  const whole: DiffRow['kind'][] = [
    ...Array<DiffRow['kind']>(a.length).fill('removed'),
    ...Array<DiffRow['kind']>(b.length).fill('added'),
  ];
  if (a.length === 0 || b.length === 0) return whole;
  // reach[k] is how far into `a` the furthest path on diagonal k has come, for each number of changes.
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(a.length + b.length, most); changes++) {
    trace.push(new Map(reach));
    const next = new Map(reach);
    for (let k = -changes; k <= changes; k += 2) {
      const down = k === -changes || (k !== changes && (next.get(k - 1) ?? -1) < (next.get(k + 1) ?? -1));
      let x = down ? (next.get(k + 1) ?? 0) : (next.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length);
    }
    reach = next;
  }
  return whole;
}

function walkBack(trace: Map<number, number>[], lengthA: number, lengthB: number): DiffRow['kind'][] {
  const kinds: DiffRow['kind'][] = [];
  let x = lengthA;
  let y = lengthB;
  for (let changes = trace.length - 1; changes > 0; changes--) {
    const reach = trace[changes]!;
    const k = x - y;
    const down = k === -changes || (k !== changes && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const startX = reach.get(from) ?? 0;
    const startY = startX - from;
    const afterX = down ? startX : startX + 1;
    while (x > afterX) {
      kinds.push('same');
      x--;
      y--;
    }
    kinds.push(down ? 'added' : 'removed');
    x = startX;
    y = startY;
  }
  while (x > 0 && y > 0) {
    kinds.push('same');
    x--;
    y--;
  }
  return kinds.reverse();
}

export type Fold = { hidden: DiffRow[] };

/** Long stretches without a change folded, except `around` lines beside each change. */
export function foldSame(rows: DiffRow[], around = 3): (DiffRow | Fold)[] {
  const near = new Set<number>();
  rows.forEach((row, index) => {
    if (row.kind !== 'same') for (let at = index - around; at <= index + around; at++) near.add(at);
  });
  const out: (DiffRow | Fold)[] = [];
  rows.forEach((row, index) => {
    if (near.has(index)) {
      out.push(row);
      return;
    }
    const last = out.at(-1);
    if (last && 'hidden' in last) last.hidden.push(row);
    else out.push({ hidden: [row] });
  });
  // A fold of one line would take the room of the line.
  return out.flatMap((each) => ('hidden' in each && each.hidden.length < 2 ? each.hidden : [each]));
}
