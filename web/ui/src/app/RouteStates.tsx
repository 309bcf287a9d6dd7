import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Empty, ErrorPanel } from '@/ui/States';
import { Page } from './Page';

export function NotFound() {
  const t = useTranslations('common');
  return (
    <Empty icon={Compass} title={t('noPageHelp')}>
      <Link to="/schedules" className="inline-flex min-h-6 items-center text-accent hover:underline">
        {t('toSchedules')}
      </Link>
    </Empty>
  );
}

export function NowherePage() {
  const t = useTranslations('common');
  return (
    <Page title={t('noPage')}>
      <NotFound />
    </Page>
  );
}

export function RouteError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <div className="flex min-h-dvh">
      <ErrorPanel error={error} onRetry={() => void router.invalidate()} />
    </div>
  );
}
