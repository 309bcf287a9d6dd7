import { useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { versionQuery, versionsQuery } from '@/api/queries';
import { showToast } from '@/app/toasts';
import { EditorFallback } from '@/editor/JsonEditor';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Empty, ErrorPanel, Skeleton } from '@/ui/States';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

export function Versions({
  workflowId,
  onRestore,
}: {
  workflowId: string;
  onRestore: (version: Schemas['Version']) => void;
}) {
  const t = useTranslations('workflows');
  const query = useQuery(versionsQuery(workflowId));
  const [shown, setShown] = useState<number | null>(null);
  if (query.isPending) return <Skeleton rows={5} className="p-0" />;
  if (!query.data) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.items.length === 0) return <Empty icon={History} title={t('noVersions')} />;
  return (
    <>
      <div className="relative overflow-x-auto rounded-card border border-line bg-surface">
        <table className="w-full min-w-160 border-collapse">
          <thead>
            <tr className="border-line border-b text-left text-fg3 text-meta">
              <th className="px-3 py-2 font-medium">{t('publishedAt')}</th>
              <th className="px-3 py-2 font-medium">{t('number')}</th>
              <th className="px-3 py-2 font-medium">{t('publishedBy')}</th>
              <th className="px-3 py-2 font-medium">{t('note')}</th>
              <th className="px-3 py-2 font-medium">{t('hasSchema')}</th>
              <th className="px-3 py-2">
                <span className="sr-only">{t('view')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((version) => (
              <tr key={version.number} className="border-line border-b last:border-b-0 hover:bg-hover">
                <td className="px-3 py-1.5">
                  <Time value={version.published_at} precision="second" />
                </td>
                <td className="px-3 py-1.5 font-medium" data-num>
                  {t('version', { number: version.number })}
                </td>
                <td className="px-3 py-1.5 text-fg2">{version.published_by ?? '–'}</td>
                <td className="max-w-96 truncate px-3 py-1.5 text-fg2">{version.note || '–'}</td>
                <td className="px-3 py-1.5 text-fg2">{version.has_payload_schema ? t('yes') : t('no')}</td>
                <td className="px-3 py-1.5 text-right">
                  <Button
                    size="sm"
                    onPress={() => setShown(version.number)}
                    aria-label={`${t('view')} ${t('version', { number: version.number })}`}
                  >
                    {t('view')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown !== null && (
        <VersionView
          workflowId={workflowId}
          number={shown}
          onClose={() => setShown(null)}
          onRestore={(version) => {
            setShown(null);
            showToast({ tone: 'info', title: t('restored', { version: version.number }) });
            onRestore(version);
          }}
        />
      )}
    </>
  );
}

function VersionView({
  workflowId,
  number,
  onClose,
  onRestore,
}: {
  workflowId: string;
  number: number;
  onClose: () => void;
  onRestore: (version: Schemas['Version']) => void;
}) {
  const t = useTranslations('workflows');
  const common = useTranslations('common');
  const query = useQuery(versionQuery(workflowId, number));
  return (
    <Layer
      isOpen
      onClose={onClose}
      kind="sheet"
      size="md"
      title={t('versionTitle', { number })}
      subtitle={query.data?.note}
      footer={
        <>
          <Button onPress={onClose}>{common('close')}</Button>
          {query.data && <Button onPress={() => onRestore(query.data)}>{t('restore')}</Button>}
        </>
      }
    >
      <div className="h-full min-h-80 p-4">
        {query.data ? (
          <Suspense fallback={<EditorFallback />}>
            <CodeEditor
              label={t('versionTitle', { number })}
              value={query.data.text}
              language={query.data.format}
              readOnly
            />
          </Suspense>
        ) : query.isError ? (
          <ErrorPanel error={query.error} />
        ) : (
          <Skeleton />
        )}
      </div>
    </Layer>
  );
}
