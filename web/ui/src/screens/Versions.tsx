import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows, History, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { versionQuery, versionsQuery } from '@/api/queries';
import { EditorFallback } from '@/editor/JsonEditor';
import { Time } from '@/time/Time';
import { Answered } from '@/ui/Answered';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Chip, Empty } from '@/ui/States';
import { rowClass, Table, tdClass } from '@/ui/Table';
import { CompareVersions } from './CompareVersions';
import { RestoreVersion } from './RestoreVersion';
import type { DraftBuffer } from './WorkflowPage';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));
type Summary = Schemas['VersionSummary'];
type Layered = { kind: 'view' | 'restore'; number: number } | { kind: 'compare'; older: number; newer: number };

/** Every published version: what it says, any two side by side, and the way back into the draft. */
export function Versions({
  workflowId,
  buffer,
  denied,
  onRestored,
}: {
  workflowId: string;
  buffer: DraftBuffer | null;
  denied: string | null;
  onRestored: (draft: Schemas['Draft']) => void;
}) {
  const t = useTranslations('workflows');
  const query = useQuery(versionsQuery(workflowId));
  const [layer, setLayer] = useState<Layered | null>(null);
  const close = () => setLayer(null);
  return (
    <Answered query={query} rows={5} className="p-0">
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon={History} title={t('noVersions')} />
        ) : (
          <>
            <VersionTable items={items} denied={denied} onOpen={setLayer} />
            {layer?.kind === 'view' && (
              <VersionView
                workflowId={workflowId}
                number={layer.number}
                denied={denied}
                onClose={close}
                onRestore={() => setLayer({ kind: 'restore', number: layer.number })}
              />
            )}
            {layer?.kind === 'compare' && (
              <CompareVersions
                workflowId={workflowId}
                versions={items}
                compared={layer}
                onChange={(compared) => setLayer({ kind: 'compare', ...compared })}
                onClose={close}
              />
            )}
            {layer?.kind === 'restore' && buffer && (
              <RestoreVersion
                workflowId={workflowId}
                number={layer.number}
                buffer={buffer}
                onClose={close}
                onRestored={(draft) => {
                  close();
                  onRestored(draft);
                }}
              />
            )}
          </>
        )
      }
    </Answered>
  );
}

function VersionTable({
  items,
  denied,
  onOpen,
}: {
  items: Summary[];
  denied: string | null;
  onOpen: (layer: Layered) => void;
}) {
  const t = useTranslations('workflows');
  return (
    <Table
      name="workflow-versions"
      head={[
        { label: t('publishedAt') },
        { label: t('number') },
        { label: t('publishedBy') },
        { label: t('note') },
        { label: t('hasSchema') },
        { label: t('view'), hidden: true },
      ]}
    >
      {items.map((version, index) => {
        const { number } = version;
        const before = items[index + 1];
        return (
          <tr key={number} className={`${rowClass} hover:bg-hover`} data-version={number}>
            <td className={tdClass}>
              <Time value={version.published_at} precision="second" />
            </td>
            <td className={`${tdClass} font-medium`} data-num>
              <span className="inline-flex items-center gap-2">
                {t('version', { number })}
                {index === 0 && <Chip tone="accent">{t('latestVersion')}</Chip>}
              </span>
            </td>
            <td className={`${tdClass} text-fg2`}>{version.published_by ?? '–'}</td>
            <td className={`${tdClass} max-w-96 wrap-anywhere text-fg2`}>
              <span className="line-clamp-2 break-words" title={version.note || undefined}>
                {version.note || '–'}
              </span>
            </td>
            <td className={`${tdClass} text-fg2`}>{version.has_payload_schema ? t('yes') : t('no')}</td>
            <td className={`${tdClass} text-right`}>
              <span className="inline-flex gap-2">
                {before && (
                  <Button
                    size="sm"
                    icon={<GitCompareArrows size={13} aria-hidden />}
                    aria-label={t('compareOf', { number, before: before.number })}
                    onPress={() => onOpen({ kind: 'compare', older: before.number, newer: number })}
                  >
                    {t('compare')}
                  </Button>
                )}
                <Button
                  size="sm"
                  icon={<RotateCcw size={13} aria-hidden />}
                  disabledReason={denied}
                  aria-label={t('restoreOf', { number })}
                  onPress={() => onOpen({ kind: 'restore', number })}
                >
                  {t('restore')}
                </Button>
                <Button size="sm" aria-label={t('viewOf', { number })} onPress={() => onOpen({ kind: 'view', number })}>
                  {t('view')}
                </Button>
              </span>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function VersionView({
  workflowId,
  number,
  denied,
  onClose,
  onRestore,
}: {
  workflowId: string;
  number: number;
  denied: string | null;
  onClose: () => void;
  onRestore: () => void;
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
          <Button disabledReason={denied} onPress={onRestore}>
            {t('restore')}
          </Button>
        </>
      }
    >
      <div className="h-full min-h-80 p-4">
        <Answered query={query}>
          {(version) => (
            <Suspense fallback={<EditorFallback />}>
              <CodeEditor
                label={t('versionTitle', { number })}
                value={version.text}
                language={version.format}
                readOnly
              />
            </Suspense>
          )}
        </Answered>
      </div>
    </Layer>
  );
}
