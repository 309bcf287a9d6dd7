import { describe, expect, it } from 'vitest';
import { pretty } from '@/api/exact-json';
import { standInOf, standInRanges } from '@/editor/stand-ins';

const hidden = { $redacted: { at: '/a/b', type: 'string' } };
const secret = { $secret: 'api-key' };

describe('what stands for a value', () => {
  it('knows placeholders and references and nothing else', () => {
    expect(standInOf(hidden)).toEqual({ kind: 'hidden', type: 'string', at: '/a/b' });
    expect(standInOf({ $redacted: { type: 'number' } })).toEqual({ kind: 'hidden', type: 'number' });
    expect(standInOf(secret)).toEqual({ kind: 'secret', name: 'api-key' });
    for (const other of [
      null,
      'x',
      [],
      {},
      { $secret: 1 },
      { $secret: 'x', more: 1 },
      { $redacted: 1 },
      { $redacted: {} },
    ])
      expect(standInOf(other)).toBeNull();
  });
  it.each([pretty({ a: hidden, list: [secret, 1] }), JSON.stringify({ a: hidden, list: [secret, 1] })])(
    'finds them in a text, however it is laid out: %s',
    (text) => {
      const found = standInRanges(text);
      expect(found.map((each) => each.standIn.kind)).toEqual(['hidden', 'secret']);
      expect(JSON.parse(text.slice(found[0]!.from, found[0]!.to))).toEqual(hidden);
    },
  );
  it('takes no look-alike for one', () => {
    const texts = [
      '{"a":"{\\"$secret\\":\\"x\\"}"}',
      '{"$secret":"x","y":1}',
      '{"$redacted":{"at":"/x"}}',
      '{"$secret":',
    ];
    for (const text of texts) expect(standInRanges(text)).toEqual([]);
  });
  it('stays quick on long texts', () => {
    const text = pretty(Array.from({ length: 5_000 }, () => ({ $redacted: { at: '/x', type: 'string', no: 1 } })));
    const start = performance.now();
    expect(standInRanges(text)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
