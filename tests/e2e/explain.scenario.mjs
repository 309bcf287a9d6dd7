import { apiOf, check, hub, openWindow, signIn, unique, until } from './harness.mjs';
import { pickWorkflow } from './pages.mjs';

export const title = 'Why it does or does not fire: policies in the dialog, any moment explained, saved states compared and restored, alerts';

export async function run(browser) {
  const window = await signIn(await openWindow(browser));
  const { page } = window;
  const api = apiOf(window);
  const { items } = await api.get('/workflows?limit=100');
  const workflow = items.find((each) => each.name === 'Cleanup') ?? items.find((each) => each.schedulable);
  const name = unique('Explained');

  // Refusals of policies stand at their own fields, and the folded part opens for them.
  await page.goto(`${hub}/schedules?new=1`);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await pickWorkflow(page, workflow.name);
  await dialog.getByText('Advanced: limits and policies').click();
  await dialog.getByRole('radio', { name: 'Catch up afterwards' }).check();
  await dialog.getByLabel('How many to catch up').fill('5');
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await until('the count to be refused', async () => (await dialog.getByLabel('How many to catch up').getAttribute('aria-invalid')) === 'true');
  await dialog.getByRole('radio', { name: 'Let all of them wait' }).check();
  await until('the complaint to leave', async () => (await dialog.getByLabel('How many to catch up').getAttribute('aria-invalid')) !== 'true');
  await dialog.getByRole('button', { name: /Which runs count/ }).click();
  await page.locator('[role=option]', { hasText: 'All with the same key' }).click();
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await until('the missing key to be refused', async () => (await dialog.getByLabel('Key expression').getAttribute('aria-invalid')) === 'true');
  await dialog.getByLabel('Key expression').fill('.days | tostring');
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  const made = await until('the schedule', async () => (await api.get(`/schedules?text=${encodeURIComponent(name)}`)).items[0]);
  check(made.missed_policy === 'catchup' && made.catch_up.count === 5, 'the missed policy was saved');
  check(made.overlap_policy === 'buffer_all' && made.overlap.scope === 'key' && made.overlap.key === '.days | tostring', 'the overlap policy was saved');

  // The page says it in words, and the hub says that the next time will start.
  await page.goto(`${hub}/schedules/${made.id}`);
  await page.locator('[data-policies]').first().getByText(/up to 5 of the newest missed fires/).waitFor();
  await page.locator('[data-outcome=will_start]').waitFor();
  const paused = await api.post(`/schedules/${made.id}/pause`, { reason: 'Month end' });
  await page.locator('[data-outcome=will_not_start]').waitFor();
  await page.locator('[data-why]').getByText('Month end').waitFor();

  // Any moment can be asked for; the address keeps it.
  await page.getByRole('button', { name: 'Explain a moment' }).click();
  await dialog.getByLabel('Moment').fill('2020-02-03T04:05:06');
  await dialog.locator('[data-outcome=not_due]').waitFor();
  check(page.url().includes('at=2020-02-03'), 'the moment is in the address');
  await dialog.getByRole('button', { name: 'Due time after' }).click();
  await dialog.locator('[data-check="existed:failed"]').waitFor();
  await page.keyboard.press('Escape');

  // An edit is a version: compared, and restored as a new one, while the pause stays.
  const edited = await api.patch(`/schedules/${made.id}`, { timing: { kind: 'cron', cron: '15 4 * * *', zone: 'Europe/Berlin' } }, paused.revision);
  await page.goto(`${hub}/schedules/${made.id}?tab=versions`);
  await page.getByRole('button', { name: `Compare revision ${edited.revision} with the one before` }).click();
  await dialog.locator('[data-table=changes]').getByText('15 4 * * *').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Restore revision ${made.revision}`, exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: `Restore revision ${made.revision}` }).click();
  const restored = await until('the old timing', async () => { const now = await api.get(`/schedules/${made.id}`); return now.timing.cron === made.timing.cron && now; });
  check(restored.status === 'paused', 'the pause stays');

  // The bell says what the hub says.
  const { open } = await api.get('/alerts?open=true&limit=1');
  await page.getByRole('button', { name: open === 0 ? 'No open alerts' : new RegExp(`^${open} open alert`) }).click();
  await dialog.getByText(open === 0 ? 'Nothing needs a look' : 'Acknowledge').first().waitFor();
  await page.keyboard.press('Escape');
  return window;
}
