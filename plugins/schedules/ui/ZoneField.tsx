import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { zonesQuery } from '@/api/queries';
import { useSession } from '@/app/session';
import { browserZone, offsetLabel, zoneLabel } from '@/time/format';
import { ComboInput, type Option } from '@/ui/Field';

/** Zones by city, with the abbreviation and offset of today; the reader's and the workspace's come first. */
export function ZoneField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (zone: string) => void;
  error?: string | null;
}) {
  const t = useTranslations('schedules.dialog');
  const common = useTranslations('common');
  const { tenant } = useSession();
  const zones = useQuery(zonesQuery);
  const names = zones.data?.items;
  const options = useMemo<Option[]>(() => {
    const now = new Date();
    const own = browserZone();
    const first = [...new Set([own, tenant.default_zone, 'UTC', value])];
    const rest = (names ?? []).filter((zone) => !first.includes(zone));
    const about = (zone: string) => {
      const offset = offsetLabel(zone, now);
      const mark = zone === own ? t('yourZone') : zone === tenant.default_zone ? t('workspaceZone') : null;
      let label = '';
      try {
        label = zoneLabel(now, zone);
      } catch {
        // A zone the server knows and this browser does not: its name is enough.
      }
      return [label.startsWith('UTC') ? null : label, offset, mark].filter(Boolean).join(' · ');
    };
    return [...first, ...rest].map((zone) => ({ id: zone, label: zone.replaceAll('_', ' '), detail: about(zone) }));
  }, [names, tenant.default_zone, value, t]);
  return (
    <ComboInput
      label={t('zone')}
      field="zone"
      required
      value={value}
      onChange={(zone) => zone && onChange(zone)}
      options={options}
      error={error}
      emptyText={common('noOptions')}
      openLabel={common('showOptions')}
    />
  );
}
