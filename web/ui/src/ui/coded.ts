/** A text of the hub: its code and the values it names, where it has them, and its English. */
export type Coded = { text: string; code?: string | null; params?: Record<string, unknown> | null };

type Carrier<Field extends string> = { [Key in Field]: string } & { [Key in `${Field}_code`]?: string | null } & {
  [Key in `${Field}_params`]?: object | null;
};

/** The text in a field of an answer, with the <field>_code and <field>_params beside it. */
export function codedOf<Field extends string>(answer: Carrier<Field>, field: Field): Coded {
  const all = answer as Record<string, unknown>;
  return {
    text: answer[field],
    code: all[`${field}_code`] as Coded['code'],
    params: all[`${field}_params`] as Coded['params'],
  };
}

/** What a message needs: {name}, {name, plural, …} and <name></name>. */
export const valuesOf = (message: string): string[] => [
  ...new Set(
    [...message.matchAll(/(?<!(?:=\d+|one|other) )\{(\w+)[,}]|<(\w+)>/g)].map((match) => match[1] ?? match[2] ?? ''),
  ),
];

/** How a value is shown: by its name, as the API promises it, and by what it is. */
export function kindOf(name: string, value: unknown): 'instant' | 'duration' | 'sentence' | 'plain' {
  if (typeof value === 'object') return 'sentence';
  if (typeof value === 'string' && (name === 'at' || name.endsWith('_at'))) return 'instant';
  if (typeof value === 'number' && name.endsWith('_ms')) return 'duration';
  return 'plain';
}

/** Settings of a schedule that sentences name, and where their own words stand. */
export const NAMED: Record<string, string> = {
  verdict: 'status.verdict',
  overlap_policy: 'schedules.dialog.overlapOption',
  missed_policy: 'schedules.dialog.missedOption',
};
