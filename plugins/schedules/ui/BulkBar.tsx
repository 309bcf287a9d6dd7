import { Pause, Play, RotateCcw, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { queryClient } from '@/api/queries';
import { problemText } from '@/app/toasts';
import { Button, IconButton } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
import { type BulkAction, type BulkItem, type BulkResult, runBulk } from './bulk';

const opposite: Partial<Record<BulkAction, BulkAction>> = { pause: 'resume', resume: 'pause' };

export function BulkBar({
  items,
  total,
  allLoaded,
  onClear,
  denied,
}: {
  items: BulkItem[];
  total: number;
  allLoaded: boolean;
  onClear: () => void;
  denied: string | null;
}) {
  const t = useTranslations('schedules.bulk');
  const [confirming, setConfirming] = useState<BulkAction | null>(null);
  const [progress, setProgress] = useState<{ action: BulkAction; done: number; of: number } | null>(null);
  const [result, setResult] = useState<BulkResult | null>(null);

  const start = async (action: BulkAction, targets: BulkItem[]) => {
    setConfirming(null);
    setResult(null);
    setProgress({ action, done: 0, of: targets.length });
    const answer = await runBulk(action, targets, (done) => setProgress({ action, done, of: targets.length }));
    setProgress(null);
    setResult(answer);
    if (answer.failed.length === 0) onClear();
    void queryClient.invalidateQueries({ queryKey: ['schedules'] });
  };
  const count = items.length;
  const undo = result && opposite[result.action];

  return (
    <>
      {count > 0 && (
        <div
          role="toolbar"
          aria-label={t('label')}
          className="sticky bottom-0 z-20 flex flex-wrap items-center gap-2 border-line border-t bg-raised px-4 py-2 shadow-layer md:px-6"
        >
          <p className="mr-2 font-medium" data-num>
            {t('selected', { count })}
            {!allLoaded && <span className="text-fg3"> · {t('ofTotal', { total })}</span>}
          </p>
          <Button
            size="sm"
            icon={<Pause size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => void start('pause', items)}
          >
            {t('pause', { count })}
          </Button>
          <Button
            size="sm"
            icon={<RotateCcw size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => void start('resume', items)}
          >
            {t('resume', { count })}
          </Button>
          <Button
            size="sm"
            icon={<Play size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => setConfirming('run')}
          >
            {t('run', { count })}
          </Button>
          <Button
            size="sm"
            tone="danger"
            icon={<Trash2 size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => setConfirming('delete')}
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
              onPress={() => confirming && void start(confirming, items)}
            >
              {confirming ? t(confirming, { count }) : ''}
            </Button>
          </>
        }
      >
        <p className="p-5 text-fg2">
          {confirming === 'delete' ? t('deleteConsequence', { count }) : t('runConsequence', { count })}
        </p>
      </Layer>
      <Layer
        isOpen={progress !== null || result !== null}
        onClose={() => setResult(null)}
        title={progress ? t('working') : t('finished')}
      >
        <div className="flex flex-col gap-3 p-5" role="status">
          {progress && (
            <>
              <p data-num>{t('progress', { done: progress.done, of: progress.of })}</p>
              <progress
                value={progress.done}
                max={progress.of}
                aria-label={t('working')}
                className="h-2 w-full accent-solid"
              />
            </>
          )}
          {result && (
            <>
              <Notice tone={result.failed.length > 0 ? 'warning' : 'success'}>
                {t(`result.${result.action}`, {
                  done: result.done.length,
                  of: result.done.length + result.failed.length,
                  failed: result.failed.length,
                })}
              </Notice>
              {result.failed.length > 0 && (
                <ul className="scroll-thin max-h-64 divide-y divide-line overflow-auto rounded-card border border-line">
                  {result.failed.map(({ item, problem }) => (
                    <li key={item.id} className="px-3 py-2">
                      <p className="font-medium">{item.name}</p>
                      <p className="text-failed text-meta">{problemText(problem)}</p>
                    </li>
                  ))}
                </ul>
              )}
              <div className="flex justify-end gap-2">
                {undo && result.done.length > 0 && (
                  <Button onPress={() => void start(undo, result.done)}>{t('undo')}</Button>
                )}
                {result.failed.length > 0 && (
                  <Button
                    onPress={() =>
                      void start(
                        result.action,
                        result.failed.map(({ item }) => item),
                      )
                    }
                  >
                    {t('retry', { count: result.failed.length })}
                  </Button>
                )}
                <Button tone="primary" onPress={() => setResult(null)}>
                  {t('close')}
                </Button>
              </div>
            </>
          )}
        </div>
      </Layer>
    </>
  );
}
