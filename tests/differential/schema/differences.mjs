// Where ajv and the validator differ by design. The random cases stay away from these; here each is shown with what
// either side says, so that a change on either side is noticed. The reason names who follows the standard.

const draft07 = 'http://json-schema.org/draft-07/schema#';

/** ours and peer: 'valid', 'invalid', 'refused' (the schema or the text) or 'throws'. `instance` is JSON text, since JavaScript cannot hold all of them. */
export const DIFFERENCES = [
  { topic: 'multipleOf', why: 'ajv divides doubles; decimals are meant (validation 6.2.1)', schema: { multipleOf: 0.01 }, instance: '19.99', ours: 'valid', peer: 'invalid' },
  { topic: 'multipleOf', why: 'as above', schema: { multipleOf: 0.1 }, instance: '0.3', ours: 'valid', peer: 'invalid' },
  { topic: 'multipleOf', why: 'ajv compares with parseInt of "1e+300"', schema: { multipleOf: 1 }, instance: '1e300', ours: 'valid', peer: 'invalid' },
  { topic: 'large integers', why: 'JavaScript reads 9007199254740993 as …992', schema: { const: 9007199254740992 }, instance: '9007199254740993', ours: 'invalid', peer: 'valid' },
  { topic: 'large integers', why: 'as above, at the edge of 64 bits', schema: { exclusiveMaximum: 18446744073709551616 }, instance: '18446744073709551615', ours: 'valid', peer: 'invalid' },
  { topic: 'type', why: 'no double holds 1e400: refused when read, not taken for infinity', schema: { type: 'number' }, instance: '1e400', ours: 'refused', peer: 'valid' },
  { topic: 'format', why: 'time without an offset is no RFC 3339 time; ajv-formats agrees, its date-time takes a space for the T', schema: { format: 'date-time' }, instance: '"2026-11-21 07:36:08Z"', ours: 'invalid', peer: 'valid' },
  { topic: 'pattern', why: 'PCRE2 looks back over texts of one length only; refused, not guessed', schema: { pattern: '(?<=a+)b' }, instance: '"aab"', ours: 'refused', peer: 'valid' },
  { topic: 'names of Object', why: 'ajv throws when it compares an object that has a member toString', schema: { enum: [{ toString: 1 }] }, instance: '{"toString":1}', ours: 'valid', peer: 'throws' },
  { topic: 'unevaluatedItems', why: 'what `contains` finds is evaluated (core 11.2); ajv does not count it', schema: { contains: {}, unevaluatedItems: false }, instance: '[1]', ours: 'valid', peer: 'invalid' },
  {
    topic: 'unevaluatedItems',
    why: 'as above, the other way round: ajv takes all items for evaluated as soon as one is found',
    schema: { contains: { type: 'object' }, unevaluatedItems: { exclusiveMaximum: 6 } },
    instance: '[9,{}]',
    ours: 'invalid',
    peer: 'valid',
  },
  {
    topic: 'unevaluatedProperties',
    why: 'ajv forgets to make the set of names it fills',
    schema: { patternProperties: { a: { maxLength: 9 } }, if: { type: 'string' }, then: { properties: { b: { type: 'null' } } }, unevaluatedProperties: true },
    instance: '{"a":1}',
    ours: 'valid',
    peer: 'throws',
  },
  {
    topic: 'unevaluatedProperties',
    why: 'a branch that fails evaluates nothing (core 11.3)',
    schema: { unevaluatedProperties: false, if: { unevaluatedProperties: { type: 'object' } }, then: { maxLength: 6 } },
    instance: '{"b":5}',
    ours: 'invalid',
    peer: 'valid',
  },
  {
    topic: 'unevaluatedProperties',
    why: 'ajv forgets what `properties` evaluated where dependentSchemas did not apply',
    schema: { properties: { a: {} }, dependentSchemas: { b: { additionalProperties: false } }, unevaluatedProperties: false },
    instance: '{"a":-1}',
    ours: 'valid',
    peer: 'invalid',
  },
  {
    topic: 'unevaluatedItems',
    why: 'ajv counts what a branch not taken would have evaluated',
    schema: { unevaluatedItems: false, if: {}, else: { if: { prefixItems: [{}] }, else: { anyOf: [{}] } } },
    instance: '[{}]',
    ours: 'invalid',
    peer: 'valid',
  },
  {
    topic: 'unevaluatedItems',
    why: 'as above, in anyOf and oneOf',
    schema: { unevaluatedItems: false, anyOf: [{ prefixItems: [false] }, {}] },
    instance: '[null]',
    ours: 'invalid',
    peer: 'valid',
  },
  { topic: 'uniqueItems', why: 'ajv looks only among items of the type of `items`', schema: { uniqueItems: true, prefixItems: [{}, {}], items: { type: 'boolean' } }, instance: '[3,3]', ours: 'invalid', peer: 'valid' },
  { topic: 'not', why: 'ajv cannot tell that the property "" is missing', schema: { not: { required: [''] } }, instance: '{}', ours: 'valid', peer: 'invalid' },
  { topic: 'not', why: 'ajv takes `contains: {}` for held by an empty array', schema: { not: { prefixItems: [{ items: false }], contains: {} } }, instance: '[]', ours: 'valid', peer: 'invalid' },
  { topic: 'schemas refused', why: 'ajv looks at a pattern only where it is used', schema: { $defs: { unused: { pattern: 'a(b' } } }, instance: '1', ours: 'refused', peer: 'valid' },
];
