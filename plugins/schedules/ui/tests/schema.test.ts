import { describe, expect, it } from 'vitest';
import type { Violation } from '@/api/problem';
import { placeOf } from '@/editor/pointers';
import { emptyJson, fieldSchema, kindOf } from '../schema';

const violation = (keyword: string, instance: string, params: object): Violation => ({
  keyword,
  instance,
  schema: '',
  message: '',
  params: params as Violation['params'],
});

describe('the schema of a field', () => {
  it('follows references and puts allOf together', () => {
    const root = {
      $defs: { 'a/b': { type: 'string', title: 'Name' }, base: { properties: { x: {} }, required: ['x'] } },
      allOf: [{ $ref: '#/$defs/base' }],
      properties: { y: { $ref: '#/$defs/a~1b', description: 'own' } },
      required: ['y'],
    };
    const whole = fieldSchema(root, root);
    expect(Object.keys(whole.properties!)).toEqual(['x', 'y']);
    expect(whole.required).toEqual(['x', 'y']);
    expect(fieldSchema(root, whole.properties!.y)).toEqual({ type: 'string', title: 'Name', description: 'own' });
  });
  it('ends for references in a circle', () => expect(fieldSchema({ $ref: '#' }, { $ref: '#' })).toEqual({}));
});

describe('the kind of a field', () => {
  it.each([
    [{ type: 'string' }, undefined, 'text'],
    [{ type: 'string' }, 'number', 'json'],
    [{ type: ['string', 'null'] }, 'null', 'text'],
    [{ type: 'integer' }, 'string', 'number'],
    [{ type: 'integer' }, 'object', 'json'],
    [{ enum: ['a', 1, null] }, 'number', 'choice'],
    [{ enum: [{}] }, undefined, 'json'],
    [{ properties: {} }, 'object', 'object'],
    [{ type: 'array', items: {} }, 'array', 'list'],
    [{ type: 'array' }, 'array', 'json'],
    [{ type: ['string', 'integer'] }, 'string', 'json'],
    [{ oneOf: [] }, 'string', 'json'],
  ] as const)('of %j with a value of type %s is %s', (schema, type, kind) =>
    expect(kindOf(schema as never, type)).toBe(kind),
  );
  it('gives a new element the emptiest value', () => {
    expect(emptyJson({ type: 'integer' })).toBe('0');
    expect(emptyJson({ type: 'string', default: 'x' })).toBe('"x"');
    expect(emptyJson({ properties: {} })).toBe('{}');
  });
});

describe('the place of a violation', () => {
  it('is the member that is missing or too many', () => {
    expect(placeOf(violation('required', '/a', { missingProperty: 'b/c' }))).toBe('/a/b~1c');
    expect(placeOf(violation('additionalProperties', '', { additionalProperty: 'x' }))).toBe('/x');
    expect(placeOf(violation('type', '/a', {}))).toBe('/a');
  });
});
