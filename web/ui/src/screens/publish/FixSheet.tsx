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
  const common = useTranslations('common');
  const start = query.data;
  const [typed, setTyped] = useState(fix?.text);
  const editor = useRef<EditorHandle>(null);
  const text = typed ?? (start ? pretty(start.suggested) : '');
  const overtaken = fix !== undefined && start !== undefined && (fix.stale || fix.revision !== start.revision);
  const broken = start === undefined || syntaxErrorOf(text) !== null;
  const given = (ready: boolean): DraftFix => ({
    name: line.name,
    text,
    revision: start?.revision ?? 0,
    ready,
    stale: !ready && overtaken,
  });
  // Closing keeps what was typed, as not finished; an untouched one leaves no trace.
  const leave = () => {
    if (start && typed !== undefined && typed !== fix?.text) onChange(given(false));
    onClose();
  };
  const hand = () => {
    if (broken) return;
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
          <Button tone="primary" disabledReason={broken && (start ? t('fixBroken') : common('loading'))} onPress={hand}>
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
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          hand();
        }}
      >
        <Answered query={query} className="p-0">
          {({ payload }) => (
            <>
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
                  onChange={setTyped}
                />
              </div>
              <div className="min-w-0">
                <h3 className="mb-3 font-semibold text-section">{t('fixNow')}</h3>
                <JsonView label={t('fixNow')} value={payload} />
              </div>
            </>
          )}
        </Answered>
      </div>
    </Layer>
  );
}
