// Random schemas of both dialects. They stay where ajv and the standard agree; where ajv differs by design is not
// generated but listed, with what either side says, in differences.mjs.
import { FORMATS, aName, aPattern, aWord, someNames } from './texts.mjs';

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];

export function aNumber(random) {
  switch (random.below(12)) {
    case 0: return random.between(-80, 80) / 4;
    case 1: return random.pick([0.5, -0.5, 1e15, -1e15, 9007199254740991, -9007199254740991, 1e-7, 1.5e300, 5e-324, 0.1, 19.99]);
    default: return random.between(-6, 12);
  }
}

export function aValue(random, depth) {
  switch (random.below(depth > 0 ? 9 : 6)) {
    case 0: return null;
    case 1: return random.once(2);
    case 2: case 3: return aNumber(random);
    case 4: case 5: return aWord(random);
    case 6: return Array.from({ length: random.below(4) }, () => aValue(random, depth - 1));
    default: return Object.fromEntries(someNames(random, random.below(4)).map((name) => [name, aValue(random, depth - 1)]));
  }
}

/** Makes one schema; what it refers to is in `definitions`, filled by aDocument. */
class Maker {
  constructor(random, dialect, base) {
    this.random = random;
    this.old = dialect === 'draft-07';
    this.base = base;
    this.definitions = this.old ? 'definitions' : '$defs';
    this.names = someNames(random, random.between(1, 3)).filter((name) => /^[a-zA-Z0-9-]+$/.test(name));
    this.anchors = [];
    this.resources = [];
    // ajv goes wrong where these meet contains, dependentSchemas or a choice of branches; see differences.mjs.
    this.unevaluated = random.once(3);
    this.branches = 0;
    this.dynamic = !this.old && random.once(3);
  }

  schemas(least, most, depth) {
    return Array.from({ length: this.random.between(least, most) }, () => this.schema(depth));
  }

  byName(count, depth) {
    return Object.fromEntries(someNames(this.random, count).map((name) => [name, this.schema(depth)]));
  }

  /** A reference; only below something that consumes, so that no loop stands still. */
  reference() {
    const choices = [...this.names.map((name) => `#/${this.definitions}/${name}`), ...this.anchors.map((name) => `#${name}`), ...this.resources, '#'];
    return this.dynamic && this.random.once(2) ? { $dynamicRef: '#node' } : { $ref: this.random.pick(choices) };
  }

  value(out) {
    const { random } = this;
    if (random.once(2)) out.enum = [...new Map(Array.from({ length: random.between(1, 5) }, () => aValue(random, 1)).map((v) => [JSON.stringify(v), v])).values()];
    else out.const = aValue(random, 2);
  }

  string(out) {
    const { random } = this;
    const least = random.below(4);
    if (random.once(2)) out.minLength = least;
    if (random.once(2)) out.maxLength = least + random.below(5);
    if (random.once(2)) out.pattern = aPattern(random);
    if (random.once(3)) out.format = random.pick(FORMATS);
  }

  number(out) {
    const { random } = this;
    if (random.once(2)) out[random.pick(['minimum', 'exclusiveMinimum'])] = aNumber(random);
    if (random.once(2)) out[random.pick(['maximum', 'exclusiveMaximum'])] = aNumber(random);
    if (random.once(3)) out.multipleOf = random.pick([1, 2, 3, 5, 7, 0.5, 0.25]);
  }

  array(out, depth) {
    const { random, old } = this;
    const least = random.below(3);
    if (random.once(4)) out.minItems = least;
    if (random.once(4)) out.maxItems = least + random.below(4);
    if (depth === 0) {
      if (random.once(4)) out.uniqueItems = !random.once(6);
      return;
    }
    const tuple = random.once(3) ? this.schemas(1, 3, depth - 1) : null;
    const rest = random.once(2) ? this.below(depth) : null;
    if (tuple) out[old ? 'items' : 'prefixItems'] = tuple;
    // `items: false` alone: ajv blames every item, ours the array. The verdict is tested with tuples.
    if (rest !== null && (rest !== false || tuple)) out[old && tuple ? 'additionalItems' : 'items'] = rest;
    if (!(tuple && rest !== null) && random.once(4)) out.uniqueItems = !random.once(6);
    // Not `{}`, nor beside a tuple: see differences.mjs.
    if (!this.unevaluated && !tuple && random.once(3)) {
      out.contains = random.once(2) ? { type: random.pick(['integer', 'string', 'null']) } : { type: random.pick(TYPES), ...this.schema(depth - 1, true) };
      if (!old && !random.once(3)) out.minContains = random.pick([0, 2, 2, 3]);
      if (!old && !random.once(3)) out.maxContains = random.between(1, 2);
    }
    if (this.tracks()) out.unevaluatedItems = random.once(2) ? false : this.below(depth);
  }

