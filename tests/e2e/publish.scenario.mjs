import { apiOf, axeSource, check, hub, openWindow, signIn, unique, until } from './harness.mjs';
import { createWorkflow, saveDraft, typeInto } from './pages.mjs';

export const title = 'A breaking publish: its impact, a rename, one payload corrected, a plan that went stale, verdicts; versions compared and restored';

const text = (schema, method = 'post') => `document:
  dsl: '1.0.0'
  namespace: e2e
  name: order-copy
  version: '1.0.0'
input:
  schema:
    format: json
    document: ${JSON.stringify(schema)}
do:
  - send:
      call: http
      with:
        method: ${method}
        endpoint: http://127.0.0.1:9/
        body: \${ . }
`;
const first = text({ type: 'object', required: ['region'], properties: { region: { type: 'string' }, count: { type: 'integer' } } });
const second = text(
  {
    type: 'object',
    required: ['area'],
    additionalProperties: false,
    properties: { area: { type: 'string' }, count: { type: 'integer', maximum: 10 } },
  },
  'put',
);

/** In both themes, one after the other. */
async function axe(page, where) {
  await page.evaluate(axeSource);
  for (const each of ['dark', 'light']) {
    await page.evaluate((name) => Object.assign(document.documentElement.dataset, { theme: name }), each);
    const found = await page.evaluate(async () => {
      // The library's word that a button is pending stays for seconds after a dialog took the button with it.
      const result = await globalThis.axe.run({ exclude: [['[data-live-announcer]']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
      return result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
    });
    check(found.length === 0, `${where}, ${each}: ${found.join('\n')}`);
  }
}

/** What a refused draft says, and that its place is one click away. */
async function author(page) {
  await typeInto(page, 'Definition', `schedule:\n  cron: '0 9 * * *'\n${first.replace("dsl: '1.0.0'", "dsl: '9'")}`);
  const problems = page.locator('[data-problems]');
  await problems.getByText(/time triggers live in schedules/).waitFor();
  check((await problems.locator('li').count()) === 2, 'both problems are listed at once');
  check((await problems.getByRole('link', { name: 'New schedule' }).count()) === 1, 'the trigger leads to schedules');
  await problems.getByRole('button', { name: /language this hub reads/ }).click();
  check((await page.locator('.cm-activeLine').innerText()).includes("dsl: '9'"), 'the click leads to its line');
}

/** One payload corrected in both views against the schema that is not published yet. */
async function correct(page, dialog, name) {
  const open = dialog.getByRole('button', { name: `Fix payload of ${name}` });
  const sheet = page.getByRole('dialog', { name: `Payload of “${name}”` });
  await open.focus();
  await page.keyboard.press('Enter');
  await sheet.getByText('Format').waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await until('the focus to be back', () => open.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Enter');
  await sheet.locator('[data-problems]').getByText('must be <= 10').waitFor();
  await axe(page, 'correcting a payload');
  await sheet.getByText('Form', { exact: true }).click();
  check((await sheet.getByLabel('area').inputValue()) === 'us', 'it begins with what the migration makes of it');
  await sheet.getByLabel('count').fill('7');
  await sheet.getByText(/Fits the schema of version 2/).waitFor();
  await axe(page, 'the form of a payload');
  await sheet.getByText('JSON', { exact: true }).click();
  await sheet.locator('.cm-content').first().getByText('7').waitFor();
  await sheet.getByRole('button', { name: 'Use this payload' }).click();
  await sheet.waitFor({ state: 'detached' });
}

async function publishIt(page, api, names) {
  const dialog = page.getByRole('dialog').first();
  const current = () => dialog.locator('[data-plan=current]').waitFor();
  const confirm = dialog.getByRole('button', { name: 'Publish version 2' });
  await page.getByRole('button', { name: 'Publish…' }).click();
  await current();
  check((await dialog.locator('[data-schema-changes]').innerText()).includes('/area'), 'the change of the schema is listed');
  check((await dialog.locator('[data-table=impact] [data-verdict=invalid]').count()) === 3, 'all three would become invalid');
  await axe(page, 'the plan');

  await dialog.getByRole('button', { name: 'Rename /region to /area' }).click();
  await until('two to fit', async () => (await dialog.locator('[data-plan=current] [data-verdict=rebound]').count()) === 2);
  await dialog.getByRole('button', { name: '2 values change' }).first().click();
  check((await dialog.locator('[data-table=changes]').innerText()).includes('/area'), 'before and after are shown');
  await correct(page, dialog, names.us);
  await until('all to fit', async () => (await dialog.locator('[data-plan=current] [data-verdict=rebound]').count()) === 3);
  await dialog.getByLabel('Note').fill('areas');

  // Somebody edits a schedule behind the dialog's back.
  const eu = (await api.get(`/schedules?text=${encodeURIComponent(names.eu)}`)).items[0];
  const whole = await api.get(`/schedules/${eu.id}`);
  await api.patch(`/schedules/${eu.id}`, { payload: { region: 'de', count: 2 } }, whole.revision);
  await confirm.click();
  await dialog.getByText(`1 schedule was edited (${names.eu})`).waitFor();
  check((await dialog.getByLabel('Note').inputValue()) === 'areas', 'what was typed is kept');
  await current();
  await until('the new plan', async () => (await dialog.locator('[data-plan=current] [data-verdict=rebound]').count()) === 3);
  await confirm.click();
  await dialog.locator('[data-publish-result="2"]').waitFor();
  check((await dialog.locator('[data-verdict=rebound]').count()) === 3, 'every verdict is listed');
  await axe(page, 'the result');
  await dialog.getByRole('button', { name: 'Done' }).click();
  return eu.id;
}

async function versions(page, api, workflow) {
  await page.goto(`${hub}/workflows/${workflow}?tab=versions`);
  await page.getByRole('button', { name: 'Compare version 2 with version 1' }).click();
  const sheet = page.getByRole('dialog', { name: 'Compare versions' });
  await sheet.locator('[data-diff=added]', { hasText: 'method: put' }).waitFor();
  check((await sheet.locator('[data-diff=removed]').allInnerTexts()).some((line) => line.includes('method: post')), 'both sides are shown');
  check((await sheet.locator('[data-schema-changes]').innerText()).includes('/region'), 'the schemas are compared, too');
  await axe(page, 'comparing versions');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Restore version 1 as the draft' }).click();
  const restoring = page.getByRole('alertdialog');
  await restoring.locator('[data-diff=added]', { hasText: 'method: post' }).waitFor();
  const draft = await api.get(`/workflows/${workflow}/draft`);
  await api.put(`/workflows/${workflow}/draft`, { text: draft.text.replace('order-copy', 'order-theirs'), format: 'yaml' }, draft.revision);
  await restoring.getByRole('button', { name: 'Replace the draft' }).click();
  await restoring.getByText('Somebody saved the draft in the meantime').waitFor();
  await restoring.locator('[data-diff=removed]', { hasText: 'order-theirs' }).waitFor();
  check((await api.get(`/workflows/${workflow}/draft`)).text.includes('order-theirs'), 'theirs was not overwritten');
  await restoring.getByRole('button', { name: 'Replace the draft' }).click();
  await restoring.waitFor({ state: 'detached' });
  check((await api.get(`/workflows/${workflow}/draft`)).text === first, 'the draft is version 1 again');
  check((await api.get(`/workflows/${workflow}`)).latest_version === 2, 'and nothing was published');
}

export async function run(browser) {
  const window = await signIn(await openWindow(browser));
  const { page } = window;
  const api = apiOf(window);
  const workflow = await createWorkflow(page, unique('Order copy'), first);
  await api.post(`/workflows/${workflow}/publish`, { note: 'first' });
  await page.goto(`${hub}/workflows/${workflow}`);
  await author(page);
  await saveDraft(page, second);
  const names = { eu: unique('EU'), us: unique('US'), jp: unique('JP') };
  const payloads = { eu: { region: 'eu', count: 1 }, us: { region: 'us', count: 40 }, jp: { region: 'jp' } };
  for (const key of Object.keys(names))
    await api.post('/schedules', {
      workflow_id: workflow,
      name: names[key],
      timing: { kind: 'cron', cron: '0 3 * * *', zone: 'UTC' },
      payload: payloads[key],
    });
  const eu = await publishIt(page, api, names);
  check(JSON.stringify((await api.get(`/schedules/${eu}`)).payload) === '{"area":"de","count":2}', 'the edited payload was migrated');
  const us = (await api.get(`/schedules?text=${encodeURIComponent(names.us)}`)).items[0];
  check(JSON.stringify((await api.get(`/schedules/${us.id}`)).payload) === '{"area":"us","count":7}', 'the correction is the payload now');
  check((await api.get(`/schedules/${us.id}/versions`)).items[0].action === 'workflows.publish', 'and a version of the schedule');
  await versions(page, api, workflow);
  return window;
}
