import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import {
  CalendarClock,
  CircleHelp,
  Globe,
  LogOut,
  Monitor,
  Moon,
  PanelLeft,
  Play,
  Search,
  Server,
  Sun,
  UserRound,
  Workflow,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '@/api/client';
import { queryClient } from '@/api/queries';
import { startStream, useConnection } from '@/api/stream';
import { browserZone, offsetLabel } from '@/time/format';
import { WorkspaceZone } from '@/time/Time';
import { IconButton } from '@/ui/Button';
import { cx } from '@/ui/cx';
import type { ChoiceGroup, MenuEntry } from '@/ui/Menu';
import { AlertBell } from './AlertBell';
import { chunk, loadChunksWhenIdle } from './chunks';
import { Later, laterPart } from './Later';
import { MaintenanceBanner } from './MaintenanceBanner';
import { LOCALES, type Locale, setPreferences, type Theme, usePreferences, type ZoneMode } from './preferences';
import { useSession } from './session';
import { useShortcuts } from './shortcuts';

const palettePart = laterPart(() => import('./Palette'));
const shortcutHelpPart = laterPart(() => import('./ShortcutHelp'));
const ChoiceMenu = lazy(chunk(() => import('@/ui/Menu').then((module) => ({ default: module.ChoiceMenu }))));

const items = [
  { to: '/schedules', icon: CalendarClock, key: 'schedules' },
  { to: '/runs', icon: Play, key: 'runs' },
  { to: '/workflows', icon: Workflow, key: 'workflows' },
  { to: '/system', icon: Server, key: 'system' },
] as const;
const languageNames: Record<Locale, string> = { en: 'English', de: 'Deutsch', ja: '日本語' };
const topButton = 'inline-flex h-8 items-center gap-1.5 rounded-control px-2 text-fg2 hover:bg-hover hover:text-fg';

export function Shell() {
  const t = useTranslations('nav');
  const { navOpen } = usePreferences();
  const { tenant } = useSession();
  const navigate = useNavigate();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useEffect(() => startStream(queryClient), []);
  useEffect(loadChunksWhenIdle, []);
  useShortcuts({
    palette: () => setPalette(true),
    help: () => setHelp(true),
    go: (to) => void navigate({ to }),
    create: () => void navigate({ to: '/schedules', search: { new: 1 } }),
  });

  return (
    <WorkspaceZone value={tenant.default_zone}>
      <div className="flex h-dvh flex-col md:flex-row">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-solid focus:px-3 focus:py-2 focus:text-white"
        >
          {t('skip')}
        </a>
        <nav
          aria-label={t('main')}
          className={cx('hidden shrink-0 flex-col border-line border-r bg-surface md:flex', navOpen ? 'w-58' : 'w-14')}
        >
          <div className="flex h-12 items-center gap-2.5 px-3.5">
            <img src="/favicon.svg" alt="" className="size-7" />
            {navOpen && (
              <div className="min-w-0 leading-tight">
                <p className="truncate font-semibold">Carillon</p>
                <p className="truncate text-fg3 text-meta">{tenant.name}</p>
              </div>
            )}
          </div>
          <div className="flex-1 p-2">
            {navOpen && <p className="px-2 pt-2 pb-1 font-medium text-fg3 text-meta">{t('hub')}</p>}
            <ul className="flex flex-col gap-0.5">
              {items.map((item) => (
                <li key={item.to} className={item.key === 'system' ? 'mt-2 border-line border-t pt-2' : ''}>
                  <NavLink item={item} open={navOpen} />
                </li>
              ))}
            </ul>
          </div>
          <div className="flex items-center gap-1 border-line border-t p-2">
            <IconButton
              label={navOpen ? t('collapse') : t('expand')}
              onPress={() => setPreferences({ navOpen: !navOpen })}
            >
              <PanelLeft size={16} aria-hidden />
            </IconButton>
            {navOpen && (
              <IconButton label={t('help')} onPress={() => setHelp(true)}>
                <CircleHelp size={16} aria-hidden />
              </IconButton>
            )}
          </div>
        </nav>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <TopBar onSearch={() => setPalette(true)} />
          <OfflineBanner />
          <MaintenanceBanner />
          <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col overflow-auto outline-none">
            <Outlet />
          </main>
        </div>
        <nav aria-label={t('main')} className="flex shrink-0 border-line border-t bg-surface md:hidden">
          {items.map((item) => (
            <Link
              key={item.to}
              to={item.to}
              className="flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-fg2 text-meta"
              activeProps={{ className: 'text-accent! font-medium' }}
            >
              <item.icon size={18} aria-hidden />
              {t(item.key)}
            </Link>
          ))}
        </nav>
      </div>
      {palette && <Later part={palettePart} onClose={() => setPalette(false)} />}
      {help && <Later part={shortcutHelpPart} onClose={() => setHelp(false)} />}
    </WorkspaceZone>
  );
}

function NavLink({ item, open }: { item: (typeof items)[number]; open: boolean }) {
  const t = useTranslations('nav');
  return (
    <Link
      to={item.to}
      aria-label={open ? undefined : t(item.key)}
      title={open ? undefined : t(item.key)}
      className={cx(
        'flex h-8 items-center gap-2.5 rounded-control px-2.5 text-fg2 hover:bg-hover hover:text-fg',
        !open && 'justify-center',
      )}
      activeProps={{ className: 'bg-accent-tint! text-accent! font-medium' }}
    >
      <item.icon size={16} aria-hidden className="shrink-0" />
      {open && t(item.key)}
    </Link>
  );
}

function TopBar({ onSearch }: { onSearch: () => void }) {
  const t = useTranslations('nav');
  const session = useSession();
  const { theme, zoneMode, locale } = usePreferences();
  const zone = browserZone();
  const mac = /Mac/.test(navigator.platform);
  const zoneNames: Record<ZoneMode, string> = {
    local: `${t('zone.local')} · ${zone}`,
    utc: 'UTC',
    workspace: `${t('zone.workspace')} · ${session.tenant.default_zone}`,
    schedule: t('zone.schedule'),
  };
  const signOut = async () => {
    await api.DELETE('/api/v1/session').catch(() => undefined);
    queryClient.clear();
    location.assign('/sign-in');
  };
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-line border-b bg-surface px-3 md:px-4">
      <button
        type="button"
        onClick={onSearch}
        className="mr-auto flex h-8 min-w-0 items-center gap-2 rounded-control border border-line bg-app px-2.5 text-fg3 hover:border-edge md:w-80"
      >
        <Search size={14} aria-hidden className="shrink-0" />
        <span className="flex-1 truncate text-left">{t('search')}</span>
        <kbd className="hidden font-mono text-meta md:inline">{mac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <ConnectionDot />
      <AlertBell />
      <TopMenu
        label={t('zone.title')}
        value={zoneNames[zoneMode]}
        face={
          <>
            <Globe size={15} aria-hidden />
            <span className="hidden lg:inline">
              {
                { local: t('zone.local'), utc: 'UTC', workspace: t('zone.workspace'), schedule: t('zone.schedule') }[
                  zoneMode
                ]
              }
            </span>
          </>
        }
        groups={[
          {
            id: 'zone',
            title: t('zone.title'),
            value: zoneMode,
            onChange: (value) => setPreferences({ zoneMode: value as ZoneMode }),
            options: (['local', 'utc', 'workspace', 'schedule'] as const).map((id) => ({
              id,
              label: zoneNames[id] + (id === 'local' ? ` (${offsetLabel(zone)})` : ''),
            })),
          },
        ]}
      />
      <TopMenu
        label={t('account')}
        value={session.actor.name}
        face={
          <>
            <UserRound size={15} aria-hidden />
            <span className="hidden max-w-40 truncate lg:inline">{session.actor.name}</span>
          </>
        }
        groups={[
          {
            id: 'theme',
            title: t('theme.title'),
            value: theme,
            onChange: (value) => setPreferences({ theme: value as Theme }),
            options: [
              { id: 'system', label: t('theme.system'), icon: <Monitor size={14} aria-hidden /> },
              { id: 'light', label: t('theme.light'), icon: <Sun size={14} aria-hidden /> },
              { id: 'dark', label: t('theme.dark'), icon: <Moon size={14} aria-hidden /> },
            ],
          },
          {
            id: 'language',
            title: t('language'),
            value: locale,
            onChange: (value) => setPreferences({ locale: value as Locale }),
            options: LOCALES.map((id) => ({ id, label: languageNames[id] })),
          },
        ]}
        extra={[
          { id: 'sep', separator: true },
          {
            id: 'sign-out',
            label: t('signOut'),
            icon: <LogOut size={14} aria-hidden />,
            onAction: () => void signOut(),
          },
        ]}
      />
    </header>
  );
}

function ConnectionDot() {
  const t = useTranslations('nav');
  const connection = useConnection();
  return (
    <span
      className="inline-flex h-8 items-center gap-1.5 px-2 text-fg3 text-meta"
      title={t(`connection.${connection}`)}
    >
      <span
        aria-hidden
        className={cx(
          'size-2 rounded-full',
          { live: 'bg-success', connecting: 'animate-pulse-slow bg-paused', offline: 'bg-failed' }[connection],
        )}
      />
      <span className="sr-only lg:not-sr-only">{t(`connection.${connection}`)}</span>
    </span>
  );
}

function OfflineBanner() {
  const t = useTranslations('nav');
  const offline = useConnection() === 'offline';
  return (
    <div role="status">
      {offline && <p className="border-line border-b bg-paused-tint px-6 py-1.5 text-paused">{t('offline')}</p>}
    </div>
  );
}

function TopMenu({
  label,
  value,
  face,
  groups,
  extra,
}: {
  label: string;
  value: string;
  face: ReactNode;
  groups: ChoiceGroup[];
  extra?: MenuEntry[];
}) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={topButton}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={`${label}: ${value}`}
        onClick={() => setOpen(true)}
      >
        {face}
      </button>
      {open && (
        <Suspense>
          <ChoiceMenu anchor={anchor} label={label} groups={groups} extra={extra} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
