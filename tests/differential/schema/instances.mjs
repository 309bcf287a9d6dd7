// Instances that a schema is likely to take, and near misses of them.
import { aNumber, aValue } from './generate.mjs';
import { aName, aTextFor, aWord } from './texts.mjs';

const pointed = (root, pointer) =>
  pointer.split('/').slice(1).reduce((at, token) => at?.[token.replaceAll('~1', '/').replaceAll('~0', '~')], root);

function referred(root, reference) {
  if (reference === '#' || reference === '#node') return root;
  if (reference.startsWith('#/')) return pointed(root, reference) ?? true;
  const definitions = root.$defs ?? root.definitions ?? {};
  return (reference === 'part.json' ? definitions.part : definitions.anchored) ?? true;
}

class Builder {
  constructor(random, root) {
    this.random = random;
    this.root = root;
  }

  /** A value that does what it can to please; conflicting keywords are not resolved. */
  build(schema, depth) {
    const { random } = this;
    if (typeof schema !== 'object' || schema === null || depth <= 0) return aValue(random, Math.max(0, Math.min(depth, 2)));
    if ('const' in schema) return schema.const;
    if (Array.isArray(schema.enum) && schema.enum.length > 0) return random.pick(schema.enum);
    const reference = schema.$ref ?? schema.$dynamicRef;
    if (typeof reference === 'string') return this.build(referred(this.root, reference), depth - 1);
    for (const keyword of ['anyOf', 'oneOf', 'allOf'])
      if (Array.isArray(schema[keyword]) && random.once(3)) return this.build({ ...schema, ...random.pick(schema[keyword]), [keyword]: undefined }, depth - 1);
    if (schema.then && random.once(3)) return this.build(schema.then, depth - 1);
    return this.typed(schema, this.type(schema), depth);
  }

  type(schema) {
    if (typeof schema.type === 'string') return schema.type;
    if (Array.isArray(schema.type) && schema.type.length > 0) return this.random.pick(schema.type);
    if (schema.properties || schema.required || schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined) return 'object';
    if (schema.items !== undefined || schema.prefixItems || schema.contains !== undefined) return 'array';
    if (schema.pattern || schema.minLength || schema.format) return 'string';
    return this.random.pick(['integer', 'string', 'object', 'array', 'null', 'boolean']);
  }

  typed(schema, type, depth) {
    const { random } = this;
    switch (type) {
      case 'null': return null;
      case 'boolean': return random.once(2);
      case 'integer': case 'number': return this.number(schema, type);
      case 'string': return typeof schema.pattern === 'string' ? this.text(schema.pattern) : aWord(random);
      case 'array': return this.array(schema, depth);
      default: return this.object(schema, depth);
    }
  }

  text(pattern) {
    try {
      return aTextFor(this.random, pattern);
    } catch {
      return aWord(this.random);
    }
  }

  number(schema, type) {
    const { random } = this;
    const near = [schema.minimum, schema.maximum, schema.exclusiveMinimum, schema.exclusiveMaximum].filter((v) => typeof v === 'number');
    let value = near.length > 0 && !random.once(3) ? random.pick(near) + random.between(-1, 1) : aNumber(random);
    if (typeof schema.multipleOf === 'number' && schema.multipleOf > 0 && Math.abs(value) < 1e6) value = Math.round(value / schema.multipleOf) * schema.multipleOf;
    return type === 'integer' && Math.abs(value) < 1e6 ? Math.round(value) : value;
  }

  array(schema, depth) {
    const { random } = this;
    const tuple = schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : []);
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    const length = random.once(3) && tuple.length > 0 ? tuple.length : Math.max(Number(schema.minItems) || 0, random.below(4));
    const out = Array.from({ length: Math.min(length, 6) }, (_, i) => this.build(i < tuple.length ? tuple[i] : (rest ?? true), depth - 1));
    if (schema.contains !== undefined) for (let i = random.below(4); i > 0; --i) out.push(this.build(schema.contains, depth - 1));
    return out;
  }

  object(schema, depth) {
    const { random } = this;
    const out = {};
    const properties = typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {};
    const names = Object.keys(properties).filter(() => !random.once(3));
    if (Array.isArray(schema.required)) names.push(...schema.required.filter((name) => typeof name === 'string'));
    if (random.once(3)) names.push(aName(random));
    for (const name of names) {
      const inherited = Object.hasOwn(properties, name) ? properties[name] : (schema.additionalProperties ?? schema.unevaluatedProperties ?? true);
      out[name] = this.build(inherited === false ? true : inherited, depth - 1);
    }
    return out;
  }
}

/** One small change somewhere in the value. */
function changed(random, value) {
  if (Array.isArray(value) && value.length > 0 && !random.once(4)) {
    const at = random.below(value.length);
    if (random.once(4)) return [...value, value[at]];
    return value.map((item, i) => (i === at ? changed(random, item) : item));
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0 && !random.once(4)) {
    const name = random.pick(Object.keys(value));
    const { [name]: gone, ...rest } = value;
    if (random.once(4)) return rest;
    if (random.once(4)) return { ...value, [aName(random)]: gone };
    return { ...value, [name]: changed(random, gone) };
  }
  if (typeof value === 'number' && Math.abs(value) < 1e9 && random.once(2)) return value + random.pick([1, -1, 0.5]);
  if (typeof value === 'string' && random.once(2)) return value + random.pick(['x', '😀', ' ']);
  return aValue(random, 1);
}

export function anInstance(random, root) {
  let value = new Builder(random, root).build(root, 6);
  for (let i = random.below(3); i > 0; --i) value = changed(random, value);
  return JSON.stringify(root).includes('multipleOf') ? tame(value) : value;
}

/** Numbers that ajv can divide; see differences.mjs. */
function tame(value) {
  if (typeof value === 'number') return Number.isInteger(value * 4) && Math.abs(value) <= 1e9 ? value : 3;
  if (Array.isArray(value)) return value.map(tame);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tame(item)]));
}
