import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { Button } from '@/ui/Button';
import { ComboInput, SearchInput, SelectInput } from '@/ui/Field';
import { StatusIcon } from '@/ui/Status';
import { activeFilters, KINDS, type ScheduleSearch, STATUSES } from './filters';
import { KindIcon } from './TimingCell';

/** Text that goes into the address a moment after the last key, and follows the address when it changes by itself. */
function useTypedFilter(value: string | undefined, commit: (value: string | undefined) => void) {
  const [text, setText] = useState(value ?? '');
  const sent = useRef(value ?? '');
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    if ((value ?? '') !== sent.current) {
      sent.current = value ?? '';
      setText(value ?? '');
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      latest.current(text || undefined);
    }, 180);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText] as const;
}

export function Toolbar({ search }: { search: ScheduleSearch }) {
  const t = useTranslations('schedules.list');
  const kinds = useTranslations('schedules.kind');
  const status = useTranslations('status.schedule');
  const common = useTranslations('common');
  const navigate = useNavigate({ from: '/schedules' });
  const set = (change: Partial<ScheduleSearch>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const [text, setText] = useTypedFilter(search.text, (value) => set({ text: value }));
  const [label, setLabel] = useTypedFilter(search.label, (value) => set({ label: value }));
  const workflows = useQuery({
    queryKey: ['workflows', 'options'],
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows', { params: { query: { limit: 500 } }, signal })),
  });
  const count = activeFilters(search);
  const all = 'all' as const;
  return (
    <div role="search" aria-label={t('filters')} className="flex flex-wrap items-center gap-2 border-line border-b px-4 pb-3 md:px-6">
      <div data-search className="w-full sm:w-56">
        <SearchInput label={t('search')} clearLabel={common('clear')} value={text} onChange={setText} />
      </div>
      <ComboInput
        hideLabel
        label={t('workflow')}
        placeholder={t('anyWorkflow')}
        openLabel={common('showOptions')}
        emptyText={common('noOptions')}
        className="w-[calc(50%-4px)] sm:w-44"
        value={search.workflow ?? null}
        onChange={(value) => set({ workflow: value ?? undefined })}
        options={(workflows.data?.items ?? []).map((item) => ({ id: item.id, label: item.name }))}
      />
      <SelectInput
        hideLabel
        label={t('kind')}
        className="w-[calc(50%-4px)] sm:w-36"
        value={search.kind ?? all}
        onChange={(value) => set({ kind: value === all ? undefined : value })}
        options={[{ id: all, label: t('anyKind') }, ...KINDS.map((id) => ({ id, label: kinds(id), icon: <KindIcon kind={id} /> }))]}
      />
      <SelectInput
        hideLabel
        label={t('status')}
        className="w-[calc(50%-4px)] sm:w-36"
        value={search.status ?? all}
        onChange={(value) => set({ status: value === all ? undefined : value })}
        options={[{ id: all, label: t('anyStatus') }, ...STATUSES.map((id) => ({ id, label: status(id), icon: <StatusIcon family="schedule" value={id} /> }))]}
      />
      <SearchInput label={t('label')} clearLabel={common('clear')} value={label} onChange={setLabel} className="w-[calc(50%-4px)] sm:w-32" />
      {count > 0 && (
        <Button tone="ghost" icon={<X size={14} aria-hidden />} onPress={() => set({ workflow: undefined, kind: undefined, status: undefined, label: undefined, text: undefined })}>
          {t('clearFilters', { count })}
        </Button>
      )}
    </div>
  );
}
