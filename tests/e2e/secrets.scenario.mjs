import { apiOf, check, hub, openSink, openWindow, signIn, unique, until } from './harness.mjs';

export const title = 'A secret goes in, is referred to, reaches the endpoint and is never shown; an editor keeps what is hidden from her without seeing it';

const VALUE = 'hidden-canary-7731';
const SECRET = 'secret-canary-9920';

const definition = (sink) => `document: {dsl: '1.0.0', namespace: e2e, name: secrets, version: '1.0.0'}
input:
  schema:
    format: json
    document:
      type: object
      properties:
        region: { type: string }
        pw: { type: string, writeOnly: true }
        token: { type: string }
do:
  - send:
      call: http
      with: { method: post, endpoint: '${sink}', body: '\${ . }' }
`;

async function putSecret(page, name) {
  await page.goto(`${hub}/system`);
  await page.getByRole('button', { name: 'New secret…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Value').fill(SECRET);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('[data-secrets]').getByText(name).waitFor();
}

/** The same page as somebody else sees it, who has an API key of that role. */
async function windowOf(browser, api, role) {
  const { secret } = await api.post('/api-keys', { name: unique(role), role });
  const window = await openWindow(browser);
  await window.context.setExtraHTTPHeaders({ Authorization: `Bearer ${secret}` });
  return window;
}

async function editorKeepsIt(browser, api, id) {
  const { page, context } = await windowOf(browser, api, 'editor');
  await page.goto(`${hub}/schedules/${id}?tab=payload`);
  await page.locator('.cm-standIn[data-stand-in=hidden]').waitFor();
  check(!(await page.content()).includes(VALUE), 'the page holds nothing of the hidden value');
  await page.goto(`${hub}/schedules/${id}?edit=1`);
  const dialog = page.getByRole('dialog');
  await dialog.locator('.cm-standIn[data-stand-in=hidden]').waitFor();
  await dialog.locator('.cm-standIn[data-stand-in=secret]').waitFor();
  await dialog.getByLabel('Description').fill('By the editor');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.waitFor({ state: 'detached' });
  await context.close();
  const saved = await api.get(`/schedules/${id}`);
  check(saved.description === 'By the editor' && saved.payload.pw === VALUE, `what was hidden is kept: ${JSON.stringify(saved.payload)}`);
}

export async function run(browser) {
  const sink = await openSink();
  const window = await signIn(await openWindow(browser));
  const { page } = window;
  const api = apiOf(window);
  const name = unique('token').replaceAll(' ', '-');
  await putSecret(page, name);
  const workflow = await api.post('/workflows', { name: unique('With secrets'), text: definition(sink.url), format: 'yaml' });
  await api.post(`/workflows/${workflow.id}/publish`);
  const { id } = await api.post('/schedules', {
    workflow_id: workflow.id,
    name: unique('Uses a secret'),
    timing: { kind: 'manual' },
    payload: { region: 'eu', pw: VALUE, token: { $secret: name } },
  });
  await page.goto(`${hub}/schedules/${id}?tab=payload`);
  await page.locator('.cm-standIn[data-stand-in=secret]', { hasText: name }).waitFor();
  check((await page.content()).includes(VALUE), 'an administrator sees the value that is hidden from others');
  await editorKeepsIt(browser, api, id);
  const { run_id } = await api.post(`/schedules/${id}/run`);
  await until('the run to succeed', async () => (await api.get(`/runs/${run_id}`)).state === 'succeeded');
  check(sink.received.at(-1).body.token === SECRET, 'the endpoint got the secret');
  await page.goto(`${hub}/runs/${run_id}`);
  await page.getByRole('tab', { name: 'Input' }).click();
  await page.locator('.cm-standIn[data-stand-in=secret]').first().waitFor();
  check(!(await page.content()).includes(SECRET), 'the run shows nothing of the secret');
  await sink.close();
  return window;
}
