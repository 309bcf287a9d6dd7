import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { Button } from '@/ui/Button';
import { FilterSelect, SearchInput, useTypedFilter } from '@/ui/Filter';
import { activeFilters, KINDS, type ScheduleSearch, STATUSES } from './filters';

export function Toolbar({ search }: { search: ScheduleSearch }) {
  const t = useTranslations('schedules.list');
  const kinds = useTranslations('schedules.kind');
  const status = useTranslations('status.schedule');
  const common = useTranslations('common');
  const navigate = useNavigate({ from: '/schedules' });
  const set = (change: Partial<ScheduleSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const [text, setText] = useTypedFilter(search.text, (value) => set({ text: value }));
  const [label, setLabel] = useTypedFilter(search.label, (value) => set({ label: value }));
  const workflows = useQuery({
    queryKey: ['workflows', 'options'],
    queryFn: ({ signal }) => take(api.GET('/api/v1/workflows', { params: { query: { limit: 500 } }, signal })),
  });
  const count = activeFilters(search);
  return (
    <div
      role="search"
      aria-label={t('filters')}
      className="flex flex-wrap items-center gap-2 border-line border-b px-4 pb-3 md:px-6"
    >
      <div data-search className="w-full sm:w-56">
        <SearchInput
          label={t('search')}
          clearLabel={common('clear')}
          value={text}
          onChange={setText}
          className="w-full"
        />
      </div>
      <FilterSelect
        label={t('workflow')}
        any={t('anyWorkflow')}
        className="w-[calc(50%-4px)] sm:w-44"
        value={search.workflow}
        onChange={(workflow) => set({ workflow })}
        options={(workflows.data?.items ?? []).map((item) => ({ id: item.id, label: item.name }))}
      />
      <FilterSelect
        label={t('kind')}
        any={t('anyKind')}
        className="w-[calc(50%-4px)] sm:w-36"
        value={search.kind}
        onChange={(kind) => set({ kind })}
        options={KINDS.map((id) => ({ id, label: kinds(id) }))}
      />
      <FilterSelect
        label={t('status')}
        any={t('anyStatus')}
        className="w-[calc(50%-4px)] sm:w-36"
        value={search.status}
        onChange={(value) => set({ status: value })}
        options={STATUSES.map((id) => ({ id, label: status(id) }))}
      />
      <SearchInput
        label={t('label')}
        clearLabel={common('clear')}
        value={label}
        onChange={setLabel}
        className="w-[calc(50%-4px)] sm:w-32"
      />
      {count > 0 && (
        <Button
          tone="ghost"
          icon={<X size={14} aria-hidden />}
          onPress={() =>
            set({ workflow: undefined, kind: undefined, status: undefined, label: undefined, text: undefined })
          }
        >
          {t('clearFilters', { count })}
        </Button>
      )}
    </div>
  );
}
