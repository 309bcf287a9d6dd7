// One case, both sides.
import { verdictOf } from './ours.mjs';
import { THREW, isPlain, verdictOfPeer, violationsOfOurs, violationsOfPeer } from './peer.mjs';

// A refusal for want of resources is no opinion on the schema.
const GIVEN_UP = new Set(['SCHEMA_BUDGET_EXCEEDED', 'SCHEMA_TOO_DEEP', 'SCHEMA_TOO_LARGE']);

/**
 * What differs between ours (`answer`) and ajv's (`errors`; null: schema refused), as a sentence, or null.
 * Violations are compared where both go the same ways (isPlain); there the sets must be equal.
 */
export function difference(schema, answer, errors) {
  const ours = verdictOf(answer);
  const peer = verdictOfPeer(errors);
  if (answer.error && GIVEN_UP.has(answer.error.code)) return `gave up: ${answer.error.code}`;
  // A fault of ajv's; counted by run.mjs.
  if (errors === THREW) return null;
  if (ours !== peer) return `ours says ${ours}${answer.error ? ` (${answer.error.code} ${answer.error.message} ${answer.error.pointer})` : ''}, ajv ${peer}`;
  if (ours !== 'invalid' || !isPlain(schema)) return null;
  const mine = violationsOfOurs(answer.violations);
  const theirs = violationsOfPeer(errors);
  if (JSON.stringify(mine) === JSON.stringify(theirs)) return null;
  return `violations differ\n    ours: ${mine.join(' | ')}\n    ajv:  ${theirs.join(' | ')}`;
}
