import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Time } from '@/time/Time';
import { Card, Facts } from '@/ui/States';
import { PolicyWords } from './PolicyWords';
import { zoneOf } from './TimingCell';

export function ScheduleSettings({ schedule }: { schedule: Schemas['Schedule'] }) {
  const t = useTranslations('schedules.detail.settings');
  const none = <span className="text-fg3">{t('none')}</span>;
  return (
    <div className="flex flex-col gap-3">
      <Card title={t('policies')}>
        <PolicyWords settings={schedule} />
      </Card>
      <Card title={t('facts')}>
        <Facts
          items={[
            { label: t('zone'), value: zoneOf(schedule.timing) ?? none },
            { label: t('start'), value: schedule.start_at ? <Time value={schedule.start_at} /> : none },
            { label: t('end'), value: schedule.end_at ? <Time value={schedule.end_at} /> : none },
            { label: t('created'), value: <Time value={schedule.created_at} /> },
            { label: t('createdBy'), value: schedule.created_by ?? none },
            { label: t('updated'), value: <Time value={schedule.updated_at} /> },
            { label: t('revision'), value: schedule.revision },
            { label: t('id'), value: <code className="font-mono text-code">{schedule.id}</code> },
          ]}
        />
      </Card>
    </div>
  );
}
