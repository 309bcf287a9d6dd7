import { KeyRound, Lock } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { StandIn } from '@/editor/stand-ins';
import { Chip } from './States';

/** A value that this reader may not see, or a reference to a secret. */
export function StandInChip({ standIn }: { standIn: StandIn }) {
  const t = useTranslations('standIn');
  const Icon = standIn.kind === 'hidden' ? Lock : KeyRound;
  const label = standIn.kind === 'hidden' ? t('hidden', { type: standIn.type }) : t('secret', { name: standIn.name });
  return (
    <Chip title={standIn.kind === 'hidden' ? t('hiddenHelp') : t('secretHelp')}>
      <Icon size={12} aria-hidden className="shrink-0" />
      <span className="truncate">{label}</span>
    </Chip>
  );
}
