import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import {
  CalendarOff,
  CirclePause,
  EllipsisVertical,
  Pencil,
  Play,
  RotateCcw,
  Trash2,
  TriangleAlert,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { problemOf } from '@/api/problem';
import { scheduleQuery, upcomingQuery } from '@/api/queries';
import { Later, laterPart } from '@/app/Later';
import { Page } from '@/app/Page';
import { RunsTable } from '@/screens/Runs';
import { browserZone, localToInstant } from '@/time/format';
import { Duration, Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { JsonView } from '@/ui/JsonView';
import { Layer } from '@/ui/Layer';
import { MenuButton } from '@/ui/Menu';
import { Card, Chip, Empty, ErrorPanel, Facts, Notice, Skeleton } from '@/ui/States';
import { Status } from '@/ui/Status';
import { TabBar } from '@/ui/TabBar';
import { isOver, useScheduleActions } from './actions';
import { Backfills } from './Backfills';
import { LastFireCell } from './columns';
import { Fires } from './Fires';
import { PolicyWords } from './PolicyWords';
import { ClockChange, Occurrences } from './Preview';
import { ScheduleSettings } from './ScheduleSettings';
import { ScheduleVersions } from './ScheduleVersions';
import { KindIcon, zoneOf } from './TimingCell';
import { Why } from './Why';

const scheduleSheet = laterPart(() => import('./ScheduleSheet'));
const explainSheet = laterPart(() => import('./ExplainSheet'));
type Schedule = Schemas['Schedule'];
const textLink = 'inline-block min-h-6 text-accent hover:underline';

export function ScheduleDetail() {
  const list = useTranslations('schedules.list');
  const { id } = useParams({ from: '/hub/schedules/$id' });
  const query = useQuery(scheduleQuery(id));
  // Told by the stream, or found out by reading it again.
  const gone = isDeleted(query.data) || problemOf(query.error).status === 404;
  if (query.data) return <Loaded key={id} schedule={query.data} gone={gone} />;
  return (
    <Page title={list('title')} crumbs={[{ to: '/schedules', label: list('title') }]}>
      {query.isPending ? <Skeleton /> : <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />}
    </Page>
  );
}

const isDeleted = (schedule?: Schedule & { deleted?: boolean }) => Boolean(schedule?.deleted);

function Loaded({ schedule, gone }: { schedule: Schedule; gone: boolean }) {
  const t = useTranslations('schedules.detail');
  const list = useTranslations('schedules.list');
  const a = useTranslations('schedules.actions');
  const navigate = useNavigate({ from: '/schedules/$id' });
  const { tab = 'upcoming', edit, at } = useSearch({ from: '/hub/schedules/$id' });
  const actions = useScheduleActions(() => void navigate({ to: '/schedules' }));
  const denied = gone ? t('deleted.denied') : actions.denied;
  const [pausing, setPausing] = useState(false);
  const held = schedule.holds.some((hold) => hold.kind === 'user');
  const { total, succeeded, failed, cancelled, unfinished } = schedule.stats;
  const statsText = t('statsText', { total, succeeded, failed, cancelled, unfinished });
  const explain = (moment?: string) =>
    void navigate({ search: (old) => ({ ...old, at: moment }), replace: Boolean(at) });
  const setEdit = (on: boolean) => void navigate({ search: (old) => ({ ...old, edit: on ? 1 : undefined }) });
  return (
    <Page
      title={schedule.name}
      heading={gone ? <del className="text-fg2">{schedule.name}</del> : undefined}
      crumbs={[{ to: '/schedules', label: list('title') }]}
      meta={
        <>
          {gone ? <Chip tone="late">{t('deleted.chip')}</Chip> : <Status family="schedule" value={schedule.status} />}
          {schedule.labels.map((label) => (
            <Chip key={label}>{label}</Chip>
          ))}
        </>
      }
      actions={
        <>
          <Button
            icon={<Play size={14} aria-hidden />}
            disabledReason={gone ? denied : actions.runDenied}
            onPress={() => actions.runNow(schedule)}
          >
            {a('runNow')}
          </Button>
          {held ? (
            <Button
              icon={<RotateCcw size={14} aria-hidden />}
              disabledReason={denied}
              onPress={() => void actions.resume(schedule)}
            >
              {a('resume')}
            </Button>
          ) : isOver(schedule) ? null : (
            <Button
              icon={<CirclePause size={14} aria-hidden />}
              disabledReason={denied}
              onPress={() => setPausing(true)}
            >
              {a('pause')}
            </Button>
          )}
          <Button
            tone="primary"
            icon={<Pencil size={14} aria-hidden />}
            disabledReason={denied}
            onPress={() => setEdit(true)}
          >
            {a('edit')}
          </Button>
          <MenuButton
            label={list('menuOf', { name: schedule.name })}
            trigger={
              <Button size="icon" aria-label={list('menuOf', { name: schedule.name })}>
                <EllipsisVertical size={16} aria-hidden />
              </Button>
            }
            entries={[
              {
                id: 'clone',
                label: a('clone'),
                disabledReason: denied,
                onAction: () => actions.clone(schedule),
              },
              { id: 'copy', label: a('copyId'), onAction: () => actions.copyId(schedule) },
              { id: 'sep', separator: true },
              {
                id: 'delete',
                label: a('delete'),
                danger: true,
                disabledReason: denied,
                onAction: () => actions.remove(schedule),
              },
            ]}
          />
        </>
      }
    >
      <div role="status" data-deleted={gone}>
        {gone && (
          <Notice tone="warning" icon={Trash2} title={t('deleted.title')} className="mx-4 mb-3 md:mx-6">
            {t('deleted.text')}
          </Notice>
        )}
      </div>
      <div className="grid items-start gap-3 px-4 pb-4 md:px-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Card>
          <p className="mb-3 flex items-start gap-2 text-section">
            <span className="mt-0.75">
              <KindIcon kind={schedule.timing.kind} />
            </span>
            <span>
              {schedule.sentence}{' '}
              {schedule.timing.kind === 'cron' && (
                <code className="ml-1 font-mono text-code text-fg3">{schedule.timing.cron}</code>
              )}
            </span>
          </p>
          {schedule.description && <p className="-mt-1 mb-3 max-w-prose text-fg2">{schedule.description}</p>}
          <Facts
            items={[
              {
                label: t('workflow'),
                value: (
                  <Link to="/workflows/$id" params={{ id: schedule.workflow_id }} className={textLink}>
                    {schedule.workflow_name} {list('version', { number: schedule.bound_version })}
                  </Link>
                ),
              },
              {
                label: t('next'),
                value:
                  schedule.next_due_at && !gone ? (
                    <Time value={schedule.next_due_at} weekday scheduleZone={zoneOf(schedule.timing)} />
                  ) : (
                    <span className="text-fg3">–</span>
                  ),
              },
              { label: t('last'), value: <LastFireCell row={schedule} /> },
              { label: t('stats'), value: <span title={statsText}>{statsText}</span> },
              { label: t('average'), value: <Duration ms={schedule.stats.average_duration_ms} /> },
            ]}
          />
          <div className="mt-4 border-line border-t pt-3">
            <PolicyWords settings={schedule} />
          </div>
        </Card>
        {!gone && (
          <Why schedule={schedule} onFix={() => setEdit(true)} onExplain={() => explain('next')} denied={denied} />
        )}
      </div>
      <TabBar
        label={schedule.name}
        value={tab}
        onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next }), replace: true })}
        items={[
          {
            id: 'upcoming',
            label: t('tabs.upcoming'),
            content: gone ? <Empty icon={CalendarOff} title={t('deleted.next')} /> : <Upcoming schedule={schedule} />,
          },
          { id: 'fires', label: t('tabs.fires'), content: <Fires schedule={schedule} onExplain={explain} /> },
          {
            id: 'runs',
            label: t('tabs.runs'),
            fill: true,
            content: (
              <RunsTable
                filters={{ schedule_id: schedule.id }}
                hide={['workflow']}
                empty={<Empty icon={Play} title={t('noRuns')} />}
              />
            ),
          },
          {
            id: 'backfills',
            label: t('tabs.backfills'),
            content: <Backfills schedule={schedule} denied={denied} />,
          },
          {
            id: 'payload',
            label: t('tabs.payload'),
            content: <JsonView label={t('tabs.payload')} value={schedule.payload} />,
          },
          {
            id: 'versions',
            label: t('tabs.versions'),
            content: <ScheduleVersions schedule={schedule} denied={denied} />,
          },
          { id: 'settings', label: t('tabs.settings'), content: <ScheduleSettings schedule={schedule} /> },
        ]}
      />
      {actions.dialogs}
      {pausing && <PauseDialog schedule={schedule} onClose={() => setPausing(false)} onPause={actions.pause} />}
      {at && <Later part={explainSheet} schedule={schedule} at={at} onAt={explain} onClose={() => explain()} />}
      {edit && <Later part={scheduleSheet} editId={schedule.id} onClose={() => setEdit(false)} />}
    </Page>
  );
}

