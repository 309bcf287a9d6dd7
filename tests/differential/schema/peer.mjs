// ajv, set up to mean what the standards mean.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const addFormats = require('ajv-formats').default;
const CLASSES = { '2020-12': require('ajv/dist/2020').default, 'draft-07': require('ajv').default };

const OPTIONS = {
  allErrors: true,
  strict: false,
  logger: false,
  // Without it "toString" in {} counts as present.
  ownProperties: true,
  validateSchema: 'log',
};

export class Peer {
  #ajv;

  constructor(dialect) {
    // draft-07, 8.3: what stands beside $ref is ignored.
    this.#ajv = addFormats(new CLASSES[dialect]({ ...OPTIONS, ignoreKeywordsWithRef: dialect === 'draft-07' }));
  }

  /** A function from value to ajv's errors, or null where ajv refuses the schema. */
  compile(schema, remotes = {}) {
    for (const [uri, document] of Object.entries(remotes)) if (!this.#ajv.getSchema(uri)) this.#ajv.addSchema(document, uri);
    try {
      if (!this.#ajv.validateSchema(schema)) return null;
      const validate = this.#ajv.compile(schema);
      return (value) => (validate(value) ? [] : validate.errors);
    } catch {
      return null;
    } finally {
      this.#ajv.removeSchema(schema);
    }
  }
}

// Keywords whose violations depend on which branches a validator goes into and shows.
const BRANCHES = ['anyOf', 'oneOf', 'unevaluatedItems', 'unevaluatedProperties', '$dynamicRef'];

export const isPlain = (schema) => {
  const text = JSON.stringify(schema);
  return !BRANCHES.some((keyword) => text.includes(`"${keyword}":`));
};

/**
 * ajv's errors in our words. ajv also tells what happened inside of propertyNames and contains, and that `if` led to
 * `then`; ours says each once, at the keyword that fails.
 */
export function violationsOfPeer(errors) {
  const out = new Set();
  for (const { instancePath, schemaPath, keyword, params } of errors) {
    if (keyword === 'if' || /\/(propertyNames|contains)\//.test(schemaPath)) continue;
    out.add(violation(instancePath, keyword, params));
  }
  return [...out].sort();
}

export function violationsOfOurs(violations) {
  return [...new Set(violations.map(({ instance, keyword, params }) => violation(instance, keyword, params)))].sort();
}

function violation(instance, keyword, params) {
  const about = params.missingProperty ?? params.additionalProperty ?? params.propertyName ?? '';
  return `${instance} ${/^m\w\wContains$/.test(keyword) ? 'contains' : keyword} ${about}`.trimEnd();
}
