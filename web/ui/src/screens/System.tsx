import { useQuery } from '@tanstack/react-query';
import { Copy, KeyRound, Plus, Server, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { apiKeysQuery, nodesQuery, queryClient } from '@/api/queries';
import { FormLayer, useSubmit } from '@/app/FormLayer';
import { Page } from '@/app/Page';
import { useCan } from '@/app/session';
import { showToast, toastError } from '@/app/toasts';
import { Duration, Time } from '@/time/Time';
import { Answered } from '@/ui/Answered';
import { Button, IconButton } from '@/ui/Button';
import { cx } from '@/ui/cx';
import { SelectInput, TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Card, Chip, Empty, Notice } from '@/ui/States';
import { StatusIcon } from '@/ui/Status';
import { rowClass, Table } from '@/ui/Table';
import { MaintenanceCard } from './MaintenanceCard';
import { RedactionCard } from './RedactionCard';
import { SecretsCard } from './SecretsCard';

const roles = ['viewer', 'operator', 'editor', 'admin'] as const;
const td = 'px-3 py-2';

export function System() {
  const t = useTranslations('system');
  const canKeys = useCan('tenant.manage');
  const canSecrets = useCan('secrets.use');
  const canRedact = useCan('redaction.manage');
  return (
    <Page title={t('title')}>
      <div className="flex flex-col gap-4 px-4 pb-6 md:px-6">
        <MaintenanceCard />
        <Nodes />
        {canSecrets && <SecretsCard />}
        {canRedact && <RedactionCard />}
        {canKeys && <Keys />}
      </div>
    </Page>
  );
}

function Nodes() {
  const t = useTranslations('system');
  const query = useQuery(nodesQuery);
  const slow = (query.data?.items ?? []).filter(isBehind);
  return (
    <Card title={t('nodes')} flush>
      {slow.length > 0 && (
        <Notice tone="warning" icon={TriangleAlert} role="status" className="m-3">
          {t('behindHelp', { count: slow.length })}
        </Notice>
      )}
      <Answered query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={Server} title={t('noNodes')} />
          ) : (
            <Table
              bare
              head={[
                { label: t('host') },
                { label: t('roles') },
                { label: t('lag'), end: true },
                { label: t('running'), end: true },
                { label: t('seen') },
                { label: t('since') },
                { label: t('version') },
              ]}
            >
              {items.map((node) => (
                <tr key={node.id} className={cx(rowClass, !node.alive && 'text-fg3')}>
                  <td className={td}>
                    <span className="flex items-center gap-2 whitespace-nowrap font-medium" title={node.id}>
                      <StatusIcon
                        family="run"
                        value={node.alive ? 'succeeded' : 'failed'}
                        label={t(node.alive ? 'alive' : 'dead')}
                      />
                      {node.host}
                      <code className="font-mono text-code text-fg3">{node.id.slice(-8)}</code>
                      {!node.alive && <Chip tone="late">{t('dead')}</Chip>}
                    </span>
                  </td>
                  <td className={td}>
                    <span className="flex gap-1">
                      {node.roles.map((role) => (
                        <Chip key={role}>{role}</Chip>
                      ))}
                    </span>
                  </td>
                  <td className={`${td} text-right`}>
                    <Lag node={node} />
                  </td>
                  <td className={`${td} text-right`} data-num>
                    {node.running}
                  </td>
                  <td className={td}>
                    <Time value={node.seen_at} format="relative" />
                  </td>
                  <td className={td}>
                    <Time value={node.started_at} />
                  </td>
                  <td className={`${td} font-mono text-code`}>{node.version}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answered>
    </Card>
  );
}

/** From here on a fire counts as late. */
const BEHIND_MS = 5_000;
const isBehind = (node: Schemas['Node']) => node.alive && node.lag_ms >= BEHIND_MS;

function Lag({ node }: { node: Schemas['Node'] }) {
  const t = useTranslations('system');
  // What a node that is gone last said is no news of now.
  if (!node.alive) return <span className="text-fg3">–</span>;
  if (node.lag_ms < 1_000) return <Duration ms={node.lag_ms} />;
  return (
    <span className={cx('inline-flex items-center gap-1.5', isBehind(node) ? 'font-medium text-failed' : 'text-late')}>
      <Chip tone="late">{t('behind')}</Chip>
      <Duration ms={node.lag_ms} />
    </span>
  );
}

function Keys() {
  const t = useTranslations('system');
  const query = useQuery(apiKeysQuery);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Schemas['ApiKey'] | null>(null);
  const common = useTranslations('common');
  const revoke = async () => {
    if (!revoking) return;
    const { id, name } = revoking;
    setRevoking(null);
    try {
      await take(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }));
      showToast({ tone: 'success', title: t('revoked', { name }) });
      void queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    } catch (cause) {
      toastError(t('keyFailed'), cause);
    }
  };
  return (
    <Card
      title={t('keys')}
      flush
      actions={
        <Button size="sm" icon={<Plus size={13} aria-hidden />} onPress={() => setCreating(true)}>
          {t('newKey')}
        </Button>
      }
    >
      <Answered query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={KeyRound} title={t('noKeys')}>
              {t('keysHelp')}
            </Empty>
          ) : (
            <Table
              bare
              head={[
                { label: t('keyName') },
                { label: t('keyRole') },
                { label: t('keyPrefix') },
                { label: t('keyCreated') },
                { label: t('keyUsed') },
                { label: t('revoke'), hidden: true },
              ]}
            >
              {items.map((key) => (
                <tr key={key.id} className={rowClass}>
                  <td className={`${td} font-medium`}>{key.name}</td>
                  <td className={td}>{key.role}</td>
                  <td className={`${td} font-mono text-code`}>{key.prefix}…</td>
                  <td className={td}>
                    <Time value={key.created_at} />
                  </td>
                  <td className={td}>
                    {key.last_used_at ? (
                      <Time value={key.last_used_at} format="relative" />
                    ) : (
                      <span className="text-fg3">{t('keyNever')}</span>
                    )}
                  </td>
                  <td className={`${td} text-right`}>
                    <Button
                      size="sm"
                      tone="danger"
                      onPress={() => setRevoking(key)}
                      aria-label={t('revokeTitle', { name: key.name })}
                    >
                      {t('revoke')}
                    </Button>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answered>
      {creating && <NewKey onClose={() => setCreating(false)} />}
      <Layer
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        role="alertdialog"
        title={t('revokeTitle', { name: revoking?.name ?? '' })}
        footer={
          <>
            <Button onPress={() => setRevoking(null)}>{common('cancel')}</Button>
            <Button tone="danger" onPress={() => void revoke()}>
              {t('revoke')}
            </Button>
          </>
        }
      >
        <p className="p-5 text-fg2">{t('revokeConsequence')}</p>
      </Layer>
    </Card>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const t = useTranslations('system');
  const common = useTranslations('common');
  const [name, setName] = useState('');
  const [role, setRole] = useState<(typeof roles)[number]>('viewer');
  const [made, setMade] = useState<Schemas['ApiKey'] | null>(null);
  const { pending, problem, submit } = useSubmit();
  const create = () =>
    submit(async () => {
      setMade(await take(api.POST('/api/v1/api-keys', { body: { name: name.trim(), role } })));
      void queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    });
  const secret = made?.secret ?? '';
  if (!made)
    return (
      <FormLayer
        title={t('newKey')}
        subtitle={t('keysHelp')}
        onClose={onClose}
        confirm={t('createKey')}
        pending={pending}
        problem={problem}
        onConfirm={() => void create()}
      >
        <TextInput label={t('keyName')} required autoFocus value={name} onChange={setName} />
        <SelectInput
          label={t('keyRole')}
          value={role}
          onChange={setRole}
          options={roles.map((id) => ({ id, label: t(`role.${id}`) }))}
        />
      </FormLayer>
    );
  return (
    <Layer
      isOpen
      onClose={onClose}
      title={t('newKey')}
      subtitle={t('keysHelp')}
      footer={
        <Button tone="primary" onPress={onClose}>
          {common('close')}
        </Button>
      }
    >
      <div className="p-5">
        <Notice tone="success" role="status" title={t('keySecret')}>
          <div className="mt-1 flex items-center gap-2">
            <code className="min-w-0 flex-1 break-all font-mono text-code">{secret}</code>
            <IconButton
              label={common('copy')}
              size="icon-sm"
              onPress={() =>
                void navigator.clipboard
                  ?.writeText(secret)
                  .then(() => showToast({ tone: 'info', title: common('copied') }))
              }
            >
              <Copy size={14} aria-hidden />
            </IconButton>
          </div>
        </Notice>
      </div>
    </Layer>
  );
}
