import { describe, expect, it } from 'vitest';
import {
  changesOf,
  controlOf,
  type DraftOperation,
  isTaken,
  lacksOf,
  newOperation,
  operationOf,
  suggestionsOf,
} from '@/screens/publish/model';

const bare = ({ id, ...rest }: DraftOperation) => rest;
const fix = { name: 'A', text: '{"n": 1}', revision: 3, ready: true, stale: false };

describe('operations of a migration', () => {
  it('become the request', () => {
    expect(operationOf(newOperation('rename', { from: '/a', to: '/b' }))).toEqual({
      op: 'rename',
      from: '/a',
      to: '/b',
    });
    expect(operationOf(newOperation('default', { to: '/c', value: '"EUR"' }))).toEqual({
      op: 'default',
      path: '/c',
      value: 'EUR',
    });
    expect(operationOf(newOperation('set', { to: '/c', value: '.n + 1' }))).toEqual({
      op: 'set',
      path: '/c',
      expr: '.n + 1',
    });
    expect(operationOf(newOperation('drop', { to: '/c' }))).toEqual({ op: 'drop', path: '/c' });
  });
  it('say what they lack', () => {
    expect(lacksOf(newOperation('rename', { from: 'a', to: '/b' }))).toEqual({ from: 'pointer' });
    expect(lacksOf(newOperation('drop', { to: '/a~2' }))).toEqual({ to: 'pointer' });
    expect(lacksOf(newOperation('drop', { to: '/a~1b' }))).toEqual({});
    expect(lacksOf(newOperation('default', { to: '/a', value: 'EUR' }))).toEqual({ value: 'json' });
    expect(lacksOf(newOperation('set', { to: '/a' }))).toEqual({ value: 'expr' });
  });
  it('travel only when they are finished, and so do corrected payloads', () => {
    const operations = [newOperation('rename'), newOperation('drop', { to: '/x' })];
    expect(
      changesOf({ note: '', operations, fixes: { a: fix, b: { ...fix, ready: false }, c: { ...fix, stale: true } } }),
    ).toEqual({ migration: [{ op: 'drop', path: '/x' }], payload_fixes: { a: { revision: 3, payload: { n: 1 } } } });
    expect(changesOf({ note: 'n', operations: [newOperation('rename')], fixes: {} })).toEqual({});
  });
  it('are found again from the place that the server names', () => {
    const operations = [newOperation('rename'), newOperation('set', { to: '/x', value: '.' })];
    expect(controlOf('/migration/0/expr', operations)).toEqual({ id: operations[1]!.id, control: 'value' });
    expect(controlOf('/migration/7', operations)).toBeNull();
    expect(controlOf('/note', operations)).toBeNull();
  });
});

describe('suggestions', () => {
  const added = (pointer: string, after: object) => ({ pointer, change: 'added' as const, before: null, after });
  const removed = (pointer: string, before: object) => ({ pointer, change: 'removed' as const, before, after: null });
  const required = (pointer: string) => ({ pointer, change: 'required' as const, before: false, after: true });
  it('rename what went to what came of the same type beside it', () => {
    const changes = [
      removed('/region', { type: 'string' }),
      added('/area', { type: 'string' }),
      added('/n', { type: 'integer' }),
    ];
    expect(suggestionsOf(changes).map(bare)).toEqual([{ op: 'rename', from: '/region', to: '/area', value: '' }]);
  });
  it('do not guess between two that went', () =>
    expect(
      suggestionsOf([
        removed('/a', { type: 'string' }),
        removed('/b', { type: 'string' }),
        added('/c', { type: 'string' }),
      ]),
    ).toEqual([]));
  it('set the default of what is newly required', () => {
    const changes = [added('/currency', { type: 'string', default: 'EUR' }), required('/currency'), required('/other')];
    expect(suggestionsOf(changes).map(bare)).toEqual([{ op: 'default', from: '', to: '/currency', value: '"EUR"' }]);
  });
  it('go when an operation already does it', () => {
    const [rename] = suggestionsOf([removed('/a', { type: 'string' }), added('/b', { type: 'string' })]);
    expect(isTaken(rename!, [])).toBe(false);
    expect(isTaken(rename!, [newOperation('rename', { from: '/a', to: '/c' })])).toBe(true);
    expect(isTaken(rename!, [newOperation('set', { to: '/b', value: '.a' })])).toBe(true);
  });
});
