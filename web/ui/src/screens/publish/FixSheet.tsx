import { PayloadField } from '@schedules/PayloadField';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { pretty } from '@/api/exact-json';
import type { EditorHandle } from '@/editor/CodeEditor';
import { syntaxErrorOf } from '@/editor/pointers';
import { Answered } from '@/ui/Answered';
import { Button } from '@/ui/Button';
import { JsonView } from '@/ui/JsonView';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
import type { DraftFix, Operation, Verdict } from './model';

type Start = { revision: number; payload: unknown; suggested: unknown };

/**
 * Corrects one payload against the schema that is about to be published. It begins with what the migration makes of the
 * present one, replaces it whole, and travels with the publish: on the schedule it could not be saved yet.
 */
export function FixSheet({
  workflowId,
  line,
  fix,
  migration,
  schema,
  onChange,
  onClose,
}: {
  workflowId: string;
  line: Verdict;
  fix: DraftFix | undefined;
  migration: Operation[] | undefined;
  schema: unknown;
  /** Null takes the correction back. */
  onChange: (fix: DraftFix | null) => void;
  onClose: () => void;
}) {
  const query = useQuery({
    queryKey: ['workflows', 'fix', workflowId, line.id, JSON.stringify(migration ?? [])],
    queryFn: async ({ signal }): Promise<Start> => {
      const schedule = await take(api.GET('/api/v1/schedules/{id}', { params: { path: { id: line.id } }, signal }));
      const { payload, revision } = schedule;
      if (!migration) return { payload, revision, suggested: payload };
      const migrated = await take(
        api.POST('/api/v1/workflows/{id}/payload/validate', {
          params: { path: { id: workflowId } },
          body: { payload, draft: true, migration },
          signal,
        }),
      ).catch(() => null); // It does not apply to this payload: that is one of the things to correct by hand.
      return { payload, revision, suggested: migrated?.migrated ?? payload };
    },
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const t = useTranslations('publish');
  if (query.data)
    return (
      <Loaded
        workflowId={workflowId}
        line={line}
        fix={fix}
        schema={schema}
        start={query.data}
        onChange={onChange}
        onClose={onClose}
      />
    );
  return (
    <Layer isOpen onClose={onClose} kind="sheet" size="lg" title={t('fixTitle', { name: line.name })}>
      <Answered query={query}>{() => null}</Answered>
    </Layer>
  );
}

function Loaded({
  workflowId,
  line,
  fix,
  schema,
  start,
  onChange,
  onClose,
}: {
  workflowId: string;
  line: Verdict;
  fix: DraftFix | undefined;
  schema: unknown;
  start: Start;
  onChange: (fix: DraftFix | null) => void;
  onClose: () => void;
}) {
  const t = useTranslations('publish');
  const common = useTranslations('common');
  const [text, setText] = useState(() => fix?.text ?? pretty(start.suggested));
  const editor = useRef<EditorHandle>(null);
  const overtaken = fix !== undefined && (fix.stale || fix.revision !== start.revision);
  const broken = syntaxErrorOf(text) !== null;
  const given = (ready: boolean): DraftFix => ({
    name: line.name,
    text,
    revision: start.revision,
    ready,
    stale: false,
  });
  // Closing keeps what was typed, as not finished; an untouched one leaves no trace.
  const leave = () => {
    if (fix ? text !== fix.text : text !== pretty(start.suggested)) onChange({ ...given(false), stale: overtaken });
    onClose();
  };
  const hand = () => {
    onChange(given(true));
    onClose();
  };
  return (
    <Layer
      isOpen
      onClose={leave}
      kind="sheet"
      size="lg"
      title={t('fixTitle', { name: line.name })}
      subtitle={t('fixHelp')}
      footer={
        <>
          {fix && (
            <Button
              className="mr-auto"
              tone="danger"
              onPress={() => {
                onChange(null);
                onClose();
              }}
            >
              {t('fixDiscard')}
            </Button>
          )}
          <Button onPress={leave}>{common('close')}</Button>
          <Button tone="primary" disabledReason={broken ? t('fixBroken') : null} onPress={hand}>
            {t('fixUse')}
          </Button>
        </>
      }
    >
      <div
        className="grid gap-5 p-5 md:grid-cols-2"
        role="group"
        aria-label={t('fixTitle', { name: line.name })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || broken) return;
          event.preventDefault();
          hand();
        }}
      >
        <div className="flex min-w-0 flex-col gap-3">
          {overtaken && (
            <Notice tone="warning" role="alert" title={t('fixOvertaken')}>
              {t('fixOvertakenHelp')}
            </Notice>
          )}
          <h3 className="font-semibold text-section">{t('fixNew')}</h3>
          <PayloadField
            workflowId={workflowId}
            draftSchema={schema ?? true}
            label={t('fixNew')}
            editor={editor}
            value={text}
            onChange={setText}
          />
        </div>
        <div className="min-w-0">
          <h3 className="mb-3 font-semibold text-section">{t('fixNow')}</h3>
          <JsonView label={t('fixNow')} value={start.payload} />
        </div>
      </div>
    </Layer>
  );
}
