import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { compareVersionsQuery, versionQuery } from '@/api/queries';
import { Answered } from '@/ui/Answered';
import { SelectInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { SchemaChanges } from '@/ui/SchemaChanges';
import { TextDiff } from '@/ui/TextDiff';

type Compared = { older: number; newer: number };

/** Two versions side by side: what the payload schema asks differently, then the definition line by line. */
export function CompareVersions({
  workflowId,
  versions,
  compared,
  onChange,
  onClose,
}: {
  workflowId: string;
  versions: Schemas['VersionSummary'][];
  compared: Compared;
  onChange: (compared: Compared) => void;
  onClose: () => void;
}) {
  const t = useTranslations('workflows');
  const options = versions.map(({ number, note }) => ({
    id: String(number),
    label: t('versionTitle', { number }),
    detail: note || undefined,
  }));
  const pick = (side: keyof Compared) => (
    <SelectInput
      label={t(side)}
      className="w-52"
      value={String(compared[side])}
      onChange={(id) => onChange({ older: compared.older, newer: compared.newer, [side]: Number(id) })}
      options={options}
    />
  );
  return (
    <Layer isOpen onClose={onClose} kind="sheet" size="lg" title={t('compareTitle')}>
      <div className="flex flex-col gap-5 p-5">
        <div className="flex flex-wrap gap-3">
          {pick('older')}
          {pick('newer')}
        </div>
        <Differences workflowId={workflowId} {...compared} />
      </div>
    </Layer>
  );
}

function Differences({ workflowId, older, newer }: Compared & { workflowId: string }) {
  const t = useTranslations('workflows');
  const compared = useQuery(compareVersionsQuery(workflowId, older, newer));
  const before = useQuery(versionQuery(workflowId, older));
  const after = useQuery(versionQuery(workflowId, newer));
  return (
    <>
      <section>
        <h3 className="mb-2 font-semibold text-section">{t('tabs.schema')}</h3>
        <Answered query={compared} className="p-0">
          {({ schema_changes }) => <SchemaChanges changes={schema_changes} />}
        </Answered>
      </section>
      <section>
        <h3 className="mb-2 font-semibold text-section">{t('definition')}</h3>
        <Answered query={before} className="p-0">
          {(old) => (
            <Answered query={after} className="p-0">
              {(now) => <TextDiff label={t('compareLabel', { older, newer })} before={old.text} after={now.text} />}
            </Answered>
          )}
        </Answered>
      </section>
    </>
  );
}
