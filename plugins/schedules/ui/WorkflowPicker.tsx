import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { workflowQuery } from '@/api/queries';
import { ComboInput, type Option } from '@/ui/Field';

/** Finds a workflow by name. One that cannot be scheduled is listed too, with the reason why not. */
export function WorkflowPicker({
  value,
  onChange,
  error,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
  error?: string | null;
}) {
  const t = useTranslations('schedules.dialog');
  const common = useTranslations('common');
  const chosen = useQuery({ ...workflowQuery(value ?? ''), enabled: value !== null });
  const [typed, setTyped] = useState<string | null>(null);
  const input = typed ?? chosen.data?.name ?? '';
  const search = input === chosen.data?.name ? '' : input.trim();
  const found = useQuery({
    queryKey: ['workflows', 'picker', search],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/workflows', { params: { query: { text: search || undefined, limit: 100 } }, signal })),
    placeholderData: keepPreviousData,
  });
  const options: Option[] = (found.data?.items ?? []).map((item) => ({
    id: item.id,
    label: item.name,
    disabled: !item.schedulable,
    detail: item.schedulable
      ? t('workflowVersion', { version: item.latest_version ?? 0 })
      : (item.not_schedulable_message ?? t(item.not_schedulable === 'NO_PAYLOAD_SCHEMA' ? 'noSchema' : 'noVersion')),
  }));
  if (chosen.data && !options.some((option) => option.id === value))
    options.unshift({ id: chosen.data.id, label: chosen.data.name });
  return (
    <ComboInput
      label={t('workflow')}
      field="workflow_id"
      required
      value={value}
      onChange={(id) => {
        setTyped(null);
        if (id !== null || typed === '') onChange(id);
      }}
      inputValue={input}
      onInputChange={setTyped}
      options={options}
      error={error}
      placeholder={t('workflowPlaceholder')}
      emptyText={common('noOptions')}
      openLabel={common('showOptions')}
    />
  );
}
