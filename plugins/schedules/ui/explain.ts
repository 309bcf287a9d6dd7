import type { Schemas } from '@/api/client';

export type Explanation = Schemas['Explanation'];
export type Check = Explanation['checks'][number];
export type Hold = Schemas['Hold'];

/** Outcomes that have no record in the ledger. All others are verdicts of it. */
export const OPEN_OUTCOMES = ['waiting', 'not_due', 'undecided', 'will_start', 'will_not_start'] as const;
export type OpenOutcome = (typeof OPEN_OUTCOMES)[number];
export const openOutcome = (outcome: string): OpenOutcome | null =>
  OPEN_OUTCOMES.find((each) => each === outcome) ?? null;

/** The holds of the explained settings that held at the moment: what a failed check "hold" is about. */
export function holdsAt(explanation: Explanation): Hold[] {
  const holds = (explanation.settings as { holds?: Hold[] }).holds ?? [];
  const at = Date.parse(explanation.at);
  return holds.filter((hold) => Date.parse(hold.since) <= at && !(hold.until && Date.parse(hold.until) <= at));
}

/** Nothing stands in the way of the moment. */
export const isReady = (explanation: Explanation) =>
  explanation.outcome === 'will_start' && explanation.checks.every((check) => check.result !== 'failed');

/** Whether replaying the decision says the same as the ledger. Null where there is nothing to compare. */
export function replayOf(explanation: Explanation): 'same' | 'different' | null {
  if (!explanation.replayed_verdict || !explanation.fire) return null;
  return explanation.replayed_verdict === explanation.fire.verdict ? 'same' : 'different';
}
