import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, type Schemas, take } from '@/api/client';
import { ProblemError } from '@/api/problem';
import { queryClient } from '@/api/queries';
import { Later, laterPart } from '@/app/Later';
import { useCan } from '@/app/session';
import { showToast, toastError } from '@/app/toasts';
import { validateScheduleSearch } from './filters';

const deleteDialog = laterPart(() => import('./DeleteDialog'));
const runNowDialog = laterPart(() => import('./RunNowDialog'));
const resumePassedDialog = laterPart(() => import('./ResumePassedDialog'));

export type ScheduleRow = Schemas['ScheduleSummary'] & { deleted?: boolean };

/** Whether it has come to its end: it is neither paused nor resumed any more. */
export const isOver = (row: Pick<ScheduleRow, 'holds'>) =>
  row.holds.some((hold) => hold.kind === 'completed' || hold.kind === 'expired');

/** Puts what the server answered everywhere this schedule is shown, without reading a list again. */
export function storeSchedule(schedule: Partial<ScheduleRow> & { id: string }) {
  queryClient.setQueryData<object>(['schedules', 'one', schedule.id], (old) => (old ? { ...old, ...schedule } : old));
  queryClient.setQueriesData<{ pages: { items: { id: string }[] }[] }>({ queryKey: ['schedules', 'list'] }, (data) =>
    data
      ? {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === schedule.id ? { ...item, ...schedule } : item)),
          })),
        }
      : data,
  );
  void queryClient.invalidateQueries({ queryKey: ['schedules', 'upcoming', schedule.id] });
  void queryClient.invalidateQueries({ queryKey: ['schedules', 'fires', schedule.id] });
  void queryClient.invalidateQueries({ queryKey: ['schedules', 'explain', schedule.id] });
  void queryClient.invalidateQueries({ queryKey: ['schedules', 'versions', schedule.id] });
}

/** What can be done to one schedule, and the dialogs that belong to it. */
export function useScheduleActions(onDeleted?: () => void) {
  const t = useTranslations('schedules.actions');
  const navigate = useNavigate();
  const canManage = useCan('schedules.manage');
  const canRun = useCan('runs.start');
  const [running, setRunning] = useState<ScheduleRow | null>(null);
  const [deleting, setDeleting] = useState<ScheduleRow | null>(null);
  const [passed, setPassed] = useState<ScheduleRow | null>(null);
  const [busy, setBusy] = useState(false);

  const resume = async (row: ScheduleRow, body: Schemas['ResumeRequest'] = {}): Promise<boolean> => {
    try {
      const saved = await take(api.POST('/api/v1/schedules/{id}/resume', { params: { path: { id: row.id } }, body }));
      storeSchedule(saved);
      setPassed(null);
      // Holds stack: another may be left.
      const held = saved.status === 'paused' || saved.status === 'failed' || saved.status === 'invalid';
      showToast({ tone: held ? 'info' : 'success', title: t(held ? 'resumedHeld' : 'resumed', { name: row.name }) });
      return true;
    } catch (cause) {
      if (cause instanceof ProblemError && cause.code === 'RUN_AT_PASSED' && !body.passed_one_time) setPassed(row);
      else toastError(t('resumeFailed', { name: row.name }), cause);
      return false;
    }
  };

  const pause = async (row: ScheduleRow, body: Schemas['PauseRequest'] = {}): Promise<boolean> => {
    const before = { id: row.id, status: row.status };
    storeSchedule({ id: row.id, status: 'paused' });
    try {
      const saved = await take(api.POST('/api/v1/schedules/{id}/pause', { params: { path: { id: row.id } }, body }));
      storeSchedule(saved);
      showToast({
        tone: 'success',
        title: t('paused', { name: row.name }),
        action: { label: t('undo'), onPress: () => void resume(row) },
      });
      return true;
    } catch (cause) {
      storeSchedule(before);
      toastError(t('pauseFailed', { name: row.name }), cause);
      return false;
    }
  };

  const remove = async () => {
    if (!deleting) return;
    setBusy(true);
    try {
      await take(
        api.DELETE('/api/v1/schedules/{id}', {
          params: { path: { id: deleting.id }, header: { 'If-Match': ifMatch(deleting.revision) } },
        }),
      );
      showToast({ tone: 'success', title: t('deleted', { name: deleting.name }) });
      setDeleting(null);
      void queryClient.invalidateQueries({ queryKey: ['schedules', 'list'] });
      onDeleted?.();
    } catch (cause) {
      toastError(t('deleteFailed', { name: deleting.name }), cause);
      setDeleting(null);
    } finally {
      setBusy(false);
    }
  };

  const dialogs: ReactNode = (
    <>
      {running && <Later part={runNowDialog} schedule={running} onClose={() => setRunning(null)} />}
      {deleting && (
        <Later
          part={deleteDialog}
          name={deleting.name}
          busy={busy}
          onClose={() => setDeleting(null)}
          onConfirm={() => void remove()}
        />
      )}
      {passed && (
        <Later
          part={resumePassedDialog}
          schedule={passed}
          onClose={() => setPassed(null)}
          onChoose={(body) => resume(passed, body)}
        />
      )}
    </>
  );

  return {
    dialogs,
    pause,
    resume,
    canManage,
    canRun,
    runNow: setRunning,
    remove: setDeleting,
    edit: (row: ScheduleRow) =>
      void navigate({ to: '/schedules', search: (old) => ({ ...validateScheduleSearch(old), edit: row.id }) }),
    clone: (row: ScheduleRow) =>
      void navigate({
        to: '/schedules',
        search: (old) => ({ ...validateScheduleSearch(old), edit: undefined, clone: row.id }),
      }),
    copyId: (row: ScheduleRow) =>
      void navigator.clipboard?.writeText(row.id).then(() => showToast({ tone: 'info', title: t('copied') })),
    denied: canManage ? null : t('needsPermission'),
    runDenied: canRun ? null : t('needsPermission'),
  };
}
