import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, type Schemas, take } from '@/api/client';
import { pretty } from '@/api/exact-json';
import { type Problem, problemOf } from '@/api/problem';
import { problemText, showToast } from '@/app/toasts';
import { standInOf } from '@/editor/stand-ins';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { SelectInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { StandInChip } from '@/ui/StandInChip';
import { Chip, Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { storeSchedule } from './actions';
import { compareQuery, scheduleVersionsQuery } from './history';

type Version = Schemas['ScheduleVersion'];
const th = 'px-3 py-2 font-medium';
const td = 'px-3 py-1.5';

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
      <div className="relative overflow-x-auto rounded-card border border-line bg-surface">
        <table className="w-full min-w-160 border-collapse" data-versions>
          <thead>
            <tr className="border-line border-b text-left text-fg3 text-meta">
              <th className={th}>{t('savedAt')}</th>
              <th className={th}>{t('revision')}</th>
              <th className={th}>{t('savedBy')}</th>
              <th className={th}>{t('what')}</th>
              <th className={th}>
                <span className="sr-only">{t('compare')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version, index) => {
              const before = versions[index + 1];
              return (
                <tr key={version.revision} className="border-line border-b last:border-b-0 hover:bg-hover">
                  <td className={td}>
                    <Time value={version.at} precision="second" />
                  </td>
                  <td className={`${td} font-medium`} data-num>
                    {version.revision}
                    {index === 0 && <span className="ml-2 font-normal text-fg3 text-meta">{t('current')}</span>}
                  </td>
                  <td className={`${td} text-fg2`}>{version.actor}</td>
                  <td className={td}>
                    <What version={version} />
                  </td>
                  <td className={`${td} text-right`}>
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
          </tbody>
        </table>
      </div>
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
  const key = `action.${version.action.replace('schedules.', '')}` as 'action.update';
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
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={3} className="p-0" />;
  if (query.data.changes.length === 0) return <p className="text-fg2">{t('same')}</p>;
  return (
    <div className="relative overflow-x-auto">
      <table className="w-full min-w-120 table-fixed border-collapse" data-changes>
        <thead>
          <tr className="border-line border-b text-left text-fg3 text-meta">
            <th className="w-44 py-1.5 pr-3 font-medium">{t('path')}</th>
            <th className="py-1.5 pr-3 font-medium">{t('before')}</th>
            <th className="py-1.5 font-medium">{t('after')}</th>
          </tr>
        </thead>
        <tbody>
          {query.data.changes.map((change) => (
            <tr key={change.path} className="border-line border-b align-top last:border-b-0">
              <th scope="row" className="break-words py-2 pr-3 text-left font-mono font-normal text-code">
                {change.path}
              </th>
              <td className="py-2 pr-3">
                <Value value={change.before} look="bg-failed-tint" />
              </td>
              <td className="py-2">
                <Value value={change.after} look="bg-success-tint" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value, look }: { value: unknown; look: string }) {
  if (value === null || value === undefined || value === '') return <span className="text-fg3">–</span>;
  const standIn = standInOf(value);
  if (standIn) return <StandInChip standIn={standIn} />;
  return (
    <pre className={`whitespace-pre-wrap break-words rounded-chip p-2 font-mono text-code ${look}`}>
      {typeof value === 'string' ? value : pretty(value)}
    </pre>
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
  const common = useTranslations('common');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const restore = async () => {
    setBusy(true);
    setProblem(null);
    try {
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
    } catch (cause) {
      setProblem(problemOf(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      size="md"
      role="alertdialog"
      title={t('restoreTitle', { revision: version.revision, name: schedule.name })}
      footer={
        <>
          <Button onPress={onClose}>{common('cancel')}</Button>
          <Button tone="primary" pending={busy} onPress={() => void restore()}>
            {t('restoreConfirm', { revision: version.revision })}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {problem && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        <p className="text-fg2">{t('restoreConsequence')}</p>
        <Changes scheduleId={schedule.id} older={latest} newer={version.revision} />
      </div>
    </Layer>
  );
}
