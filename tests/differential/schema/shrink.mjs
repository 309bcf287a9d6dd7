// Makes a case that differs smaller, as long as it still differs.
import { difference } from './compare.mjs';
import { ask, lineOf } from './ours.mjs';

const ROUNDS = 40;

/** All copies of a value with one member or element less, or one replaced by something simpler. */
function* smaller(value) {
  if (value === null || typeof value !== 'object') return;
  const list = Array.isArray(value);
  for (const name of Object.keys(value)) {
    if (list) yield value.filter((_, i) => String(i) !== name);
    else yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    for (const part of smaller(value[name])) yield list ? value.map((item, i) => (String(i) === name ? part : item)) : { ...value, [name]: part };
  }
}

export function shrink({ dialect, schema, text }, peer) {
  const differs = (candidates) => {
    const answers = ask(candidates.map((c) => lineOf(dialect, c.schema, c.text)));
    for (let i = 0; i < candidates.length; ++i) {
      const check = peer.compile(candidates[i].schema);
      const what = difference(candidates[i].schema, answers[i], check ? check(JSON.parse(candidates[i].text)) : null);
      if (what !== null) return { ...candidates[i], what };
    }
    return null;
  };
  let best = differs([{ schema, text }]) ?? { schema, text, what: 'only beside the other cases' };
  for (let round = 0; round < ROUNDS; ++round) {
    const candidates = [
      ...[...smaller(best.schema)].map((part) => ({ schema: part, text: best.text })),
      ...[...smaller(JSON.parse(best.text))].map((part) => ({ schema: best.schema, text: JSON.stringify(part) })),
    ];
    const next = candidates.length > 0 ? differs(candidates) : null;
    if (!next) break;
    best = next;
  }
  return best;
}
