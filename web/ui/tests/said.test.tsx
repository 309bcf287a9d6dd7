import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import schedulesDe from '@schedules/messages/de.json';
import schedulesEn from '@schedules/messages/en.json';
import schedulesJa from '@schedules/messages/ja.json';
import { render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { describe, expect, it } from 'vitest';
import { setPreferences } from '@/app/preferences';
import de from '@/i18n/de.json';
import en from '@/i18n/en.json';
import ja from '@/i18n/ja.json';
import { type Coded, codedOf, NAMED, valuesOf } from '@/ui/coded';
import { Said, useSaidText } from '@/ui/Said';

const all = {
  en: { ...en, schedules: schedulesEn },
  de: { ...de, schedules: schedulesDe },
  ja: { ...ja, schedules: schedulesJa },
};
type Locale = keyof typeof all;
const locales: Locale[] = ['en', 'de', 'ja'];

// The hub's own list: its tests hold the API's description against the sentences it can say.
type Codes = { enum: string[]; 'x-values': Record<string, string[]> };
const { ReasonCode, AlertCode } = JSON.parse(readFileSync(join(process.cwd(), '../api/openapi.json'), 'utf8'))
  .components.schemas as Record<'ReasonCode' | 'AlertCode', Codes>;
const codes = [...ReasonCode.enum, ...AlertCode.enum];
const given = { ...ReasonCode['x-values'], ...AlertCode['x-values'] };

const In = ({ locale, children }: { locale: Locale; children: ReactNode }) => (
  <IntlProvider locale={locale} messages={all[locale] as never} timeZone="UTC">
    {children}
  </IntlProvider>
);
function show(locale: Locale, said: Coded, own?: boolean) {
  setPreferences({ zoneMode: 'utc' });
  const { container } = render(
    <In locale={locale}>
      <Said said={said} own={own} />
    </In>,
  );
  return container.firstElementChild as HTMLElement;
}

describe.each(locales)('what the hub says, in %s', (locale) => {
  const messages = all[locale].schedules.said as Record<string, string>;
  it('has a message for each code and no other', () => expect(Object.keys(messages).sort()).toEqual([...codes].sort()));
  it('names only values that come with the sentence', () => {
    const others = Object.entries(messages).filter(([code, text]) =>
      valuesOf(text).some((name) => name !== 'text' && !given[code]?.includes(name)),
    );
    expect(others).toEqual([]);
  });
  it('shows instants and durations as such, never as raw text', () => {
    const raw = Object.entries(messages).filter(([, text]) => /\{(at|\w+_at|\w+_ms)[,}]/.test(text));
    expect(raw).toEqual([]);
  });
  it.each(codes)('can say %s', (code) => {
    const params = Object.fromEntries(
      valuesOf(messages[code]!)
        .filter((name) => name !== 'text')
        .map((name) => [
          name,
          /^at$|_at$/.test(name)
            ? '2026-03-02T10:00:00Z'
            : /_ms$|count|running|limit|revision|more/.test(name)
              ? 2
              : messages[code]!.includes(`<${name}>`)
                ? { text: 'inner' }
                : 'value',
        ]),
    );
    const shown = show(locale, { code, params, text: 'ENGLISH' });
    expect(shown.lang).toBe('');
    expect(shown.textContent).not.toMatch(/[{}<>]|schedules\.said/);
  });
});

it('names settings as the dialog names them', () => {
  for (const locale of locales)
    for (const family of Object.values(NAMED)) {
      const found = family.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], all[locale]);
      expect(found, family).toBeTypeOf('object');
    }
  const said = { code: 'had_room', params: { overlap_policy: 'skip' }, text: '' };
  expect(show('de', said).textContent).toBe(`Es war Platz (Regel: ${schedulesDe.dialog.overlapOption.skip}).`);
});

it('says a sentence within a sentence, with its times and durations', () => {
  const said: Coded = {
    text: 'Its timing names no occurrence at 2026-03-02T10:00:00Z. The next is at 2026-03-02T11:00:00Z.',
    code: 'not_due_next',
    params: {
      reason: { code: 'timing_names_nothing', params: { at: '2026-03-02T10:00:00Z' }, text: '' },
      next_at: '2026-03-02T11:00:00Z',
    },
  };
  const shown = show('de', said);
  expect(shown.textContent).toBe(
    'Seine Zeitangabe nennt nichts am 2. März, 10:00 UTC. Der nächste ist am 2. März, 11:00 UTC.',
  );
  expect([...shown.querySelectorAll('time')].map((each) => each.dateTime)).toEqual([
    '2026-03-02T10:00:00.000Z',
    '2026-03-02T11:00:00.000Z',
  ]);
  const late = { code: 'caught_up', params: { late_ms: 25_200_000 }, text: '' };
  expect(show('de', late).textContent).toMatch(/^Mit 7\W?h Verspätung nachgeholt\.$/);
});

it('falls back to the English of the hub for a code it does not know or a value that is missing', () => {
  for (const said of [
    { code: 'of_tomorrow', params: {}, text: 'Something new.' },
    { code: 'FIRES_MISSED', params: { count: 1, last_due_at: '2026-03-02T10:00:00Z' }, text: 'Something new.' },
    { text: 'Something new.' },
  ]) {
    const shown = show('de', said);
    expect(shown.textContent).toBe('Something new.');
    expect(shown.lang).toBe('en');
  }
});

it('leaves the language of somebody’s own words open', () => {
  const shown = show('de', { text: 'Inventur.' }, true);
  expect(shown.textContent).toBe('Inventur.');
  expect(shown.lang).toBe('');
  const held: Coded = {
    code: 'held_by',
    params: { hold: 'user', actor: 'Ana', since_at: '2026-03-02T10:00:00Z', reason: { text: 'Inventur.' } },
    text: '',
  };
  const inner = show('de', held);
  expect(inner.textContent).toMatch(/^Angehalten seit .* von Ana: Inventur\.$/);
  expect(inner.querySelector('[lang=en]')).toBeNull();
});

type Row = { reason: string; reason_code: 'newer_waits'; reason_params: object };
const Titled = ({ row }: { row: Row }) => <p title={useSaidText()(codedOf(row, 'reason'))}>row</p>;

it('gives the same as one text, for titles', () => {
  setPreferences({ zoneMode: 'utc' });
  const row = {
    reason: 'A newer due time (2026-03-02T10:00:00Z) waits in its place.',
    reason_code: 'newer_waits' as const,
    reason_params: { due_at: '2026-03-02T10:00:00Z' },
  };
  render(
    <In locale="de">
      <Titled row={row} />
    </In>,
  );
  expect(screen.getByText('row').title).toBe('Ein neuerer Zeitpunkt (2. März, 10:00 UTC) wartet an seiner Stelle.');
});
