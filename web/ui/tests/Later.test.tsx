import { fireEvent, render, screen } from '@testing-library/react';
import type { ComponentType } from 'react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Later, laterPart } from '@/app/Later';
import en from '@/i18n/en.json';

type Props = { onClose: () => void };
const Sheet = () => <p>the sheet</p>;

beforeEach(() => {
  vi.stubGlobal('fetch', async () => new Response('ok'));
  // React tells of every error a boundary catches.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function show(load: () => Promise<{ default: ComponentType<Props> }>) {
  const part = laterPart(load);
  const onClose = vi.fn();
  render(
    <IntlProvider locale="en" messages={en as never} timeZone="UTC">
      <p>the page</p>
      <Later part={part} onClose={onClose} />
    </IntlProvider>,
  );
  return onClose;
}

it('a layer whose script is missing leaves the page, and comes when it is asked for again', async () => {
  let missing = true;
  show(async () => {
    if (missing) throw new TypeError('no such file');
    return { default: Sheet };
  });
  const dialog = await screen.findByRole('dialog', { name: en.common.partMissing });
  expect(dialog.textContent).toContain(en.common.partMissing);
  expect(screen.getByText('the page')).toBeTruthy();
  missing = false;
  fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
  await screen.findByText('the sheet');
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('says that the hub is away, and can be closed', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
  const onClose = show(() => Promise.reject(new TypeError('no such file')));
  await screen.findByText(/The hub could not be reached/);
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(onClose).toHaveBeenCalled();
});

it('begins the page anew when asking again did not help', async () => {
  const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
  let tries = 0;
  show(async () => {
    tries++;
    throw new TypeError('no such file');
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Retry' }));
  await vi.waitFor(() => expect(tries).toBe(2));
  fireEvent.click(await screen.findByRole('button', { name: 'Retry' }));
  await vi.waitFor(() => expect(reload).toHaveBeenCalled());
});
