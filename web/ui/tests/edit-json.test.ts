import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateOf, nodeAt, numberOrText, pushJson, putJson, removeAt, sourceOf, treeOf } from '@/editor/edit-json';
import { syntaxErrorOf } from '@/editor/pointers';

const text = `{
  "z": 12345678901234567890,
  "price": 1.10,   "same": 1.0,
  "nested": {
    "list": [1, 2]
  }
}`;

describe('a change to one place of a JSON text', () => {
  it('leaves every other character as it was', () => {
    expect(putJson(text, ['price'], '2.50')).toBe(text.replace('1.10', '2.50'));
    expect(putJson(text, ['nested', 'list', 1], '"two"')).toBe(text.replace('[1, 2]', '[1, "two"]'));
    expect(putJson(text, ['new'], '9007199254740993')).toContain('"new": 9007199254740993');
    expect(putJson(text, ['new'], '1')).toContain('12345678901234567890');
  });
  it('makes the parents that are absent', () => {
    expect(JSON.parse(putJson(text, ['nested', 'deep', 'er'], '1.0')).nested).toEqual({
      list: [1, 2],
      deep: { er: 1 },
    });
    expect(putJson(text, ['nested', 'deep', 'er'], '1.0')).toContain('"er": 1.0');
  });
  it('adds to a list and takes out of it', () => {
    expect(JSON.parse(pushJson(text, ['nested', 'list'], '3')).nested.list).toEqual([1, 2, 3]);
    expect(JSON.parse(pushJson(text, ['nested', 'none'], '3')).nested.none).toEqual([3]);
    expect(JSON.parse(removeAt(text, ['nested', 'list', 0])).nested.list).toEqual([2]);
    expect(removeAt(text, ['nothing'])).toBe(text);
    expect(removeAt(text, ['z'])).not.toContain('12345678901234567890');
  });
  it('keeps a text that looks like a replacement pattern', () =>
    expect(JSON.parse(putJson('{}', ['a'], '"$& $1"'))).toEqual({ a: '$& $1' }));
  it('gives back any value at any name', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (before, name, value) => {
        const json = JSON.stringify(value);
        const after = JSON.parse(putJson(JSON.stringify(before), [name], json));
        const expected = JSON.parse(JSON.stringify(before));
        Object.defineProperty(expected, name, {
          value: JSON.parse(json),
          enumerable: true,
          configurable: true,
          writable: true,
        });
        expect(after).toEqual(expected);
      }),
    ));
});

describe('what a person sees of a value', () => {
  it('is its own characters, at the left margin', () =>
    expect(sourceOf(text, nodeAt(treeOf(text), ['nested'])!)).toBe('{\n  "list": [1, 2]\n}'));
  it('is a number where it is one, else text, so that nothing typed is lost', () => {
    expect(numberOrText('1.0')).toBe('1.0');
    expect(numberOrText('-12345678901234567890')).toBe('-12345678901234567890');
    expect(numberOrText('1e5')).toBe('1e5');
    expect(numberOrText('1.')).toBe('"1."');
    expect(numberOrText('01')).toBe('"01"');
    expect(numberOrText('ten')).toBe('"ten"');
  });
});

describe('a member that is there twice', () => {
  it('is found at any depth, with its place', () => {
    expect(duplicateOf(treeOf('{"a":1,"b":{"c":1,"c":2}}'))).toEqual({ name: 'c', offset: 18 });
    expect(duplicateOf(treeOf(text))).toBeNull();
    expect(duplicateOf(treeOf('[{"a":1},{"a":1}]'))).toBeNull();
  });
  it('counts as not readable: reading would drop the first', () =>
    expect(syntaxErrorOf('{\n "a": 1,\n "a": 2\n}')).toMatchObject({ duplicate: 'a', line: 3, column: 2 }));
});
