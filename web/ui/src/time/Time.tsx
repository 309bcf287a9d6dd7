import { createContext, useContext, useSyncExternalStore } from 'react';
import { useLocale } from 'use-intl';
import { usePreferences } from '@/app/preferences';
import { cx } from '@/ui/cx';
import { browserZone, formatAbsolute, formatDuration, formatRelative, type Precision } from './format';

export const WorkspaceZone = createContext('UTC');

/** One clock for everything that says "in 5 min". */
let now = new Date();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
function subscribe(watcher: () => void) {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = new Date();
    for (const each of watchers) each();
  }, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
export const useNow = () => useSyncExternalStore(subscribe, () => now);

/** The zone absolute times are shown in: the reader's choice, and for "schedule's own" the zone given. */
export function useDisplayZone(scheduleZone?: string | null): string {
  const { zoneMode } = usePreferences();
  const workspace = useContext(WorkspaceZone);
  if (zoneMode === 'utc') return 'UTC';
  if (zoneMode === 'workspace') return workspace;
  if (zoneMode === 'schedule' && scheduleZone) return scheduleZone;
  return browserZone();
}

type Props = {
  value: string | Date;
  /** Zone of the schedule this instant belongs to, used when the reader asked for it. */
  scheduleZone?: string | null;
  /** Show in exactly this zone, whatever the reader chose. */
  zone?: string;
  format?: 'absolute' | 'relative' | 'both';
  precision?: Precision;
  weekday?: boolean;
  className?: string;
};

export function Time({ value, scheduleZone, zone, format = 'absolute', precision, weekday, className }: Props) {
  const locale = useLocale();
  const shown = useDisplayZone(scheduleZone);
  const instant = typeof value === 'string' ? new Date(value) : value;
  if (Number.isNaN(instant.getTime())) return null;
  const absolute = formatAbsolute(instant, { zone: zone ?? shown, locale, precision, weekday });
  if (format === 'absolute') {
    return (
      <time
        dateTime={instant.toISOString()}
        className={cx('whitespace-nowrap', className)}
        title={formatAbsolute(instant, { zone: 'UTC', locale, precision: 'millisecond' })}
      >
        {absolute}
      </time>
    );
  }
  return (
    <time dateTime={instant.toISOString()} className={cx('whitespace-nowrap', className)} title={absolute}>
      <Relative instant={instant} />
      {format === 'both' && <span className="text-fg3"> · {absolute}</span>}
    </time>
  );
}

function Relative({ instant }: { instant: Date }) {
  return <>{formatRelative(instant, useNow(), useLocale())}</>;
}

/** An elapsed time. Without an end it runs. */
export function Duration({ ms, since }: { ms?: number | null; since?: string | null }) {
  const locale = useLocale();
  if (ms !== null && ms !== undefined) return <span data-num>{formatDuration(ms, locale)}</span>;
  if (since) return <Running since={new Date(since)} />;
  return <span className="text-fg3">–</span>;
}

function Running({ since }: { since: Date }) {
  return <span data-num>{formatDuration(Math.max(0, useNow().getTime() - since.getTime()), useLocale())}</span>;
}
