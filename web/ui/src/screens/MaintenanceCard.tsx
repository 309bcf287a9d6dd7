import { useQuery } from '@tanstack/react-query';
import { Wrench } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { maintenanceQuery, queryClient } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { useCan } from '@/app/session';
import { problemText, toastError } from '@/app/toasts';
import { browserZone, localToInstant } from '@/time/format';
import { Time } from '@/time/Time';
import { Answered } from '@/ui/Answered';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Card, Chip, Empty } from '@/ui/States';

type Maintenance = Schemas['Maintenance'];
const refresh = () => void queryClient.invalidateQueries({ queryKey: maintenanceQuery.queryKey });

export function MaintenanceCard() {
  const t = useTranslations('maintenance');
  const denied = useCan('maintenance.manage') ? null : t('needsPermission');
  const query = useQuery(maintenanceQuery);
  const [starting, setStarting] = useState(false);
  const end = async (entry: Maintenance) => {
    try {
      await take(api.POST('/api/v1/maintenance/{id}/end', { params: { path: { id: entry.id } } }));
    } catch (cause) {
      toastError(t('endFailed'), cause);
    }
    refresh();
  };
  return (
    <Card
      title={t('title')}
      flush
      actions={
        <Button
          size="sm"
          icon={<Wrench size={13} aria-hidden />}
          disabledReason={denied}
          onPress={() => setStarting(true)}
        >
          {t('start')}
        </Button>
      }
    >
      <Answered query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={Wrench} title={t('none')}>
              {t('help')}
            </Empty>
          ) : (
            <ul className="divide-y divide-line">
              {items.map((entry) => (
                <li key={entry.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2">
                  <Chip tone={entry.active ? 'late' : 'plain'}>{t(entry.active ? 'active' : 'over')}</Chip>
                  <Chip>{t(`scope.${entry.scope}`)}</Chip>
                  <p className="min-w-0 basis-full md:flex-1 md:basis-0">{entry.reason}</p>
                  <span className="text-fg2">
                    <Time value={entry.since} />
                    {' – '}
                    {entry.ended_at || entry.until ? (
                      <Time value={(entry.ended_at ?? entry.until) as string} />
                    ) : (
                      t('open')
                    )}
                  </span>
                  <span className="text-fg3">{entry.actor}</span>
                  {entry.active && entry.scope === 'tenant' && (
                    <Button size="sm" disabledReason={denied} onPress={() => void end(entry)}>
                      {t('end')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </Card>
  );
}

function StartDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('maintenance');
  const zone = browserZone();
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const { pending, problem, submit } = useSubmit();
  const confirm = () =>
    submit(async () => {
      const end = until ? localToInstant(until, zone)?.toISOString() : undefined;
      await take(api.POST('/api/v1/maintenance', { body: { reason: reason.trim(), ...(end ? { until: end } : {}) } }));
      refresh();
      onClose();
    });
  const at = (field: string) => (problem?.field === field ? problemText(problem) : null);
  return (
    <FormLayer
      title={t('startTitle')}
      subtitle={t('help')}
      onClose={onClose}
      confirm={t('confirm')}
      pending={pending}
      problem={problem}
      fields={['/reason', '/until']}
      disabledReason={reason.trim() ? null : t('reasonNeeded')}
      onConfirm={() => void confirm()}
    >
      <TextInput
        label={t('reason')}
        required
        autoFocus
        value={reason}
        onChange={setReason}
        hint={t('reasonHint')}
        error={at('/reason')}
      />
      <TextInput
        label={t('untilLabel')}
        type="datetime-local"
        value={until}
        onChange={setUntil}
        hint={`${t('untilHint')} · ${zone}`}
        error={at('/until')}
      />
    </FormLayer>
  );
}
