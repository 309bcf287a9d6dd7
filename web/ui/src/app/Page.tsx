import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useSession } from './session';

type Props = {
  title: string;
  /** Shown instead of the plain title, inside the h1. */
  heading?: ReactNode;
  crumbs?: (LinkProps & { label: string })[];
  meta?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

/** Title, focus and landmarks of a screen: on arrival the focus goes to the h1, so a screen reader says where it is. */
export function Page({ title, heading, crumbs, meta, actions, children }: Props) {
  const t = useTranslations('nav');
  const { tenant } = useSession();
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${tenant.name} · ${t('hub')}`;
  }, [title, tenant.name, t]);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest('nav'))
      h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-4 pb-3 md:px-6">
        <div className="min-w-0 flex-1 basis-64">
          {crumbs && (
            <nav aria-label={t('breadcrumb')} className="mb-0.5 flex items-center gap-1 text-fg3 text-meta">
              {crumbs.map(({ label, ...link }) => (
                <span key={label} className="flex items-center gap-1">
                  <Link {...link} className="inline-flex min-h-6 items-center hover:text-fg hover:underline">
                    {label}
                  </Link>
                  <ChevronRight size={12} aria-hidden />
                </span>
              ))}
            </nav>
          )}
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <h1 ref={h1} tabIndex={-1} className="min-w-0 truncate font-semibold text-title outline-none">
              {heading ?? title}
            </h1>
            {meta}
          </div>
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </>
  );
}
