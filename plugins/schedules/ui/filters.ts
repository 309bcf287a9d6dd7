import type { Schemas } from '@/api/client';
import type { ScheduleFilters } from '@/api/queries';

export const KINDS = ['cron', 'interval', 'once', 'manual'] as const;
export const STATUSES = ['active', 'paused', 'invalid', 'completed', 'failed', 'expired'] as const;
export const SORTS = ['name', '-name', 'next_due_at', '-next_due_at', 'updated_at', '-updated_at'] as const;

/** Everything the schedules page shows is in its address: filters, order, and the dialog on top of it. */
export type ScheduleSearch = {
  workflow?: string;
  kind?: (typeof KINDS)[number];
  status?: (typeof STATUSES)[number];
  label?: string;
  text?: string;
  sort?: (typeof SORTS)[number];
  edit?: string;
  clone?: string;
  new?: 1;
};

const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined;
const oneOf = <T extends string>(value: unknown, options: readonly T[]) => options.find((option) => option === value);

/**
 * Reads an address that anybody may have typed. What it does not know is answered as undefined rather than left out: the
 * router lays the answer over the address as typed.
 */
export function validateScheduleSearch(address: object): ScheduleSearch {
  const search = address as Record<string, unknown>;
  return {
    workflow: text(search.workflow),
    kind: oneOf(search.kind, KINDS),
    status: oneOf(search.status, STATUSES),
    label: text(search.label),
    text: text(search.text),
    sort: oneOf(search.sort, SORTS),
    edit: text(search.edit),
    clone: text(search.clone),
    new: search.new ? 1 : undefined,
  };
}

export function toFilters(search: ScheduleSearch): ScheduleFilters {
  const { workflow, kind, status, label, text: part, sort } = search;
  return { workflow_id: workflow, kind, status, label, text: part, sort };
}

/** The same without the order: what a bulk job is over when all that match are chosen. */
export function toBulkFilter(search: ScheduleSearch): Schemas['BulkFilter'] {
  const { sort: _, ...filter } = toFilters(search);
  return filter;
}

export const activeFilters = ({ workflow, kind, status, label, text: part }: ScheduleSearch) =>
  [workflow, kind, status, label, part].filter(Boolean).length;
