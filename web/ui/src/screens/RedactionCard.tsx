import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, ifMatch, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient, redactionQuery } from '@/api/queries';
import { problemText, showToast } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Card, ErrorPanel, Notice, Skeleton } from '@/ui/States';

const patternsIn = (text: string) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);

/** Names of members whose values are hidden in every payload of the tenant. */
export function RedactionCard() {
  const t = useTranslations('redaction');
  const query = useQuery(redactionQuery);
  const [edited, setEdited] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (query.isPending) return <Skeleton rows={2} />;
  if (!query.data) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const { patterns, revision, updated_at, updated_by } = query.data;
  const text = edited ?? patterns.join(', ');
  const save = async () => {
    setProblem(null);
    try {
      await take(
        api.PUT('/api/v1/redaction', {
          params: { header: { 'If-Match': ifMatch(revision) } },
          body: { patterns: patternsIn(text) },
        }),
      );
      showToast({ tone: 'success', title: t('saved') });
      setEdited(null);
    } catch (cause) {
      setProblem(problemOf(cause));
    }
    void queryClient.invalidateQueries({ queryKey: redactionQuery.queryKey });
  };
  return (
    <Card title={t('title')}>
      <div className="flex flex-col gap-3">
        {problem && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        <TextInput label={t('patterns')} value={text} onChange={setEdited} hint={t('hint')} />
        <div className="flex items-center gap-3">
          <Button disabledReason={edited === null ? t('unchanged') : null} onPress={() => void save()}>
            {t('save')}
          </Button>
          {updated_at && (
            <span className="text-fg3 text-meta">
              <Time value={updated_at} format="relative" /> · {updated_by}
            </span>
          )}
        </div>
      </div>
    </Card>
  );
}
