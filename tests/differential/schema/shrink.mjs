// Makes a case that differs smaller, as long as it still differs.
import { difference } from './compare.mjs';
import { ask, lineOf } from './ours.mjs';

const ROUNDS = 40;

/** What sort of difference it is, so that one is not shrunk into another. */
const sort = (what) => what.replace(/ \(.*/s, '').split('\n')[0];

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
  let wanted = null;
  const differs = (candidates) => {
    const answers = ask(candidates.map((c) => lineOf(dialect, c.schema, c.text)));
    for (let i = 0; i < candidates.length; ++i) {
      const what = difference(candidates[i].schema, answers[i], peer.errors(candidates[i].schema, candidates[i].text));
      if (what !== null && (wanted === null || sort(what) === wanted)) return { ...candidates[i], what };
    }
    return null;
  };
  let best = differs([{ schema, text }]) ?? { schema, text, what: 'only beside the other cases' };
  wanted = sort(best.what);
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
