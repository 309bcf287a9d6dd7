/**
 * JSON that survives the browser: a number that a double cannot hold (12345678901234567890, 1.10) keeps its
 * source text from answer to editor to request. Uses JSON.rawJSON and the reviver's source text where the
 * browser has them; elsewhere it behaves like plain JSON.
 */
type RawJson = { rawJSON: string };
type ExactJson = JSON & {
  rawJSON?: (text: string) => RawJson;
  isRawJSON?: (value: unknown) => boolean;
};
const json = JSON as ExactJson;

export function parseExact<T = unknown>(text: string): T {
  if (!json.rawJSON) return JSON.parse(text) as T;
  const raw = json.rawJSON;
  const revive = (_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value === 'number' && context?.source !== undefined && String(value) !== context.source) {
      return raw(context.source);
    }
    return value;
  };
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as T;
}

export function pretty(value: unknown): string {
  return JSON.stringify(value ?? null, null, 2);
}
