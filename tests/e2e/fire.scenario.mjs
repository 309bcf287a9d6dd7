import { isDeepStrictEqual } from 'node:util';
import { apiOf, check, hub, openSink, openWindow, signIn, unique, until } from './harness.mjs';
import { createCronSchedule, createWorkflow, definition, publish, saveDraft, typeInto } from './pages.mjs';

export const title = 'A schedule keeps its promise: on time, exactly its payload, once; held while invalid; alive again when fixed';

export async function run(browser) {
  const sink = await openSink();
  const window = await signIn(await openWindow(browser));
  const { page } = window;
  const api = apiOf(window);
  const workflow = unique('Order copy');
  const name = unique('Every minute');
  const payload = { region: 'eu', marker: unique('m'), deep: { list: [1, 2.5, null, 'ü'] } };
  const mine = () => sink.received.filter((each) => each.body?.marker === payload.marker);

  const workflowId = await createWorkflow(page, workflow, definition(sink.url, ['region']));
  await publish(page, 'first');
  await createCronSchedule(page, { workflow, name, cron: '* * * * *', payload });

  const found = await api.get(`/schedules?text=${encodeURIComponent(name)}`);
  check(found.total === 1, `one schedule is called ${name}, the API says ${found.total}`);
  const { id } = found.items[0];
  const due = Date.parse(found.items[0].next_due_at);
  check(due > Date.now() && due <= Date.now() + 60_000, `the next fire is within a minute: ${found.items[0].next_due_at}`);

  const first = await until('the first call to the sink', () => mine()[0], due - Date.now() + 20_000);
  const lateness = first.at - due;
  check(lateness >= 0 && lateness < 1_000, `it fired ${lateness} ms after its time`);
  check(isDeepStrictEqual(first.body, payload), `the sink got ${JSON.stringify(first.body)}`);

  // The list shows it live, and leads to the run.
  await page.goto(`${hub}/schedules?text=${encodeURIComponent(name)}`);
  const row = page.locator('[role=row]', { hasText: name });
  await until('the run to have succeeded in the list', async () => (await row.innerText()).includes('Succeeded'), 20_000);
  await row.locator('a[href^="/runs/"]').first().click();
  await page.waitForURL(/\/runs\//);
  const provenance = page.locator('[data-provenance]');
  await provenance.getByText('Schedule', { exact: true }).first().waitFor();
  const runId = /runs\/([0-9a-f-]{36})/.exec(page.url())[1];
  const shown = await provenance.locator('time').first().getAttribute('datetime');
  check(Date.parse(shown) >= due && Date.parse(shown) % 60_000 === 0, `the run says it was due ${shown}`);
  const run = await api.get(`/runs/${runId}`);
  check(run.provenance.schedule_id === id && run.provenance.reason === 'scheduled', 'the run names its schedule');
  check(isDeepStrictEqual(run.input, payload), 'the input of the run is the payload, unchanged');
  await page.getByRole('tab', { name: 'Steps' }).waitFor();
  check((await page.getByRole('tabpanel').innerText()).includes('send'), 'the step is listed');
  await provenance.getByRole('link', { name: new RegExp(name) }).click();
  await page.waitForURL(new RegExp(`/schedules/${id}`));

  // A version that wants more than the payload has.
  await page.goto(`${hub}/workflows/${workflowId}`);
  await saveDraft(page, definition(sink.url, ['region', 'count']));
  const { planned, answered } = await publish(page, 'count is required now');
  check(planned.includes('Becomes invalid') && planned.includes(name), `the plan names the schedule: ${planned}`);
  check(answered.includes('Becomes invalid') && answered.includes('count'), `the answer says what is missing: ${answered}`);
  const broken = await api.get(`/schedules/${id}`);
  check(broken.status === 'invalid', `its status is ${broken.status}`);
  const atPublish = mine().length;
  await page.goto(`${hub}/schedules/${id}`);
  await page.locator('[data-violations]').getByText(/count/).waitFor();
  await page.locator('[data-why]').getByText('Its payload does not fit the workflow’s schema').waitFor();

  // Its next time passes and nothing happens.
  const passes = Math.ceil(Date.now() / 60_000) * 60_000 + 2_000;
  await until('the next minute to pass', () => Date.now() > passes, 70_000);
  check(mine().length === atPublish, `it was called ${mine().length - atPublish} times while invalid`);

  // Fix the payload where the page says so.
  await page.getByRole('button', { name: 'Fix the payload' }).click();
  await page.getByRole('dialog').locator('[data-problems]').first().waitFor();
  const fixed = { ...payload, count: 3 };
  await typeInto(page, 'Payload', JSON.stringify(fixed));
  await page.getByText(/Fits the schema/).waitFor();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText(`“${name}” saved`).waitFor();
  await until('it to be active again', async () => (await api.get(`/schedules/${id}`)).status === 'active');
  const again = await until('it to fire again', () => mine().find((each) => each.body.count === 3), 70_000);
  check(isDeepStrictEqual(again.body, fixed), 'the fixed payload arrived');

  const { items } = await api.get(`/schedules/${id}/fires`);
  const started = items.filter((each) => each.verdict === 'started');
  const keys = new Set(started.map((each) => each.due_at));
  check(keys.size === started.length, 'no due time started twice');
  await until('every started run to have called the sink once', async () => mine().length === (await api.get(`/schedules/${id}/fires`)).items.filter((each) => each.verdict === 'started').length, 20_000);
  const { revision } = await api.get(`/schedules/${id}`);
  await api.del(`/schedules/${id}`, revision);
  await sink.close();
  return window;
}
