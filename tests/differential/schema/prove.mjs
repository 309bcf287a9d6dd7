// Proof that the comparison can fail: asks a validator that is blind for one keyword (the keyword is taken out of the
// schemas it gets, not out of ajv's), for each keyword in turn.
import { difference } from './compare.mjs';
import { ask, lineOf } from './ours.mjs';

const KEYWORDS = [
  'type', 'enum', 'const', 'minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems',
  'items', 'prefixItems', 'additionalItems', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'required', 'minProperties', 'maxProperties', 'properties', 'patternProperties',
  'additionalProperties', 'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$ref', '$dynamicRef',
];
const PER_KEYWORD = 250;

// Names of properties are no keywords, but none of the names generated is one.
function without(schema, keyword) {
  if (Array.isArray(schema)) return schema.map((item) => without(item, keyword));
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword).map(([name, item]) => [name, without(item, keyword)]));
}

export function blindSpots(cases) {
  const asked = [];
  for (const keyword of KEYWORDS) {
    // Those that ajv finds invalid or valid, not refused: leaving out a broken keyword would prove nothing.
    const with_it = cases.filter((c) => c.errors !== null && JSON.stringify(c.schema).includes(`"${keyword}":`)).slice(0, PER_KEYWORD);
    for (const c of with_it) asked.push({ keyword, c });
  }
  const answers = ask(asked.map(({ keyword, c }) => lineOf(c.dialect, without(c.schema, keyword), c.text)));
  const noticed = new Set();
  asked.forEach(({ keyword, c }, i) => {
    if (!noticed.has(keyword) && difference(c.schema, answers[i], c.errors) !== null) noticed.add(keyword);
  });
  return { noticed: [...noticed], missed: KEYWORDS.filter((keyword) => !noticed.has(keyword)) };
}
