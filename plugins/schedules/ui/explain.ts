import type { Schemas } from '@/api/client';

type Schedule = Schemas['ScheduleSummary'];
export type Check = {
  id: 'timing' | 'hold' | 'bounds' | 'payload' | 'next' | 'last';
  ok: boolean;
  key: string;
  reason?: string;
  hold?: Schemas['Hold'];
  at?: string;
};

/** "Why isn't it firing?": every condition a fire depends on, in the order the planner asks them. */
export function checklist(schedule: Schedule, now = new Date()): Check[] {
  const checks: Check[] = [];
  const manual = schedule.timing.kind === 'manual';
  checks.push({ id: 'timing', ok: !manual, key: manual ? 'manual' : 'timed' });
  const others = schedule.holds.filter((hold) => hold.kind !== 'invalid');
  if (others.length === 0) checks.push({ id: 'hold', ok: true, key: 'noHold' });
  for (const hold of others)
    checks.push({ id: 'hold', ok: false, key: `hold.${hold.kind}`, reason: hold.reason, hold });
  const invalid = schedule.holds.find((hold) => hold.kind === 'invalid');
  checks.push({
    id: 'payload',
    ok: !invalid,
    key: invalid ? 'payloadInvalid' : 'payloadValid',
    reason: invalid?.reason,
    hold: invalid,
  });
  const before = schedule.start_at && new Date(schedule.start_at) > now;
  const after = schedule.end_at && new Date(schedule.end_at) <= now;
  checks.push({
    id: 'bounds',
    ok: !before && !after,
    key: before ? 'notStarted' : after ? 'ended' : 'inBounds',
    at: (before ? schedule.start_at : after ? schedule.end_at : undefined) ?? undefined,
  });
  checks.push({
    id: 'next',
    ok: Boolean(schedule.next_due_at),
    key: schedule.next_due_at ? 'hasNext' : 'noNext',
    at: schedule.next_due_at ?? undefined,
  });
  return checks;
}
export const isFiring = (checks: Check[]) => checks.every((check) => check.ok);
