import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import schedulesDe from '@schedules/messages/de.json';
import schedulesEn from '@schedules/messages/en.json';
import schedulesJa from '@schedules/messages/ja.json';
import { createTranslator } from 'use-intl';
import { describe, expect, it } from 'vitest';
import de from '@/i18n/de.json';
import en from '@/i18n/en.json';
import ja from '@/i18n/ja.json';

type Tree = { [key: string]: string | Tree };
const all: Record<string, Tree> = {
  en: { ...en, schedules: schedulesEn },
  de: { ...de, schedules: schedulesDe },
  ja: { ...ja, schedules: schedulesJa },
};
const flat = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : flat(value, `${path + key}.`),
  );
const english = new Map(flat(all.en!));
const names = (text: string) =>
  [...new Set([...text.matchAll(/(?<!(?:=\d+|one|other) )\{(\w+)[,}]/g)].map((match) => match[1]))].sort();
const tags = (text: string) => [...text.matchAll(/<(\w+)>/g)].map((match) => match[1]).sort();

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return ['node_modules', 'tests', 'messages', 'i18n'].includes(entry.name) ? '' : sources(path);
      return /\.tsx?$/.test(entry.name) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

describe.each(['de', 'ja'])('messages in %s', (locale) => {
  const own = new Map(flat(all[locale]!));
  it('are complete and nothing else', () => expect([...own.keys()].sort()).toEqual([...english.keys()].sort()));
  it('use the values of the English ones and no others', () => {
    for (const [key, text] of own) {
      expect({ key, names: names(text) }).toEqual({ key, names: names(english.get(key)!) });
      expect({ key, tags: tags(text) }).toEqual({ key, tags: tags(english.get(key)!) });
    }
  });
  it('are translated', () => {
    const same = [...own].filter(
      ([key, text]) => text === english.get(key) && /[a-z]{4,} [a-z]{2,}/i.test(text) && key !== 'nav.hub',
    );
    expect(same).toEqual([]);
  });
});

describe.each(['en', 'de', 'ja'] as const)('every message in %s', (locale) => {
  it('can be formatted', () => {
    const failures: string[] = [];
    const t = createTranslator({
      locale,
      messages: all[locale] as never,
      onError: (error) => failures.push(error.message),
    });
    for (const [key, text] of flat(all[locale]!)) {
      const values = Object.fromEntries([
        ...names(text).map((name) => [name, 2]),
        ...tags(text).map((tag) => [tag, () => 'x']),
      ]);
      (t as unknown as { markup: (key: string, values: object) => string }).markup(key, values);
    }
    expect(failures).toEqual([]);
  });
  it('groups the digits of its counts', () => {
    const bare = /\{(count|total|done|of|limit|ended|succeeded|failed|cancelled|started|waiting|unfinished)\}/;
    // The values of a sentence of the hub are formatted before they come to it.
    const plain = flat(all[locale]!).filter(([key, text]) => !key.startsWith('schedules.said.') && bare.test(text));
    expect(plain.map(([key]) => key)).toEqual([]);
  });
});

/** Families whose keys are put together at run time from a value of the server. */
const DYNAMIC =
  /^(status\.|schedules\.kind\.|schedules\.(detail|explain)\.check\.|schedules\.said\.|schedules\.preview\.flag\.|runs\.reasons\.|runs\.steps\.)/;

it('every message is used somewhere', () => {
  const code = sources(join(process.cwd(), 'src')) + sources(join(process.cwd(), '../../plugins/schedules/ui'));
  const used = (key: string) => {
    const parts = key.split('.');
    const direct = parts.some((_, index) => index > 0 && code.includes(`'${parts.slice(index).join('.')}'`));
    return direct || code.includes(`\`${parts.at(-2)}.\${`) || DYNAMIC.test(key);
  };
  expect([...english.keys()].filter((key) => !used(key))).toEqual([]);
});
