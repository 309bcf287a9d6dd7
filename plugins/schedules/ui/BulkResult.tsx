import { useTranslations } from 'use-intl';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
import { type BulkItem, type BulkJob, type PassedOneTime, processed } from './bulk';

/** How far a bulk job is, and what became of it: what failed first, with why. */
export function BulkResult({
  job,
  failed,
  problem,
  onClose,
  onStop,
  onUndo,
  onRetry,
}: {
  job: BulkJob | null;
  failed: BulkItem[];
  /** Why it was not even begun. */
  problem: string | null;
  onClose: () => void;
  onStop: () => void;
  onUndo: () => void;
  onRetry: (ids: string[], choice?: PassedOneTime) => void;
}) {
  const t = useTranslations('schedules.bulk');
  const ended = Boolean(job?.ended_at);
  const passed = failed.filter((item) => item.code === 'RUN_AT_PASSED').map((item) => item.schedule_id);
  const retry = failed.map((item) => item.schedule_id);
  return (
    <Layer
      isOpen={job !== null || problem !== null}
      onClose={onClose}
      title={job && !ended ? t('working') : problem ? t('refused') : t('finished')}
    >
      <div className="flex flex-col gap-3 p-5" role="status">
        {problem && <Notice tone="error">{problem}</Notice>}
        {job && !ended && (
          <>
            <p data-num>{t('progress', { done: processed(job), of: job.total })}</p>
            <progress
              value={processed(job)}
              max={job.total}
              aria-label={t('working')}
              className="h-2 w-full accent-solid"
            />
            <div className="flex justify-end">
              <Button onPress={onStop}>{t('stop')}</Button>
            </div>
          </>
        )}
        {job && ended && (
          <>
            <Notice tone={job.failed > 0 ? 'warning' : 'success'}>
              {t(`result.${job.undo_of ? 'undo' : (job.action as 'pause')}`, {
                done: job.done,
                of: job.total,
                failed: job.failed,
              })}
            </Notice>
            {job.skipped > 0 && (
              <p className="text-fg2">{t(job.state === 'cancelled' ? 'left' : 'unchanged', { count: job.skipped })}</p>
            )}
            {failed.length > 0 && (
              <ul className="scroll-thin max-h-64 divide-y divide-line overflow-auto rounded-card border border-line">
                {failed.map((item) => (
                  <li key={item.ordinal} className="px-3 py-2">
                    <p className="font-medium">{item.name || item.schedule_id}</p>
                    <p className="text-failed text-meta">{item.message}</p>
                  </li>
                ))}
              </ul>
            )}
            {failed.length < job.failed && failed.length > 0 && (
              <p className="text-fg3">{t('moreFailed', { count: job.failed - failed.length })}</p>
            )}
            {passed.length > 0 && (
              <div className="flex flex-wrap items-center gap-2">
                <p className="text-fg2">{t('passed', { count: passed.length })}</p>
                <Button size="sm" onPress={() => onRetry(passed, 'run_now')}>
                  {t('passedRun')}
                </Button>
                <Button size="sm" onPress={() => onRetry(passed, 'expire')}>
                  {t('passedExpire')}
                </Button>
              </div>
            )}
            <div className="flex justify-end gap-2">
              {job.undoable && <Button onPress={onUndo}>{t('undo')}</Button>}
              {retry.length > 0 && !job.undo_of && (
                <Button onPress={() => onRetry(retry)}>{t('retry', { count: retry.length })}</Button>
              )}
              <Button tone="primary" onPress={onClose}>
                {t('close')}
              </Button>
            </div>
          </>
        )}
        {problem && (
          <div className="flex justify-end">
            <Button tone="primary" onPress={onClose}>
              {t('close')}
            </Button>
          </div>
        )}
      </div>
    </Layer>
  );
}
