import { CalendarClock, Hand, type LucideIcon, Repeat, Timer } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import type { Kind } from './form';

const icons: Record<Kind, LucideIcon> = { cron: Repeat, once: CalendarClock, interval: Timer, manual: Hand };

export function KindIcon({ kind, size = 14 }: { kind: Kind; size?: number }) {
  const t = useTranslations('schedules.kind');
  const Icon = icons[kind] ?? Repeat;
  return <Icon size={size} role="img" aria-label={t(kind)} className="shrink-0 text-fg3" />;
}

export const zoneOf = (timing: Schemas['Timing']) => ('zone' in timing ? (timing.zone ?? null) : null);

/** The sentence the server says, with the expression under it. */
export function TimingCell({ timing, sentence }: { timing: Schemas['Timing']; sentence: string }) {
  const zone = zoneOf(timing);
  return (
    <div className="flex min-w-0 items-start gap-2">
      <span className="mt-0.75">
        <KindIcon kind={timing.kind} />
      </span>
      <div className="min-w-0">
        <p className="truncate" title={sentence}>
          {sentence}
        </p>
        {(timing.kind === 'cron' || zone) && (
          <p className="truncate text-fg3 text-meta">
            {timing.kind === 'cron' && <code className="font-mono">{timing.cron}</code>}
            {timing.kind === 'cron' && zone && ' · '}
            {zone}
          </p>
        )}
      </div>
    </div>
  );
}
