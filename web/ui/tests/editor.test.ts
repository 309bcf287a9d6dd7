import { describe, expect, it } from 'vitest';
import { parseExact } from '@/api/exact-json';
import { markersOf, offsetOf, rangeOf, syntaxErrorOf } from '@/editor/pointers';
import { convert } from '@/screens/convert';

const text = '{\n  "a": { "b/c": [10, "x"] },\n  "d": 5\n}';
const cut = (pointer: string) => {
  const { from, to } = rangeOf(text, pointer);
  return text.slice(from, to);
};

describe('JSON Pointer → place in the text', () => {
  it.each([
    ['/d', '5'],
    ['/a/b~1c/1', '"x"'],
    ['/a', '{'],
    ['', '{'],
    ['/a/missing', '{'],
  ])('%j is %j', (pointer, found) => expect(cut(pointer)).toBe(found));
  it('makes a marker of each violation', () => {
    expect(markersOf(text, [{ instance: '/d', schema: '', keyword: 'type', message: 'm', params: {} }])).toEqual([
      { from: text.indexOf('5'), to: text.indexOf('5') + 1, message: 'm' },
    ]);
  });
  it('finds line and column', () => {
    expect(offsetOf(text, 3, 3)).toBe(text.indexOf('"d"'));
    expect(offsetOf(text, 99, 99)).toBe(text.length);
    expect(offsetOf(text, 0, 0)).toBe(0);
  });
  it('names the place of a syntax error', () => {
    expect(syntaxErrorOf(text)).toBeNull();
    expect(syntaxErrorOf('{\n  "a": ,\n}')).toMatchObject({ line: 2, column: 8 });
    expect(syntaxErrorOf('')).toMatchObject({ line: 1, column: 1 });
  });
});

describe('exact JSON', () => {
  it('keeps plain values', () => expect(parseExact('{"a":[1,2.5,"x",null]}')).toEqual({ a: [1, 2.5, 'x', null] }));
});

describe('notation', () => {
  it('converts both ways', () => {
    expect(JSON.parse(convert('a: 1\nb: [x]', 'yaml', 'json')!)).toEqual({ a: 1, b: ['x'] });
    expect(convert('{"a":1}', 'json', 'yaml')).toBe('a: 1\n');
  });
  it('refuses what it cannot read instead of losing it', () => {
    expect(convert('{', 'json', 'yaml')).toBeNull();
    expect(convert('a: [', 'yaml', 'json')).toBeNull();
  });
});
