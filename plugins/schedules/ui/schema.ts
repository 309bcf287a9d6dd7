import type { Violation } from '@/api/problem';
import { placeOf } from '@/editor/pointers';

export type Schema = {
  $ref?: string;
  allOf?: Schema[];
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A subschema with references into its own document followed and its `allOf` put together: what a field needs to know. */
export function fieldSchema(root: unknown, schema: unknown, depth = 0): Schema {
  if (!isObject(schema) || depth > 16) return {};
  let node = schema as Schema;
  if (typeof node.$ref === 'string') {
    const target = node.$ref.startsWith('#')
      ? node.$ref
          .slice(1)
          .split('/')
          .slice(1)
          .reduce<unknown>(
            (at, part) =>
              isObject(at) ? at[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')] : {},
            root,
          )
      : {};
    const { $ref: _, ...own } = node;
    node = { ...fieldSchema(root, target, depth + 1), ...own };
  }
  if (!Array.isArray(node.allOf)) return node;
  const parts = [...node.allOf.map((each) => fieldSchema(root, each, depth + 1)), node];
  const named = parts.flatMap((part) => (part.properties ? [part.properties] : []));
  return {
    ...(Object.assign({}, ...parts) as Schema),
    ...(named.length > 0 ? { properties: Object.assign({}, ...named) as Record<string, Schema> } : {}),
    required: [...new Set(parts.flatMap((part) => part.required ?? []))],
  };
}

const typesOf = (schema: Schema) => (Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : []);

export type FieldKind = 'choice' | 'text' | 'number' | 'boolean' | 'object' | 'list' | 'json';

/** What to edit a value with. One that is not of the schema's type is shown as it is, except what a number's field wrote. */
export function kindOf(schema: Schema, valueType: string | undefined): FieldKind {
  const types = typesOf(schema).filter((type) => type !== 'null');
  const type = types.length === 1 ? types[0] : schema.properties ? 'object' : undefined;
  const fits = (...allowed: string[]) =>
    valueType === undefined ||
    allowed.includes(valueType) ||
    (valueType === 'null' && typesOf(schema).includes('null'));
  if (schema.enum && schema.enum.length > 0 && schema.enum.every((each) => typeof each !== 'object' || each === null))
    return 'choice';
  if (type === 'string' && fits('string')) return 'text';
  if ((type === 'number' || type === 'integer') && fits('number', 'string')) return 'number';
  if (type === 'boolean' && fits('boolean')) return 'boolean';
  if (type === 'object' && schema.properties && (valueType === undefined || valueType === 'object')) return 'object';
  if (type === 'array' && isObject(schema.items) && (valueType === undefined || valueType === 'array')) return 'list';
  return 'json';
}

/** The emptiest JSON text of a schema's type, for a new element of a list. */
export function emptyJson(schema: Schema): string {
  if (schema.default !== undefined) return JSON.stringify(schema.default);
  switch (typesOf(schema)[0] ?? (schema.properties ? 'object' : '')) {
    case 'string':
      return '""';
    case 'number':
    case 'integer':
      return '0';
    case 'boolean':
      return 'false';
    case 'array':
      return '[]';
    case 'object':
      return '{}';
    default:
      return 'null';
  }
}

export const violationsAt = (violations: readonly Violation[], pointer: string) =>
  violations.filter((each) => placeOf(each) === pointer);
export const violationsWithin = (violations: readonly Violation[], pointer: string) =>
  violations.filter((each) => placeOf(each) === pointer || placeOf(each).startsWith(`${pointer}/`));
