import { CloudOff, type LucideIcon, RotateCw, ShieldAlert, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { problemOf } from '@/api/problem';
import { Button } from './Button';
import { cx } from './cx';

export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center justify-center gap-3 px-6 py-16 text-center">
      {Icon && (
        <span className="flex size-12 items-center justify-center rounded-dialog border border-line bg-surface text-fg3">
          <Icon size={22} aria-hidden />
        </span>
      )}
      <p className="font-medium text-section">{title}</p>
      {children && <div className="max-w-md text-fg2">{children}</div>}
      {action}
    </div>
  );
}

/** What failed, what to do, the id to quote. 403 and "not reachable" have their own face. */
export function ErrorPanel({
  error,
  title: given,
  onRetry,
  className,
}: {
  error: unknown;
  /** Instead of what the error itself says of what failed. */
  title?: string;
  onRetry?: () => void;
  className?: string;
}) {
  const t = useTranslations('common');
  const problem = problemOf(error);
  const forbidden = problem.status === 403;
  const offline = problem.code === 'CLIENT_OFFLINE';
  const Icon = forbidden ? ShieldAlert : offline ? CloudOff : TriangleAlert;
  const title = forbidden
    ? t('forbidden')
    : offline
      ? t('unreachable')
      : problem.status === 404
        ? t('notFound')
        : t('loadFailed');
  return (
    <div
      role="alert"
      className={cx('m-auto flex max-w-lg flex-col items-center gap-2 px-6 py-12 text-center', className)}
    >
      <Icon size={24} className={forbidden ? 'text-paused' : 'text-failed'} aria-hidden />
      <p className="font-medium text-section">{given ?? title}</p>
      <p className="text-fg2">
        {problem.detail} {problem.remedy}
      </p>
      <p className="font-mono text-code text-fg3">
        {problem.code}
        {problem.request_id && ` · ${problem.request_id}`}
      </p>
      {onRetry && (
        <Button className="mt-2" icon={<RotateCw size={14} aria-hidden />} onPress={onRetry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}

/** Appears only when loading takes long enough to be noticed. */
export function Skeleton({ rows = 8, className }: { rows?: number; className?: string }) {
  const t = useTranslations('common');
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={cx('flex flex-col gap-2 p-4', className)} aria-busy="true">
      <span className="sr-only">{t('loading')}</span>
      {shown && Array.from({ length: rows }, (_, index) => <div key={index} className="skeleton h-9" />)}
    </div>
  );
}

const tones = {
  info: 'border-line bg-hover text-fg',
  warning: 'border-paused/40 bg-paused-tint text-paused',
  error: 'border-failed/40 bg-failed-tint text-failed',
  invalid: 'border-invalid/40 bg-invalid-tint text-invalid',
  success: 'border-success/40 bg-success-tint text-success',
};

export function Notice({
  tone = 'info',
  icon: Icon,
  title,
  children,
  role,
  className,
}: {
  tone?: keyof typeof tones;
  icon?: LucideIcon;
  title?: ReactNode;
  children?: ReactNode;
  role?: 'alert' | 'status';
  className?: string;
}) {
  return (
    <div role={role} className={cx('flex gap-2.5 rounded-card border px-3 py-2', tones[tone], className)}>
      {Icon && <Icon size={16} className="mt-0.5 shrink-0" aria-hidden />}
      <div className="min-w-0 flex-1">
        {title && <p className="font-medium">{title}</p>}
        {children}
      </div>
    </div>
  );
}

export function Facts({
  items,
  className,
}: {
  items: ({ label: string; value: ReactNode } | null | false | undefined)[];
  className?: string;
}) {
  return (
    <dl className={cx('facts gap-x-6 gap-y-3', className)}>
      {items.map(
        (item) =>
          item && (
            <div key={item.label} className="min-w-0">
              <dt className="text-fg3 text-meta">{item.label}</dt>
              <dd className="break-words" data-num>
                {item.value}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Chip({
  children,
  tone = 'plain',
  title,
}: {
  children: ReactNode;
  tone?: 'plain' | 'accent' | 'late' | 'skipped';
  title?: string;
}) {
  const look = {
    plain: 'border-line bg-app text-fg2',
    accent: 'border-transparent bg-accent-tint text-accent',
    late: 'border-transparent bg-late-tint text-late',
    skipped: 'border-transparent bg-skipped-tint text-skipped',
  }[tone];
  return (
    <span
      title={title}
      className={cx('inline-flex h-5 max-w-40 items-center gap-1 truncate rounded-chip border px-1.5 text-meta', look)}
    >
      {children}
    </span>
  );
}

export function Card({
  title,
  actions,
  children,
  className,
  flush,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
}) {
  return (
    <section className={cx('rounded-card border border-line bg-surface', className)}>
      {title && (
        <header className="flex min-h-11 items-center gap-2 border-line border-b px-4 py-1.5">
          <h2 className="flex-1 font-semibold text-section">{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}
