import { useQuery } from '@tanstack/react-query';
import { Bell } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { alertCountQuery } from '@/api/alerts';
import { Later, laterPart } from './Later';
import { useCan } from './session';

const alertSheet = laterPart(() => import('./AlertSheet'));

/** How many alerts nobody has acknowledged, and the way to them. */
export function AlertBell() {
  const t = useTranslations('alerts');
  const canSee = useCan('alerts.view');
  const query = useQuery({ ...alertCountQuery, enabled: canSee });
  const [shown, setShown] = useState(false);
  if (!canSee) return null;
  const open = query.data?.open ?? 0;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-expanded={shown}
        aria-label={t('bell', { count: open })}
        title={t('bell', { count: open })}
        className="inline-flex h-8 items-center gap-1.5 rounded-control px-2 text-fg2 hover:bg-hover hover:text-fg"
        onClick={() => setShown(true)}
      >
        <Bell size={15} aria-hidden />
        {open > 0 && (
          <span
            aria-hidden
            data-num
            data-open-alerts={open}
            className="min-w-5 rounded-full bg-failed-tint px-1.5 text-center font-medium text-failed text-meta"
          >
            {open >= 1_000 ? '999+' : open}
          </span>
        )}
      </button>
      <span role="status" className="sr-only">
        {open > 0 && t('bell', { count: open })}
      </span>
      {shown && <Later part={alertSheet} onClose={() => setShown(false)} />}
    </>
  );
}
