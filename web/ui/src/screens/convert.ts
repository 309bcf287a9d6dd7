import { parse, parseDocument, stringify } from 'yaml';

/** The same definition in the other notation, or null while it cannot be read. Comments exist only in YAML. */
export function convert(text: string, from: 'yaml' | 'json', to: 'yaml' | 'json'): string | null {
  if (from === to) return text;
  try {
    if (from === 'json') return stringify(JSON.parse(text), { lineWidth: 100 });
    if (parseDocument(text).errors.length > 0) return null;
    return JSON.stringify(parse(text), null, 2);
  } catch {
    return null;
  }
}
