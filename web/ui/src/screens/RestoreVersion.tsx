import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, type Schemas, take } from '@/api/client';
import { draftQuery, queryClient, versionQuery, workflowQuery } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { showToast } from '@/app/toasts';
import { Answered } from '@/ui/Answered';
import { Notice } from '@/ui/States';
import { TextDiff } from '@/ui/TextDiff';
import type { DraftBuffer } from './WorkflowPage';

/** Shows what the draft would lose before a version takes its place. A draft that has gone on meanwhile is shown first. */
export function RestoreVersion({
  workflowId,
  number,
  buffer,
  onClose,
  onRestored,
}: {
  workflowId: string;
  number: number;
  buffer: DraftBuffer;
  onClose: () => void;
  onRestored: (draft: Schemas['Draft']) => void;
}) {
  const t = useTranslations('workflows');
  const query = useQuery(versionQuery(workflowId, number));
  const [draft, setDraft] = useState(buffer.saved);
  const { pending, problem, submit } = useSubmit();
  const typed = buffer.text !== buffer.saved.text || buffer.format !== buffer.saved.format;
  const moved = draft.revision !== buffer.saved.revision;
  const restore = async () => {
    const refused = await submit(async () => {
      const restored = await take(
        api.POST('/api/v1/workflows/{id}/versions/{number}/restore', {
          params: { path: { id: workflowId, number }, header: { 'If-Match': ifMatch(draft.revision) } },
        }),
      );
      queryClient.setQueryData(draftQuery(workflowId).queryKey, restored);
      void queryClient.invalidateQueries({ queryKey: workflowQuery(workflowId).queryKey });
      void queryClient.invalidateQueries({ queryKey: ['workflows', 'list'] });
      showToast({ tone: 'success', title: t('restored', { version: number }) });
      onRestored(restored);
    });
    if (refused?.status !== 412) return;
    const now = await queryClient.fetchQuery({ ...draftQuery(workflowId), staleTime: 0 }).catch(() => null);
    if (now) setDraft(now);
  };
  return (
    <FormLayer
      onClose={onClose}
      size="lg"
      role="alertdialog"
      title={t('restoreTitle', { number })}
      confirm={t('restoreConfirm', { number })}
      pending={pending}
      problem={problem?.status === 412 ? null : problem}
      disabledReason={query.data ? null : t('loading')}
      onConfirm={() => void restore()}
    >
      {moved && (
        <Notice tone="warning" role="alert" title={t('draftMoved')}>
          {t('draftMovedHelp')}
        </Notice>
      )}
      <p className="text-fg2">{t(typed ? 'restoreLosesTyped' : 'restoreConsequence')}</p>
      <Answered query={query} className="p-0">
        {(version) => (
          <TextDiff
            label={t('restoreLabel', { number })}
            before={typed && !moved ? buffer.text : draft.text}
            after={version.text}
          />
        )}
      </Answered>
    </FormLayer>
  );
}
