import { GitCompareArrows } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { pretty } from '@/api/exact-json';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/States';
import { bodyOf, type Form } from './form';

const text = (value: unknown) => (typeof value === 'string' ? value || '–' : pretty(value));

/** Somebody saved in between: both sides of every field that differs, and the choice. */
export function Conflict({
  mine,
  theirs,
  changedAt,
  onMine,
  onTheirs,
}: {
  mine: Form;
  theirs: Form;
  changedAt: string;
  onMine: () => void;
  onTheirs: () => void;
}) {
  const t = useTranslations('schedules.conflict');
  const left = bodyOf(mine).body as Record<string, unknown>;
  const right = bodyOf(theirs).body as Record<string, unknown>;
  const different = Object.keys(left).filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]));
  return (
    <div className="p-5" role="alert">
      <Notice tone="warning" icon={GitCompareArrows} title={t('title')}>
        <Time value={changedAt} format="both" />
      </Notice>
      <table className="mt-4 w-full table-fixed border-collapse">
        <thead>
          <tr className="border-line border-b text-left text-fg3 text-meta">
            <th className="w-32 py-1.5 font-medium">{t('field')}</th>
            <th className="py-1.5 pr-3 font-medium">{t('mine')}</th>
            <th className="py-1.5 font-medium">{t('theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {different.map((key) => (
            <tr key={key} className="border-line border-b align-top">
              <th className="py-2 text-left font-medium">{key}</th>
              <td className="py-2 pr-3">
                <pre className="whitespace-pre-wrap break-words rounded-chip bg-success-tint p-2 font-mono text-code">
                  {text(left[key])}
                </pre>
              </td>
              <td className="py-2">
                <pre className="whitespace-pre-wrap break-words rounded-chip bg-hover p-2 font-mono text-code">
                  {text(right[key])}
                </pre>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {different.length === 0 && <p className="mt-3 text-fg2">{t('same')}</p>}
      <div className="mt-4 flex gap-2">
        <Button tone="primary" onPress={onMine}>
          {t('keepMine')}
        </Button>
        <Button onPress={onTheirs}>{t('takeTheirs')}</Button>
      </div>
    </div>
  );
}
