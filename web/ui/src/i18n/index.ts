import type schedulesEn from '@schedules/messages/en.json';
import type { Locale } from '@/app/preferences';
import type en from './en.json';

export type Messages = typeof en & { schedules: typeof schedulesEn };

declare module 'use-intl' {
  interface AppConfig {
    Messages: Messages;
    Locale: Locale;
  }
}

const bundles: Record<Locale, () => Promise<[{ default: unknown }, { default: unknown }]>> = {
  en: () => Promise.all([import('./en.json'), import('@schedules/messages/en.json')]),
  de: () => Promise.all([import('./de.json'), import('@schedules/messages/de.json')]),
  ja: () => Promise.all([import('./ja.json'), import('@schedules/messages/ja.json')]),
};

/** The hub's own words and those of each plugin, which live with the plugin. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  const [core, schedules] = await bundles[locale]();
  return { ...(core.default as typeof en), schedules: schedules.default as typeof schedulesEn };
}
