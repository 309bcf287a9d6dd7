import { ClockAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Problem } from '@/api/problem';
import { problemText } from '@/app/toasts';
import { Time } from '@/time/Time';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/States';
import type { DraftFix, Plan } from './model';

/** The fires that would be missed first. */
export function AtRisk({ plan }: { plan: Plan }) {
  const t = useTranslations('publish');
  const risks = plan.at_risk ?? [];
  if (risks.length === 0) return null;
  return (
    <Notice tone="warning" icon={ClockAlert} className="mb-2">
      {t('atRisk')}{' '}
      {risks.slice(0, 3).map((each, index) => (
        <span key={each.id}>
          {index > 0 && ', '}
          {each.name} (<Time value={each.next_due_at} weekday />)
        </span>
      ))}
      {risks.length > 3 && ' …'}
    </Notice>
  );
}

export function ProblemNotice({ problem, children }: { problem: Problem; children?: ReactNode }) {
  return (
    <Notice tone="error" role="alert">
      <p>{problemText(problem)}</p>
      {problem.violations && problem.violations.length > 0 && (
        <ul className="mt-1">
          {problem.violations.map((violation) => (
            <li key={violation.instance + violation.message}>
              <code className="font-mono text-code">{violation.instance || '/'}</code> {violation.message}
            </li>
          ))}
        </ul>
      )}
      {children}
    </Notice>
  );
}

/** Corrections whose schedule has gone on: kept, and not part of the publish. */
export function SetAside({ fixes, onDiscard }: { fixes: [string, DraftFix][]; onDiscard: (id: string) => void }) {
  const t = useTranslations('publish');
  if (fixes.length === 0) return null;
  return (
    <Notice tone="warning" role="status" title={t('aside', { count: fixes.length })}>
      <p>{t('asideHelp')}</p>
      <ul className="mt-1 flex flex-wrap gap-x-3">
        {fixes.map(([id, fix]) => (
          <li key={id} className="flex items-center gap-2">
            {fix.name}
            <Button size="sm" onPress={() => onDiscard(id)} aria-label={t('dropOf', { name: fix.name })}>
              {t('fixDiscard')}
            </Button>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
