// The cases: schemas with some instances each.
import { aDocument, broken } from './generate.mjs';
import { anInstance } from './instances.mjs';
import { Random } from './random.mjs';
import { spell } from './texts.mjs';

export const INSTANCES_PER_SCHEMA = 10;
export const DIALECTS = ['2020-12', 'draft-07'];

/** `count` cases of one seed, in groups that share a schema: {number, dialect, schema, texts: [JSON text]}. */
export function* groups(seed, count) {
  const random = new Random(seed);
  for (let number = 0; number * INSTANCES_PER_SCHEMA < count; ++number) {
    const dialect = random.pick(DIALECTS);
    const base = `https://carillon.example/${number}/root.json`;
    const whole = aDocument(random, dialect, base);
    const schema = random.once(16) ? broken(random, whole) : whole;
    const texts = [];
    for (let i = 0; i < Math.min(INSTANCES_PER_SCHEMA, count - number * INSTANCES_PER_SCHEMA); ++i) texts.push(spell(random, anInstance(random, schema)));
    yield { number, dialect, schema, texts };
  }
}
