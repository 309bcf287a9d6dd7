import type { ReactNode } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { formatAbsolute, formatDuration } from '@/time/format';
import { Sentence } from '@/time/Sentence';
import { Duration, useDisplayZone } from '@/time/Time';
import { type Coded, kindOf, NAMED, valuesOf } from './coded';

type Part = string | number | ((children: ReactNode) => ReactNode);
type Translate = {
  has: (key: string) => boolean;
  raw: (key: string) => string;
  rich: (key: string, values: Record<string, Part>) => ReactNode;
  markup: (key: string, values: Record<string, string | number | (() => string)>) => string;
};

/** The message for a code; null where this Hub does not know it, or a value is missing that it names. */
function useMessages() {
  const t = useTranslations() as unknown as Translate & ((key: string) => string);
  return {
    t,
    keyOf: ({ code, params, text }: Coded) => {
      const key = `schedules.said.${code}`;
      if (!code || !t.has(key)) return null;
      const given = { ...params, text };
      return valuesOf(t.raw(key)).every((name) => name in given) ? key : null;
    },
    plain: (name: string, value: unknown): string | number => {
      const family = NAMED[name];
      if (family && t.has(`${family}.${value}`)) return t(`${family}.${value}`);
      return typeof value === 'number' ? value : String(value);
    },
  };
}

/**
 * A sentence of the hub in the reader's language, its times and durations shown like every other. Without a message for it
 * the hub's English; without a code it is that, too, or (`own`) may be somebody's own words, in whatever language.
 */
export function Said({ said, scheduleZone, own }: { said: Coded; scheduleZone?: string | null; own?: boolean }) {
  const { t, keyOf, plain } = useMessages();
  const key = keyOf(said);
  if (!key)
    return (
      <span className="wrap-anywhere" lang={own && !said.code ? undefined : 'en'}>
        <Sentence text={said.text} scheduleZone={scheduleZone} />
      </span>
    );
  const values: Record<string, Part> = { text: said.text };
  for (const [name, value] of Object.entries(said.params ?? {})) {
    const kind = kindOf(name, value);
    values[name] =
      kind === 'instant'
        ? () => <Sentence text={value as string} scheduleZone={scheduleZone} />
        : kind === 'duration'
          ? () => <Duration ms={value as number} />
          : kind === 'sentence'
            ? () => <Said said={value as Coded} scheduleZone={scheduleZone} own />
            : plain(name, value);
  }
  return <span className="wrap-anywhere">{t.rich(key, values)}</span>;
}

/** The same as one text, for places that hold no elements. */
export function useSaidText(scheduleZone?: string | null): (said: Coded) => string {
  const { t, keyOf, plain } = useMessages();
  const locale = useLocale();
  const zone = useDisplayZone(scheduleZone);
  const textOf = (said: Coded): string => {
    const key = keyOf(said);
    if (!key) return said.text;
    const values: Record<string, string | number | (() => string)> = { text: said.text };
    for (const [name, value] of Object.entries(said.params ?? {})) {
      const kind = kindOf(name, value);
      values[name] =
        kind === 'instant'
          ? () => formatAbsolute(new Date(value as string), { zone, locale })
          : kind === 'duration'
            ? () => formatDuration(value as number, locale)
            : kind === 'sentence'
              ? () => textOf(value as Coded)
              : plain(name, value);
    }
    return t.markup(key, values);
  };
  return textOf;
}
