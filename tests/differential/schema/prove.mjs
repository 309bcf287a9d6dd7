// Proof that the comparison can fail: asks a validator that is blind for one keyword (the keyword is taken out of the
// schemas it gets, not out of ajv's), for each keyword in turn.
import { difference } from './compare.mjs';
import { ask, lineOf } from './ours.mjs';
import { THREW } from './peer.mjs';

const KEYWORDS = [
  'type', 'enum', 'const', 'minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems',
  'items', 'prefixItems', 'additionalItems', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'required', 'minProperties', 'maxProperties', 'properties', 'patternProperties',
  'additionalProperties', 'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$ref', '$dynamicRef',
];
const AT_ONCE = 100;

// Names of properties are no keywords, but none of the names generated is one.
function without(schema, keyword) {
  if (Array.isArray(schema)) return schema.map((item) => without(item, keyword));
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword).map(([name, item]) => [name, without(item, keyword)]));
}

/** Keywords whose absence is noticed and those where it is not, looking at more and more of the cases. */
export function blindSpots(cases) {
  const noticed = new Set();
  // Only with a schema that both take: leaving out a broken keyword would prove nothing.
  const usable = new Map(KEYWORDS.map((keyword) => [keyword, cases.filter((c) => c.errors !== null && c.errors !== THREW && JSON.stringify(c.schema).includes(`"${keyword}":`))]));
  for (let from = 0; ; from += AT_ONCE) {
    const asked = [];
    for (const [keyword, all] of usable) if (!noticed.has(keyword)) for (const c of all.slice(from, from + AT_ONCE)) asked.push({ keyword, c });
    if (asked.length === 0) break;
    const answers = ask(asked.map(({ keyword, c }) => lineOf(c.dialect, without(c.schema, keyword), c.text)));
    asked.forEach(({ keyword, c }, i) => {
      if (difference(c.schema, answers[i], c.errors) !== null) noticed.add(keyword);
    });
  }
  return { noticed: [...noticed], missed: KEYWORDS.filter((keyword) => !noticed.has(keyword)) };
}
