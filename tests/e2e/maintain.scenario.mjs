import { apiOf, check, hub, openSink, openWindow, signIn, unique, until } from './harness.mjs';
import { createWorkflow, definition, publish } from './pages.mjs';

export const title = 'A past range is run after all, exactly as previewed; under maintenance every page says so, and all is paused until it ends';

const HOUR = 3_600_000;

async function backfill(page, api, sink, id, marker) {
  const end = new Date(Math.floor(Date.now() / HOUR) * HOUR);
  const local = (at) => at.toISOString().slice(0, 16);
  await page.goto(`${hub}/schedules/${id}?tab=backfills`);
  await page.getByText('No backfill yet').waitFor();
  await page.getByRole('button', { name: 'New backfill…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('From').fill(local(new Date(end.getTime() - 5 * HOUR)));
  await dialog.getByLabel('To').fill(local(end));
  await dialog.locator('[data-backfill-count="5"]').waitFor();
  check((await dialog.locator('[data-occurrences] li').count()) === 5, 'the sample shows the five times');
  await dialog.getByRole('spinbutton').fill('2');
  await dialog.getByRole('button', { name: 'Start 5 runs' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('[data-backfill][data-state=completed]').waitFor();
  check((await page.locator('[data-backfill]').innerText()).includes('5 of 5 ended: 5 succeeded'), 'the card counts what ended');
  const mine = sink.received.filter((each) => each.body?.marker === marker);
  check(mine.length === 5, `five calls arrived, not ${mine.length}`);
  const [shown] = (await api.get(`/schedules/${id}/backfills`)).items;
  check(shown.state === 'completed' && shown.progress.succeeded === 5 && shown.concurrency === 2, `the API says ${JSON.stringify(shown)}`);

  await page.getByRole('button', { name: 'New backfill…' }).click();
  await dialog.getByLabel('From').fill(local(new Date(end.getTime() - 5 * HOUR)));
  await dialog.getByLabel('To').fill(local(end));
  await dialog.getByText('5 of the range have a run').waitFor();
  await dialog.locator('[data-backfill-count="0"]').waitFor();
  await page.keyboard.press('Escape');
}

async function maintain(page, api, id) {
  const reason = unique('Moving house');
  await page.goto(`${hub}/system`);
  await page.getByRole('button', { name: 'Start maintenance…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: 'Start maintenance' }).click();
  await dialog.waitFor({ state: 'detached' });
  const banner = page.locator('[data-maintenance=tenant]', { hasText: reason });
  await banner.waitFor();
  await page.goto(`${hub}/schedules/${id}`);
  await banner.waitFor();
  await page.getByText('There is maintenance').waitFor();
  check((await api.get(`/schedules/${id}`)).status === 'paused', 'the schedule is paused meanwhile');
  await page.goto(`${hub}/system`);
  await page.getByRole('listitem').filter({ hasText: reason }).getByRole('button', { name: 'End now' }).click();
  await banner.waitFor({ state: 'detached' });
  await until('the schedule to be active again', async () => (await api.get(`/schedules/${id}`)).status === 'active');
}

export async function run(browser) {
  const sink = await openSink();
  const window = await signIn(await openWindow(browser));
  const { page } = window;
  const api = apiOf(window);
  const workflow = await createWorkflow(page, unique('Order copy'), definition(sink.url, ['region']));
  await publish(page, 'first');
  const marker = unique('m');
  const { id } = await api.post('/schedules', {
    workflow_id: workflow,
    name: unique('Hourly'),
    timing: { kind: 'cron', cron: '0 * * * *', zone: 'UTC' },
    payload: { region: 'eu', marker },
  });
  await backfill(page, api, sink, id, marker);
  await maintain(page, api, id);
  await sink.close();
  return window;
}
