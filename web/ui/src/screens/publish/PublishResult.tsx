import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
import { ImpactTable } from './ImpactTable';
import { useLines } from './lines';
import type { Plan, VerdictName } from './model';

/** What a publish has done, schedule by schedule. */
export function PublishResult({
  workflow,
  result,
  onClose,
}: {
  workflow: Schemas['WorkflowSummary'];
  result: Plan;
  onClose: () => void;
}) {
  const t = useTranslations('publish');
  const [verdict, setVerdict] = useState<VerdictName | 'all'>('all');
  const { counts, version } = result;
  const lines = useLines(
    ['workflows', 'verdicts', workflow.id, version],
    { items: result.schedules, next: result.next_cursor },
    verdict,
    async (cursor, wanted, signal) => {
      const answer = await take(
        api.GET('/api/v1/workflows/{id}/versions/{number}/schedules', {
          params: {
            path: { id: workflow.id, number: version },
            query: { verdict: wanted, cursor: cursor || undefined, limit: 500 },
          },
          signal,
        }),
      );
      return { items: answer.items, next: answer.next_cursor };
    },
  );
  const broken = counts.invalid + counts.still_invalid;
  const migrated = result.next_cursor === null ? result.schedules.filter((line) => line.payload_changed).length : 0;
  return (
    <Layer
      isOpen
      onClose={onClose}
      size="lg"
      title={t('title', { name: workflow.name })}
      footer={
        <Button tone="primary" onPress={onClose} autoFocus>
          {t('done')}
        </Button>
      }
    >
      <div className="flex flex-col gap-4 p-5" data-publish-result={version}>
        <Notice tone={counts.invalid > 0 ? 'warning' : 'success'} role="status" title={t('published', { version })}>
          <p data-num>
            {t('countsNow', { valid: counts.rebound, revived: counts.revived, invalid: counts.invalid })}
            {migrated > 0 && ` · ${t('payloadsChangedNow', { count: migrated })}`}
          </p>
          {broken > 0 && (
            <Link
              to="/schedules"
              search={{ workflow: workflow.id, status: 'invalid' }}
              onClick={onClose}
              className="inline-flex min-h-6 items-center underline"
            >
              {t('showInvalid', { count: broken })}
            </Link>
          )}
        </Notice>
        <ImpactTable counts={counts} verdict={verdict} onVerdict={setVerdict} lines={lines} onNavigate={onClose} />
      </div>
    </Layer>
  );
}
