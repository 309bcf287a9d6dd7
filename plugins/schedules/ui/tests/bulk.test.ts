import { describe, expect, it } from 'vitest';
import { ProblemError } from '@/api/problem';
import { runBulk } from '../bulk';

describe('bulk', () => {
  it('does exactly the chosen ones, one failure stops nothing, and never more at once than allowed', async () => {
    const items = Array.from({ length: 20 }, (_, index) => ({ id: String(index), name: `n${index}`, revision: 1 }));
    const seen: string[] = [];
    const progress: number[] = [];
    let now = 0;
    let most = 0;
    const each = async (_action: string, item: { id: string }) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      seen.push(item.id);
      now -= 1;
      if (item.id === '7')
        throw new ProblemError({ type: '', title: '', status: 412, code: 'REVISION_CHANGED', detail: 'changed' });
    };
    const result = await runBulk('pause', items, (done) => progress.push(done), each, 3);
    expect([...seen].sort((a, b) => Number(a) - Number(b))).toEqual(items.map((item) => item.id));
    expect(result.done).toHaveLength(19);
    expect(result.failed.map(({ item, problem }) => [item.id, problem.code])).toEqual([['7', 'REVISION_CHANGED']]);
    expect(most).toBe(3);
    expect(progress.at(-1)).toBe(20);
  });
});
