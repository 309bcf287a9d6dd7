/**
 * What the pages read from their address, which anybody may have typed. What a page does not know must be answered as
 * undefined: the router lays the answer over the address as typed, so a key left out would still reach the page.
 */
type Typed = Record<string, unknown>;

const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

export type PageSearch = { tab?: string; edit?: 1; at?: string; verdict?: string };

/** A page of one thing: its tab, and what lies on top of it. */
export const validatePageSearch = (search: Typed): PageSearch => ({
  tab: text(search.tab),
  edit: search.edit ? 1 : undefined,
  verdict: text(search.verdict),
  // The moment that is explained on top of the page; "next" for the next due time.
  at: search.at === 'next' || isInstant(search.at) ? search.at : undefined,
});

export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));

export const validateSignInSearch = (search: Typed): { next?: string } => ({ next: text(search.next) });

export const validateWorkflowSearch = (search: Typed): { text?: string; new?: 1 } => ({
  text: text(search.text),
  new: search.new ? 1 : undefined,
});
