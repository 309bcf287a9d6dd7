import { useTranslations } from 'use-intl';
import { Layer } from '@/ui/Layer';
import { setPreferences, usePreferences } from './preferences';

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const t = useTranslations('shortcuts');
  const { shortcuts } = usePreferences();
  const rows: [string, string][] = [
    ['Ctrl K', t('palette')],
    ['?', t('help')],
    ['/', t('search')],
    ['n', t('create')],
    ['g s', t('goSchedules')],
    ['g r', t('goRuns')],
    ['g w', t('goWorkflows')],
    ['↑ ↓ ← →', t('move')],
    ['Space, x', t('select')],
    ['Enter', t('open')],
    ['e', t('edit')],
    ['p', t('pause')],
    ['r', t('run')],
    ['.', t('menu')],
  ];
  return (
    <Layer isOpen onClose={onClose} title={t('title')}>
      <div className="p-5">
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
          {rows.map(([keys, text]) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="rounded-chip border border-line bg-app px-1.5 py-0.5 font-mono text-code">{keys}</kbd>
              </dt>
              <dd className="text-fg2">{text}</dd>
            </div>
          ))}
        </dl>
        <label className="mt-4 flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            className="size-4"
            checked={shortcuts}
            onChange={(event) => setPreferences({ shortcuts: event.target.checked })}
          />
          {t('enable')}
        </label>
      </div>
    </Layer>
  );
}