function PauseDialog({
  schedule,
  onClose,
  onPause,
}: {
  schedule: Schedule;
  onClose: () => void;
  onPause: (row: Schedule, body: Schemas['PauseRequest']) => Promise<boolean>;
}) {
  const t = useTranslations('schedules.detail');
  const a = useTranslations('schedules.actions');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const zone = browserZone();
  const confirm = () => {
    const end = until ? localToInstant(until, zone)?.toISOString() : undefined;
    void onPause(schedule, { ...(reason.trim() ? { reason: reason.trim() } : {}), ...(end ? { until: end } : {}) });
    onClose();
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      title={t('pauseTitle', { name: schedule.name })}
      footer={
        <>
          <Button onPress={onClose}>{a('cancel')}</Button>
          <Button tone="primary" onPress={confirm}>
            {a('pause')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        <TextInput label={t('pauseReason')} value={reason} onChange={setReason} hint={t('pauseReasonHint')} autoFocus />
        <TextInput
          label={t('pauseUntil')}
          type="datetime-local"
          value={until}
          onChange={setUntil}
          hint={`${t('pauseUntilHint')} · ${zone}`}
        />
      </div>
    </Layer>
  );
}

function Upcoming({ schedule }: { schedule: Schedule }) {
  const query = useQuery(upcomingQuery(schedule.id, 20));
  const p = useTranslations('schedules.preview');
  if (schedule.timing.kind === 'manual') return <Empty icon={CalendarOff} title={p('manual')} />;
  if (query.isPending) return <Skeleton rows={6} className="p-0" />;
  if (!query.data) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const { warnings, occurrences, next_clock_change: change, zone = null } = query.data;
  return (
    <div className="max-w-2xl">
      {warnings.map((warning) => (
        <Notice key={warning} tone="warning" icon={TriangleAlert} className="mb-2">
          {warning}
        </Notice>
      ))}
      <Occurrences occurrences={occurrences} zone={zone} />
      {change && <ClockChange change={change} zone={zone} />}
    </div>
  );
}
