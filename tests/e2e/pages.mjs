// What a person does on the screens, each once.
import { hub, until } from './harness.mjs';

export const definition = (sink, required) => `document:
  dsl: '1.0.0'
  namespace: e2e
  name: order-copy
  version: '1.0.0'
input:
  schema:
    format: json
    document:
      type: object
      required: [${required.join(', ')}]
      properties:
        region: { type: string }
        count: { type: integer, minimum: 1 }
do:
  - send:
      call: http
      with:
        method: post
        endpoint: ${sink}
        body: \${ . }
`;

/** Replaces the text of the code editor with this label. */
export async function typeInto(page, label, text) {
  const editor = page.getByRole('textbox', { name: label, exact: true });
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

export async function createWorkflow(page, name, text) {
  await page.goto(`${hub}/workflows?new=1`);
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create workflow' }).click();
  await page.waitForURL(/\/workflows\/[0-9a-f-]{36}/);
  const id = /workflows\/([0-9a-f-]{36})/.exec(page.url())[1];
  await saveDraft(page, text);
  return id;
}

export async function saveDraft(page, text) {
  await typeInto(page, 'Definition', text);
  await page.getByText('No problems').waitFor();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('All changes saved').first().waitFor();
}

/** Opens the publish dialog, answers its plan, publishes, and gives back the plan's and the answer's tables as text. */
export async function publish(page, note) {
  await page.getByRole('button', { name: 'Publish…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note').fill(note);
  const confirm = dialog.getByRole('button', { name: /^Publish version/ });
  await dialog.locator('[data-plan=current]').waitFor();
  const planned = await dialog.innerText();
  const understand = dialog.getByRole('checkbox');
  if (await understand.count()) await understand.check();
  await confirm.click();
  await dialog.getByRole('button', { name: 'Done' }).waitFor();
  const answered = await dialog.innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  return { planned, answered };
}

export async function pickWorkflow(page, name) {
  const box = page.getByRole('dialog').getByRole('combobox', { name: 'Workflow' });
  await box.fill(name);
  // By attribute: the filters under the dialog are native selects with options of the same name.
  await page.locator('[role=option]', { hasText: name }).first().click();
}

/** Fills the dialog for a cron schedule and saves it; gives back the id. */
export async function createCronSchedule(page, { workflow, name, cron, payload }) {
  await page.goto(`${hub}/schedules?new=1`);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').waitFor();
  await pickWorkflow(page, workflow);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByText('Cron', { exact: true }).click();
  await dialog.getByLabel('Cron expression').fill(cron);
  await until('the next fires', async () => (await dialog.locator('aside [data-occurrences] li').count()) >= 5);
  await typeInto(page, 'Payload', JSON.stringify(payload));
  await dialog.getByText(/Fits the schema/).waitFor();
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await page.getByText(`“${name}” saved`).waitFor();
  await dialog.waitFor({ state: 'detached' });
}