  object(out, depth) {
    const { random, old } = this;
    if (random.once(3)) out.required = someNames(random, random.between(1, 2));
    if (random.once(6)) out.minProperties = random.below(3);
    if (random.once(6)) out.maxProperties = random.between(1, 4);
    if (random.once(6)) out[old ? 'dependencies' : 'dependentRequired'] = Object.fromEntries(someNames(random, 2).map((name) => [name, someNames(random, random.between(1, 2))]));
    if (depth === 0) return;
    if (!random.once(3)) out.properties = Object.fromEntries(someNames(random, random.between(1, 4)).map((name) => [name, this.below(depth)]));
    if (random.once(5)) out.patternProperties = { [aPattern(random)]: this.below(depth) };
    if (random.once(3)) out.additionalProperties = random.once(2) ? false : this.below(depth);
    if (random.once(8)) out.propertyNames = random.once(3) ? { enum: someNames(random, 6) } : { maxLength: random.between(1, 4), pattern: aPattern(random) };
    if ((old || !this.unevaluated) && random.once(5)) out[old ? 'dependencies' : 'dependentSchemas'] = this.byName(2, depth - 1);
    if (this.tracks()) out.unevaluatedProperties = random.once(2) ? false : this.below(depth);
  }

  tracks() {
    return !this.old && this.unevaluated && this.branches === 0 && this.random.once(2);
  }

  inPlace(out, depth) {
    ++this.branches;
    this.branch(out, depth);
    --this.branches;
  }

  branch(out, depth) {
    const { random } = this;
    // With unevaluated… only what is no choice: allOf or not.
    switch (this.unevaluated ? random.pick([0, 0, 0, 3]) : random.below(6)) {
      case 0: out.allOf = this.schemas(1, 2, depth - 1); break;
      case 1: out.anyOf = random.once(3) ? this.told() : this.schemas(1, 3, depth - 1); break;
      case 2: out.oneOf = random.once(3) ? this.told() : this.schemas(1, 3, depth - 1); break;
      case 3: out.not = this.schema(depth - 1); break;
      default:
        out.if = this.schema(depth - 1);
        if (!random.once(4)) out.then = this.schema(depth - 1);
        if (random.once(2)) out.else = this.schema(depth - 1);
    }
  }

  /** Branches that a const member tells apart. */
  told() {
    return ['p', 'q', 'r'].map((kind) => ({ properties: { a: { const: kind }, b: this.schema(0) }, required: this.random.once(2) ? ['a'] : ['a', 'b'] }));
  }

  /** A subschema of a part of the value: may refer. */
  below(depth) {
    if (this.random.once(5)) return this.random.once(4) && !this.old ? { ...this.reference(), ...this.schema(0, true) } : this.reference();
    return this.schema(depth - 1);
  }

  schema(depth, bare = false) {
    const { random } = this;
    if (!bare && random.once(12)) return random.once(2);
    const out = {};
    const type = random.pick(TYPES);
    if (!random.once(3)) out.type = random.once(5) ? random.some(TYPES, 2) : type;
    if (random.once(8)) this.value(out);
    const about = random.once(4) ? random.some(TYPES, 2) : [type];
    if (about.includes('string')) this.string(out);
    if (about.includes('integer') || about.includes('number')) this.number(out);
    if (about.includes('array')) this.array(out, depth);
    if (about.includes('object')) this.object(out, depth);
    if (depth > 0 && random.once(4)) this.inPlace(out, depth);
    if (random.once(20)) Object.assign(out, { title: aWord(random), default: aValue(random, 1), $comment: 'none' });
    return out;
  }

  document() {
    const { random, old } = this;
    if (this.names.length === 0) this.names = ['d'];
    if (random.once(3)) this.anchors.push('here');
    if (random.once(4)) this.resources.push('part.json');
    const definitions = Object.fromEntries(this.names.map((name) => [name, this.schema(2, true)]));
    const root = random.once(5) ? this.schema(3, true) : this.container();
    // `$ref` beside others counts only since 2019-09, so an anchor of draft-07 needs a place of its own.
    if (this.anchors.length > 0) definitions.anchored = { [old ? '$id' : '$anchor']: old ? '#here' : 'here', ...this.schema(1, true) };
    if (this.resources.length > 0) definitions.part = { $id: 'part.json', ...this.schema(0, true), properties: { a: { $ref: `#/${this.definitions}/inner` } }, [this.definitions]: { inner: this.schema(0, true) } };
    if (this.dynamic) root.$dynamicAnchor = 'node';
    return { $id: this.base, ...root, [this.definitions]: definitions };
  }

  /** A root that is worth looking into. */
  container() {
    const out = {};
    if (!this.random.once(3)) out.type = ['object', 'array'];
    this.object(out, 3);
    if (this.random.once(2)) this.array(out, 3);
    if (this.random.once(3)) this.inPlace(out, 3);
    return out;
  }
}

export const aDocument = (random, dialect, base) => new Maker(random, dialect, base).document();

const WRONG = {
  type: ['objekt', 7, []], minLength: [-1, 'x', 1.5], maxItems: ['3', -2], required: ['a', [1], ['a', 'a']], pattern: ['a(b', 3], enum: ['x', {}], properties: [[], { a: 3 }],
  items: ['x', 5], allOf: [[], {}], $ref: ['#/nowhere', 5, '#nobody'], multipleOf: [0, -1], uniqueItems: ['yes'], additionalProperties: ['no'], not: [[]], propertyNames: [4],
  patternProperties: [{ '[z-a]': { type: 'null' } }, { a: 5 }], minimum: ['0', null], if: ['x'], format: [3],
};

/** A copy of the schema, broken in one place of its root. */
export function broken(random, schema) {
  const keyword = random.pick(Object.keys(WRONG));
  return { ...schema, [keyword]: random.pick(WRONG[keyword]) };
}
