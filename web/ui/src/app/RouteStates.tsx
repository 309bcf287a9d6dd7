import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { offlineProblem, problemOf } from '@/api/problem';
import { Empty, ErrorPanel } from '@/ui/States';
import { reachable } from './chunks';
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
  // A part that could not be fetched stays failed for this page; once the hub is back, the page starts anew where it was.
  const retry = async () => {
    if (problemOf(error).code === offlineProblem.code && (await reachable())) location.reload();
    else await router.invalidate();
  };
  return (
    <div className="flex min-h-dvh">
      <ErrorPanel error={error} onRetry={() => void retry()} />
    </div>
  );
}
