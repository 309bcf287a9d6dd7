import { Copy } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { pretty } from '@/api/exact-json';
import { showToast } from '@/app/toasts';
import { EditorFallback } from '@/editor/JsonEditor';
import { IconButton } from './Button';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

/** JSON to read: highlighted, folding, copyable. */
export function JsonView({
  value,
  label,
  heightClass = 'h-80',
}: {
  value: unknown;
  label: string;
  heightClass?: string;
}) {
  const t = useTranslations('common');
  const text = pretty(value);
  return (
    <div className={`relative ${heightClass}`}>
      <Suspense fallback={<EditorFallback />}>
        <CodeEditor value={text} language="json" label={label} readOnly />
      </Suspense>
      <div className="absolute top-1.5 right-3">
        <IconButton
          label={t('copy')}
          size="icon-sm"
          className="bg-surface"
          onPress={() =>
            void navigator.clipboard?.writeText(text).then(() => showToast({ tone: 'info', title: t('copied') }))
          }
        >
          <Copy size={14} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
