import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type ZoneMode = 'local' | 'utc' | 'workspace' | 'schedule';
export const LOCALES = ['en', 'de', 'ja'] as const;
export type Locale = (typeof LOCALES)[number];
export type Preferences = { theme: Theme; zoneMode: ZoneMode; locale: Locale; navOpen: boolean; shortcuts: boolean };

const KEY = 'carillon.preferences';

/** The theme lives in a cookie, so that the server can write it into the page before the first paint. */
function cookieTheme(): Theme {
  const match = /(?:^|;\s*)theme=(light|dark)/.exec(document.cookie);
  return (match?.[1] as Theme | undefined) ?? 'system';
}

export function pickLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const base = language.toLowerCase().split('-')[0];
    const found = LOCALES.find((locale) => locale === base);
    if (found) return found;
  }
  return 'en';
}

function load(): Preferences {
  let stored: Partial<Preferences> = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
  } catch {
    // Storage may be blocked or hold something else; the defaults do.
  }
  return {
    zoneMode: stored.zoneMode ?? 'local',
    locale: stored.locale ?? pickLocale(navigator.languages ?? [navigator.language]),
    navOpen: stored.navOpen ?? true,
    shortcuts: stored.shortcuts ?? true,
    theme: cookieTheme(),
  };
}

let current = load();
const watchers = new Set<() => void>();

export function setPreferences(change: Partial<Preferences>) {
  current = { ...current, ...change };
  const { theme, ...stored } = current;
  try {
    localStorage.setItem(KEY, JSON.stringify(stored));
  } catch {
    // Not remembered then; it still holds for this page.
  }
  if (change.theme) {
    document.cookie =
      theme === 'system'
        ? 'theme=; Path=/; Max-Age=0; SameSite=Lax'
        : `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
    document.documentElement.dataset.theme = theme;
  }
  for (const watcher of watchers) watcher();
}

export const getPreferences = () => current;
const subscribe = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};
export const usePreferences = () => useSyncExternalStore(subscribe, getPreferences);
