import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { CalendarClock, CircleSlash, Play, Plus, TriangleAlert, Upload } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { draftQuery, workflowQuery } from '@/api/queries';
import { Later, laterPart } from '@/app/Later';
import { Page } from '@/app/Page';
import { useCan } from '@/app/session';
import { Button, LinkButton } from '@/ui/Button';
import { SelectInput } from '@/ui/Field';
import { JsonView } from '@/ui/JsonView';
import { Chip, Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';
import { TabBar } from '@/ui/TabBar';
import { DraftEditor } from './DraftEditor';
import { noInputs } from './publish/model';
import { Versions } from './Versions';

const publishDialog = laterPart(() => import('./publish/PublishDialog'));
const startRunDialog = laterPart(() => import('./StartRunDialog'));

export function WorkflowPage() {
  const t = useTranslations('workflows');
  const { id } = useParams({ from: '/hub/workflows/$id' });
  const query = useQuery(workflowQuery(id));
  if (query.data) return <Loaded key={id} workflow={query.data} />;
  return (
    <Page title={t('title')} crumbs={[{ to: '/workflows', label: t('title') }]}>
      {query.isPending ? <Skeleton /> : <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />}
    </Page>
  );
}

export type DraftBuffer = { text: string; format: 'yaml' | 'json'; saved: Schemas['Draft'] };

function Loaded({ workflow }: { workflow: Schemas['Workflow'] }) {
  const t = useTranslations('workflows');
  const s = useTranslations('schedules.actions');
  const navigate = useNavigate({ from: '/workflows/$id' });
  const { tab = 'draft' } = useSearch({ from: '/hub/workflows/$id' });
  const canManage = useCan('workflows.manage');
  const canPublish = useCan('workflows.publish');
  const canStart = useCan('runs.start');
  const draft = useQuery(draftQuery(workflow.id));
  // The buffer lives above the tabs: looking at a version must not lose what was typed.
  const [buffer, setBuffer] = useState<DraftBuffer | null>(null);
  const [dialog, setDialog] = useState<'publish' | 'run' | null>(null);
  // What was typed into the publish dialog outlives closing it.
  const [inputs, setInputs] = useState(noInputs);
  if (!buffer && draft.data) setBuffer({ text: draft.data.text, format: draft.data.format, saved: draft.data });
  const dirty = buffer !== null && (buffer.text !== buffer.saved.text || buffer.format !== buffer.saved.format);
  const go = (next: string) => void navigate({ search: (old) => ({ ...old, tab: next }), replace: true });
  return (
    <Page
      title={workflow.name}
      crumbs={[{ to: '/workflows', label: t('title') }]}
      meta={
        <>
          <Chip>
            {workflow.latest_version === null ? t('notPublished') : t('version', { number: workflow.latest_version })}
          </Chip>
          {(workflow.draft_changed || dirty) && <Chip tone="accent">{t('draftChanged')}</Chip>}
        </>
      }
      actions={
        <>
          <Button
            icon={<Play size={14} aria-hidden />}
            disabledReason={
              !canStart ? s('needsPermission') : workflow.latest_version === null ? t('notPublishedReason') : null
            }
            onPress={() => setDialog('run')}
          >
            {t('run')}
          </Button>
          <Button
            tone="primary"
            icon={<Upload size={14} aria-hidden />}
            disabledReason={!canPublish ? t('createDenied') : dirty ? t('publishSaveFirst') : null}
            onPress={() => setDialog('publish')}
          >
            {t('publish')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 px-4 pb-3 md:px-6">
        {workflow.description && <p className="max-w-prose text-fg2">{workflow.description}</p>}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <TriggerSelect trigger={workflow.trigger} />
          <Link
            to="/schedules"
            search={{ workflow: workflow.id }}
            className="inline-flex min-h-6 items-center gap-1.5 text-accent hover:underline"
          >
            <CalendarClock size={14} aria-hidden />
            {t('usedBy', { count: workflow.schedules.total })} →
          </Link>
          {workflow.schedulable && (
            <LinkButton
              size="sm"
              to="/schedules"
              search={{ workflow: workflow.id, new: 1 }}
              icon={<Plus size={13} aria-hidden />}
            >
              {t('newScheduleFor')}
            </LinkButton>
          )}
        </div>
        {workflow.schedules.invalid > 0 && (
          <Notice tone="invalid" icon={TriangleAlert}>
            {t('invalidNotice', { count: workflow.schedules.invalid })}{' '}
            <Link
              to="/schedules"
              search={{ workflow: workflow.id, status: 'invalid' }}
              className="inline-flex min-h-6 items-center underline"
            >
              {t('invalidShow')}
            </Link>
          </Notice>
        )}
        {!workflow.schedulable && workflow.not_schedulable_message && (
          <Notice tone="info" icon={CircleSlash}>
            {workflow.not_schedulable_message}
          </Notice>
        )}
      </div>
      <TabBar
        label={workflow.name}
        value={tab}
        onChange={go}
        items={[
          {
            id: 'draft',
            label: t('tabs.draft'),
            fill: true,
            content: buffer ? (
              <DraftEditor workflowId={workflow.id} buffer={buffer} setBuffer={setBuffer} readOnly={!canManage} />
            ) : draft.isError ? (
              <ErrorPanel error={draft.error} onRetry={() => void draft.refetch()} />
            ) : (
              <Skeleton />
            ),
          },
          {
            id: 'versions',
            label: t('tabs.versions'),
            content: (
              <Versions
                workflowId={workflow.id}
                buffer={buffer}
                denied={canManage ? null : t('createDenied')}
                onRestored={(saved) => {
                  setBuffer({ text: saved.text, format: saved.format, saved });
                  go('draft');
                }}
              />
            ),
          },
          {
            id: 'schema',
            label: t('tabs.schema'),
            content: workflow.payload_schema ? (
              <JsonView label={t('tabs.schema')} value={workflow.payload_schema} heightClass="h-120" />
            ) : (
              <Empty icon={CircleSlash} title={t('noSchema')} />
            ),
          },
        ]}
      />
      {dialog === 'publish' && (
        <Later
          part={publishDialog}
          workflow={workflow}
          draftRevision={buffer?.saved.revision}
          inputs={inputs}
          onInputs={setInputs}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'run' && <Later part={startRunDialog} workflow={workflow} onClose={() => setDialog(null)} />}
    </Page>
  );
}

/** Only these two: time belongs to schedules. The definition's own `schedule.on` decides, so this shows and explains. */
function TriggerSelect({ trigger }: { trigger: Schemas['WorkflowSummary']['trigger'] }) {
  const t = useTranslations('workflows');
  return (
    <div title={t('triggerHint')} className="flex items-center gap-2">
      <span aria-hidden className="text-fg2">
        {t('trigger')}
      </span>
      <SelectInput
        hideLabel
        label={t('trigger')}
        className="w-40"
        value={trigger}
        onChange={() => undefined}
        options={[
          { id: 'none', label: t('triggers.none'), detail: t('triggerHint'), disabled: trigger !== 'none' },
          { id: 'event', label: t('triggers.event'), detail: t('triggerEventHint'), disabled: trigger !== 'event' },
        ]}
      />
    </div>
  );
}
