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

export const THREW = 'threw';

export class Peer {
  #ajv;

  constructor(dialect) {
    // draft-07, 8.3: what stands beside $ref is ignored.
    this.#ajv = addFormats(new CLASSES[dialect]({ ...OPTIONS, ignoreKeywordsWithRef: dialect === 'draft-07' }));
  }

  /** A function from JSON text to ajv's errors (THREW where ajv fails itself), or null where ajv refuses the schema. */
  compile(schema) {
    let validate;
    try {
      if (!this.#ajv.validateSchema(schema)) return null;
      validate = this.#ajv.compile(schema);
    } catch {
      return null;
    } finally {
      this.#ajv.removeSchema(schema);
    }
    return (text) => {
      try {
        return validate(JSON.parse(text)) ? [] : validate.errors;
      } catch {
        return THREW;
      }
    };
  }

  errors(schema, text) {
    const check = this.compile(schema);
    return check === null ? null : check(text);
  }
}

export function verdictOfPeer(errors) {
  if (errors === null) return 'refused';
  if (errors === THREW) return 'throws';
  return errors.length === 0 ? 'valid' : 'invalid';
}

// Keywords whose violations depend on which branches a validator goes into and shows.
const BRANCHES = ['anyOf', 'oneOf', 'unevaluatedItems', 'unevaluatedProperties', '$dynamicRef'];

export const isPlain = (schema) => {
  const text = JSON.stringify(schema);
  const has = (keyword) => text.includes(`"${keyword}":`);
  // Behind a reference ajv's errors no longer tell that they come from inside of contains; and beside `items` with a
  // type ajv looks for equal ones only among those of that type.
  return !BRANCHES.some(has) && !(has('contains') && has('$ref')) && !(has('uniqueItems') && has('items'));
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
