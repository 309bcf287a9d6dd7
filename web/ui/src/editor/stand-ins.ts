/**
 * What stands in a payload for a value that is not in it: a placeholder of a value that this reader may not see, or a
 * reference to a secret.
 */
export type StandIn = { kind: 'hidden'; type: string; at?: string } | { kind: 'secret'; name: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function standInOf(value: unknown): StandIn | null {
  if (!isRecord(value) || Object.keys(value).length !== 1) return null;
  const { $redacted: hidden, $secret: name } = value;
  if (typeof name === 'string') return { kind: 'secret', name };
  if (!isRecord(hidden) || typeof hidden.type !== 'string') return null;
  return { kind: 'hidden', type: hidden.type, ...(typeof hidden.at === 'string' ? { at: hidden.at } : {}) };
}

const text = '"(?:[^"\\\\]|\\\\.)*"';
const space = '\\s*';
const pattern = new RegExp(
  `\\{${space}(?:"\\$secret"${space}:${space}${text}|"\\$redacted"${space}:${space}\\{(?:${space}"(?:at|type)"${space}:${space}${text}${space},?)*${space}\\})${space}\\}`,
  'g',
);

/** Where stand-ins are in a JSON text, whatever its layout. Texts that only look like one are left alone. */
export function standInRanges(json: string): { from: number; to: number; standIn: StandIn }[] {
  const found: { from: number; to: number; standIn: StandIn }[] = [];
  for (const match of json.matchAll(pattern)) {
    try {
      const standIn = standInOf(JSON.parse(match[0]));
      if (standIn) found.push({ from: match.index, to: match.index + match[0].length, standIn });
    } catch {
      // Not JSON by itself, so no stand-in.
    }
  }
  return found;
}
