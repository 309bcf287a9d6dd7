import type { RunFilters } from '@/api/queries';

export const RUN_STATES = [
  'queued',
  'running',
  'waiting',
  'suspended',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
] as const;
export const RUN_REASONS = ['scheduled', 'manual', 'retry', 'backfill', 'catchup', 'event', 'dependency'] as const;
export type RunSearch = {
  state?: (typeof RUN_STATES)[number];
  workflow?: string;
  schedule?: string;
  reason?: (typeof RUN_REASONS)[number];
  from?: string;
  to?: string;
};

const text = (value: unknown) => (typeof value === 'string' ? value.trim() || undefined : undefined);
const instant = (value: unknown) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined);

/** What it does not know is undefined, not left out: the router lays the answer over the address as typed. */
export function validateRunSearch(search: Record<string, unknown>): RunSearch {
  return {
    state: RUN_STATES.find((state) => state === search.state),
    workflow: text(search.workflow),
    schedule: text(search.schedule),
    reason: RUN_REASONS.find((reason) => reason === search.reason),
    from: instant(search.from),
    to: instant(search.to),
  };
}

export const toRunFilters = ({ state, workflow, schedule, reason, from, to }: RunSearch): RunFilters => ({
  state,
  workflow_id: workflow,
  schedule_id: schedule,
  reason,
  from,
  to,
});
export const countRunFilters = (search: RunSearch) => Object.values(search).filter(Boolean).length;
