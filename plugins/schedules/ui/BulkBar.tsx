import { Pause, Play, RotateCcw, Trash2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { problemOf } from '@/api/problem';
import { queryClient } from '@/api/queries';
import { problemText, showToast, toastError } from '@/app/toasts';
import { Button, IconButton } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { BulkResult } from './BulkResult';
import {
  type BulkAction,
  type BulkItem,
  type BulkJob,
  type BulkTarget,
  cancelBulk,
  failedItems,
  startBulk,
  undoBulk,
  watchBulk,
} from './bulk';

/** A job of the hub: begun, followed to its end, taken back. It goes on when nobody looks. */
function useBulkJob(onDone: () => void) {
  const t = useTranslations('schedules.bulk');
  const [job, setJob] = useState<BulkJob | null>(null);
  const [failed, setFailed] = useState<BulkItem[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const hidden = useRef(false);
  const stopWatching = useRef<() => void>(() => undefined);
  useEffect(() => () => stopWatching.current(), []);

  const follow = async (begin: () => Promise<BulkJob>) => {
    setProblem(null);
    setFailed([]);
    hidden.current = false;
    stopWatching.current();
    let begun: BulkJob;
    try {
      begun = await begin();
    } catch (cause) {
      setJob(null);
      setProblem(problemText(problemOf(cause)));
      // Another number matches by now: the list shows which.
      void queryClient.invalidateQueries({ queryKey: ['schedules', 'list'] });
      return;
    }
    setJob(begun);
    const watch = watchBulk(begun, (now) => !hidden.current && !now.ended_at && setJob(now));
    stopWatching.current = watch.stop;
    const ended = await watch.ended;
    void queryClient.invalidateQueries({ queryKey: ['schedules'] });
    if (hidden.current) {
      const action = ended.undo_of ? 'undo' : (ended.action as BulkAction);
      showToast({
        tone: ended.failed > 0 ? 'error' : 'success',
        title: t(`result.${action}`, { done: ended.done, of: ended.total, failed: ended.failed }),
      });
    } else {
      if (ended.failed > 0) setFailed(await failedItems(ended.id).catch(() => []));
      setJob(ended);
    }
    if (ended.failed === 0) onDone();
  };
  return {
    job,
    failed,
    problem,
    start: (...wanted: Parameters<typeof startBulk>) => void follow(() => startBulk(...wanted)),
    undo: () => job && void follow(() => undoBulk(job.id)),
    stop: () => job && void cancelBulk(job.id).catch((cause) => toastError(t('stopFailed'), cause)),
    close: () => {
      hidden.current = true;
      setJob(null);
      setProblem(null);
    },
  };
}

export function BulkBar({
  ids,
  filter,
  total,
  onClear,
  denied,
  runDenied,
}: {
  ids: string[];
  /** What the list shows; `total` schedules match it. */
  filter: Schemas['BulkFilter'];
  total: number;
  onClear: () => void;
  denied: string | null;
  runDenied: string | null;
}) {
  const t = useTranslations('schedules.bulk');
  const [confirming, setConfirming] = useState<BulkAction | null>(null);
  // All that match, for as long as neither the filter nor the rows chosen by hand change.
  const choice = JSON.stringify([filter, ids]);
  const [allOf, setAllOf] = useState('');
  const all = allOf === choice;
  const bulk = useBulkJob(() => {
    setAllOf('');
    onClear();
  });
  const target: BulkTarget = all ? { filter, expected_count: total } : { ids };
  const count = all ? total : ids.length;
  const start = (action: BulkAction) => {
    setConfirming(null);
    bulk.start(action, target);
  };
  // What changes many rows that nobody has seen is asked once more.
  const press = (action: BulkAction) =>
    all || action === 'run' || action === 'delete' ? setConfirming(action) : start(action);
  const consequence =
    confirming === 'delete' ? 'deleteConsequence' : confirming === 'run' ? 'runConsequence' : 'allConsequence';

  return (
    <>
      {ids.length > 0 && (
        <div
          role="toolbar"
          aria-label={t('label')}
          className="sticky bottom-0 z-20 flex flex-wrap items-center gap-2 border-line border-t bg-raised px-4 py-2 shadow-layer md:px-6"
        >
          <p className="mr-2 font-medium" data-num>
            {t('selected', { count })}
            {count < total && <span className="text-fg3"> · {t('ofTotal', { total })}</span>}
          </p>
          {count < total && (
            <Button size="sm" onPress={() => setAllOf(choice)}>
              {t('selectAll', { total })}
            </Button>
          )}
          <Button
            size="sm"
            icon={<Pause size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => press('pause')}
          >
            {t('pause', { count })}
          </Button>
          <Button
            size="sm"
            icon={<RotateCcw size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => press('resume')}
          >
            {t('resume', { count })}
          </Button>
          <Button
            size="sm"
            icon={<Play size={14} aria-hidden />}
            disabledReason={runDenied}
            onPress={() => press('run')}
          >
            {t('run', { count })}
          </Button>
          <Button
            size="sm"
            tone="danger"
            icon={<Trash2 size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => press('delete')}
          >
            {t('delete', { count })}
          </Button>
          <span className="flex-1" />
          <IconButton label={t('clear')} size="icon-sm" onPress={onClear}>
            <X size={15} aria-hidden />
          </IconButton>
        </div>
      )}
      <Layer
        isOpen={confirming !== null}
        onClose={() => setConfirming(null)}
        role="alertdialog"
        title={confirming ? t(confirming, { count }) : ''}
        footer={
          <>
            <Button onPress={() => setConfirming(null)}>{t('cancel')}</Button>
            <Button
              tone={confirming === 'delete' ? 'danger' : 'primary'}
              onPress={() => confirming && start(confirming)}
            >
              {confirming ? t(confirming, { count }) : ''}
            </Button>
          </>
        }
      >
        <p className="p-5 text-fg2">{t(consequence, { count })}</p>
      </Layer>
      <BulkResult
        job={bulk.job}
        failed={bulk.failed}
        problem={bulk.problem}
        onClose={bulk.close}
        onStop={bulk.stop}
        onUndo={bulk.undo}
        onRetry={(retry, passed) => bulk.job && bulk.start(bulk.job.action as BulkAction, { ids: retry }, passed)}
      />
    </>
  );
}
