import { ShieldAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Empty } from './States';

/** Stands where a form would be that this reader may not send, as after following somebody else's link. */
export function MayNot({ reason, permission }: { reason: string; permission: string }) {
  const t = useTranslations('common');
  return (
    <div role="alert" data-may-not={permission}>
      <Empty icon={ShieldAlert} title={t('mayNot')}>
        <p>{reason}</p>
        <p className="mt-2 font-mono text-code text-fg3">{permission}</p>
      </Empty>
    </div>
  );
}
