import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { maintenanceQuery, queryClient } from '@/api/queries';
import { onStreamEvent } from '@/api/stream';
import { Time } from '@/time/Time';

/** Says on every page that nothing fires just now, and why. */
export function MaintenanceBanner() {
  const t = useTranslations('maintenance');
  const query = useQuery(maintenanceQuery);
  const active = query.data?.items.filter((each) => each.active) ?? [];
  const shown = active.map((each) => each.id).join();
  useEffect(
    () =>
      onStreamEvent((event) => {
        if (event.topic === 'maintenance') void queryClient.invalidateQueries({ queryKey: maintenanceQuery.queryKey });
      }),
    [],
  );
  // What is shown as paused changes for every schedule at once.
  useEffect(() => {
    if (shown !== undefined) void queryClient.invalidateQueries({ queryKey: ['schedules'] });
  }, [shown]);
  return (
    <div role="status">
      {active.map((each) => (
        <div
          key={each.id}
          className="flex flex-wrap gap-x-2 border-line border-b bg-paused-tint px-4 py-1.5 text-paused md:px-6"
          data-maintenance={each.scope}
        >
          {/* A long reason must not take the page away: all of it is on the system page. */}
          <p className="line-clamp-3" title={each.reason}>
            <span className="font-medium">{t(`banner.${each.scope}`)}</span> {each.reason}
          </p>
          {each.until && (
            <p>
              · {t('until')} <Time value={each.until} />
            </p>
          )}
        </div>
      ))}
    </div>
  );
}
