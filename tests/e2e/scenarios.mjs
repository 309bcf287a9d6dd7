// Which scenarios there are.
import { readdirSync } from 'node:fs';

const ENDING = '.scenario.mjs';

/** Names of the scenarios that begin with one of `wanted`, of all where nothing is wanted; sorted. */
export function scenarioNames(wanted) {
  return readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .filter((name) => wanted.length === 0 || wanted.some((begin) => name.startsWith(begin)))
    .sort();
}

export const fileOf = (name) => `${name}${ENDING}`;
