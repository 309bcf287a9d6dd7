import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, type Schemas, take } from '@/api/client';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { showToast } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Answered } from '@/ui/Answered';
import { Button } from '@/ui/Button';
import { ChangeTable } from '@/ui/ChangeTable';
import { SelectInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Chip, Empty, ErrorPanel, Skeleton } from '@/ui/States';
import { rowClass, Table, tdClass } from '@/ui/Table';
import { storeSchedule } from './actions';
import { compareQuery, scheduleVersionsQuery } from './history';

type Version = Schemas['ScheduleVersion'];

/** Every state somebody saved: what it changed, any two side by side, and a way back. */
export function ScheduleVersions({ schedule, denied }: { schedule: Schemas['Schedule']; denied: string | null }) {
  const t = useTranslations('schedules.versions');
  const common = useTranslations('common');
  const query = useInfiniteQuery(scheduleVersionsQuery(schedule.id));
  const [compared, setCompared] = useState<{ older: number; newer: number } | null>(null);
  const [restoring, setRestoring] = useState<Version | null>(null);
  if (query.isPending) return <Skeleton rows={5} className="p-0" />;
  if (!query.data) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const versions = query.data.pages.flatMap((page) => page.items);
  if (versions.length === 0) return <Empty icon={History} title={t('none')} />;
  return (
    <div className="flex flex-col gap-3">
      <Table
        name="versions"
        head={[
          { label: t('savedAt') },
          { label: t('revision') },
          { label: t('savedBy') },
          { label: t('what') },
          { label: t('compare'), hidden: true },
        ]}
      >
        {versions.map((version, index) => {
          const before = versions[index + 1];
          return (
            <tr key={version.revision} className={`${rowClass} hover:bg-hover`}>
              <td className={tdClass}>
                <Time value={version.at} precision="second" />
              </td>
              <td className={`${tdClass} font-medium`} data-num>
                {version.revision}
                {index === 0 && <span className="ml-2 font-normal text-fg3 text-meta">{t('current')}</span>}
              </td>
              <td className={`${tdClass} text-fg2`}>{version.actor}</td>
              <td className={tdClass}>
                <What version={version} />
              </td>
              <td className={`${tdClass} text-right`}>
                <span className="inline-flex gap-2">
                  {before && (
                    <Button
                      size="sm"
                      aria-label={t('compareOf', { revision: version.revision })}
                      onPress={() => setCompared({ older: before.revision, newer: version.revision })}
                    >
                      {t('compare')}
                    </Button>
                  )}
                  {index > 0 && (
                    <Button
                      size="sm"
                      disabledReason={denied}
                      aria-label={t('restoreOf', { revision: version.revision })}
                      onPress={() => setRestoring(version)}
                    >
                      {t('restore')}
                    </Button>
                  )}
                </span>
              </td>
            </tr>
          );
        })}
      </Table>
      {query.hasNextPage && (
        <Button
          className="self-center"
          pending={query.isFetchingNextPage}
          onPress={() => void query.fetchNextPage({ cancelRefetch: false })}
        >
          {common('more')}
        </Button>
      )}
      {compared && (
        <CompareSheet
          scheduleId={schedule.id}
          versions={versions}
          compared={compared}
          onChange={setCompared}
          onClose={() => setCompared(null)}
        />
      )}
      {restoring && (
        <RestoreDialog
          schedule={schedule}
          latest={versions[0]?.revision ?? schedule.revision}
          version={restoring}
          onClose={() => setRestoring(null)}
        />
      )}
    </div>
  );
}

function What({ version }: { version: Version }) {
  const t = useTranslations('schedules.versions');
  const key = `action.${version.action.replace(/^\w+\./, '')}` as 'action.update';
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {t.has(key) ? t(key) : version.action}
      {version.action !== 'schedules.create' && version.changed?.map((field) => <Chip key={field}>{field}</Chip>)}
    </span>
  );
}

function CompareSheet({
  scheduleId,
  versions,
  compared,
  onChange,
  onClose,
}: {
  scheduleId: string;
  versions: Version[];
  compared: { older: number; newer: number };
  onChange: (next: { older: number; newer: number }) => void;
  onClose: () => void;
}) {
  const t = useTranslations('schedules.versions');
  const options = versions.map(({ revision, actor }) => ({
    id: String(revision),
    label: t('revisionNumber', { revision }),
    detail: actor,
  }));
  return (
    <Layer isOpen onClose={onClose} kind="sheet" size="lg" title={t('compareTitle')}>
      <div className="flex flex-col gap-4 p-5">
        <div className="flex flex-wrap gap-3">
          <SelectInput
            label={t('before')}
            className="w-44"
            value={String(compared.older)}
            onChange={(id) => onChange({ ...compared, older: Number(id) })}
            options={options}
          />
          <SelectInput
            label={t('after')}
            className="w-44"
            value={String(compared.newer)}
            onChange={(id) => onChange({ ...compared, newer: Number(id) })}
            options={options}
          />
        </div>
        <Changes scheduleId={scheduleId} older={compared.older} newer={compared.newer} />
      </div>
    </Layer>
  );
}

/** Before and after of every value that differs, by its path. */
function Changes({ scheduleId, older, newer }: { scheduleId: string; older: number; newer: number }) {
  const t = useTranslations('schedules.versions');
  const query = useQuery(compareQuery(scheduleId, older, newer));
  return (
    <Answered query={query} className="p-0">
      {({ changes }) =>
        changes.length === 0 ? (
          <p className="text-fg2">{t('same')}</p>
        ) : (
          <ChangeTable
            head={{ path: t('path'), before: t('before'), after: t('after') }}
            changes={changes.map(({ path, before, after }) => ({ at: path, before, after }))}
          />
        )
      }
    </Answered>
  );
}

function RestoreDialog({
  schedule,
  latest,
  version,
  onClose,
}: {
  schedule: Schemas['Schedule'];
  /** The newest state kept. A publish that rebinds moves the revision without saving a state. */
  latest: number;
  version: Version;
  onClose: () => void;
}) {
  const t = useTranslations('schedules.versions');
  const { pending, problem, submit } = useSubmit();
  const restore = () =>
    submit(async () => {
      const saved = await take(
        api.POST('/api/v1/schedules/{id}/versions/{revision}/restore', {
          params: {
            path: { id: schedule.id, revision: version.revision },
            header: { 'If-Match': ifMatch(schedule.revision) },
          },
        }),
      );
      storeSchedule(saved);
      showToast({ tone: 'success', title: t('restored', { revision: version.revision, name: saved.name }) });
      onClose();
    });
  return (
    <FormLayer
      onClose={onClose}
      size="md"
      role="alertdialog"
      title={t('restoreTitle', { revision: version.revision, name: schedule.name })}
      confirm={t('restoreConfirm', { revision: version.revision })}
      pending={pending}
      problem={problem}
      onConfirm={() => void restore()}
    >
      <p className="text-fg2">{t('restoreConsequence')}</p>
      <Changes scheduleId={schedule.id} older={latest} newer={version.revision} />
    </FormLayer>
  );
}
