import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type Schemas, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient, secretsQuery } from '@/api/queries';
import { useCan } from '@/app/session';
import { problemText, showToast } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Layer } from '@/ui/Layer';
import { Card, Empty, ErrorPanel, Notice, Skeleton } from '@/ui/States';

type Secret = Schemas['Secret'];
const refresh = () => void queryClient.invalidateQueries({ queryKey: secretsQuery.queryKey });

/** Names of secrets and what refers to them. Values go in and are never shown. */
export function SecretsCard() {
  const t = useTranslations('secrets');
  const denied = useCan('secrets.manage') ? null : t('needsPermission');
  const query = useQuery(secretsQuery);
  const [putting, setPutting] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<Secret | null>(null);
  return (
    <Card
      title={t('title')}
      flush
      actions={
        <Button size="sm" icon={<Plus size={13} aria-hidden />} disabledReason={denied} onPress={() => setPutting('')}>
          {t('new')}
        </Button>
      }
    >
      {query.isPending ? (
        <Skeleton rows={2} />
      ) : !query.data ? (
        <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={KeyRound} title={t('none')}>
          {t('help')}
        </Empty>
      ) : (
        <ul className="divide-y divide-line" data-secrets>
          {query.data.items.map((secret) => (
            <li key={secret.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
              <code className="font-mono text-code">{secret.name}</code>
              <span className="min-w-40 flex-1 text-fg2" title={secret.used_by.map((use) => use.name).join(', ')}>
                {t('usedBy', { count: secret.used_by.length })}
              </span>
              <span className="text-fg3">
                <Time value={secret.updated_at} format="relative" /> · {secret.updated_by}
              </span>
              <Button
                size="sm"
                disabledReason={denied}
                aria-label={t('replaceTitle', { name: secret.name })}
                onPress={() => setPutting(secret.name)}
              >
                {t('replace')}
              </Button>
              <Button
                size="sm"
                tone="danger"
                disabledReason={denied}
                aria-label={t('deleteTitle', { name: secret.name })}
                onPress={() => setDeleting(secret)}
              >
                {t('delete')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {putting !== null && <PutDialog known={putting} onClose={() => setPutting(null)} />}
      {deleting && <DeleteDialog secret={deleting} onClose={() => setDeleting(null)} />}
    </Card>
  );
}

function PutDialog({ known, onClose }: { known: string; onClose: () => void }) {
  const t = useTranslations('secrets');
  const common = useTranslations('common');
  const [name, setName] = useState(known);
  const [value, setValue] = useState('');
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = async () => {
    if (pending) return;
    setPending(true);
    setProblem(null);
    try {
      await take(api.PUT('/api/v1/secrets/{name}', { params: { path: { name: name.trim() } }, body: { value } }));
      showToast({ tone: 'success', title: t('saved', { name: name.trim() }) });
      refresh();
      onClose();
    } catch (cause) {
      setProblem(problemOf(cause));
      setPending(false);
    }
  };
  const at = (field: string) => (problem?.field === field ? problemText(problem) : null);
  return (
    <Layer
      isOpen
      onClose={onClose}
      title={known ? t('replaceTitle', { name: known }) : t('new')}
      subtitle={t('help')}
      footer={
        <>
          <Button onPress={onClose}>{common('cancel')}</Button>
          <Button
            tone="primary"
            pending={pending}
            disabledReason={name.trim() && value ? null : t('bothNeeded')}
            onPress={() => void save()}
          >
            {t('save')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {problem && !at('name') && !at('/value') && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        {!known && (
          <TextInput
            label={t('name')}
            required
            autoFocus
            value={name}
            onChange={setName}
            hint={t('nameHint')}
            error={at('name')}
          />
        )}
        <TextInput
          label={t('value')}
          type="password"
          required
          autoFocus={Boolean(known)}
          value={value}
          onChange={setValue}
          hint={t('valueHint')}
          error={at('/value')}
        />
      </div>
    </Layer>
  );
}

function DeleteDialog({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const t = useTranslations('secrets');
  const common = useTranslations('common');
  const [problem, setProblem] = useState<Problem | null>(null);
  const used = secret.used_by.length > 0;
  const remove = async () => {
    try {
      await take(
        api.DELETE('/api/v1/secrets/{name}', { params: { path: { name: secret.name }, query: { force: used } } }),
      );
      showToast({ tone: 'success', title: t('deleted', { name: secret.name }) });
      refresh();
      onClose();
    } catch (cause) {
      setProblem(problemOf(cause));
    }
  };
  return (
    <Layer
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={t('deleteTitle', { name: secret.name })}
      footer={
        <>
          <Button onPress={onClose}>{common('cancel')}</Button>
          <Button tone="danger" onPress={() => void remove()}>
            {t(used ? 'deleteAnyway' : 'delete')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 p-5 text-fg2">
        {problem && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        <p>{used ? t('deleteUsed', { count: secret.used_by.length }) : t('deleteUnused')}</p>
        {used && (
          <ul className="list-disc pl-5">
            {secret.used_by.slice(0, 10).map((use) => (
              <li key={use.id}>
                {use.workflow_name}: {use.name}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Layer>
  );
}
