import { apiOf, check, hub, openWindow, signIn, unique, until } from './harness.mjs';
import { typeInto } from './pages.mjs';

export const title = 'The hub in daily use: address, keyboard, live windows, two editors, languages, zones';

async function makeSchedules(api, prefix) {
  const { items } = await api.get('/workflows?limit=100');
  const workflow = items.find((each) => each.name === 'Cleanup') ?? items.find((each) => each.schedulable);
  const made = [];
  for (const name of ['alpha', 'beta', 'gamma']) {
    made.push(await api.post('/schedules', { workflow_id: workflow.id, name: `${prefix} ${name}`, labels: [prefix.split(' ').at(-1)], timing: { kind: 'cron', cron: '30 2 * * *', zone: 'Europe/Berlin' }, payload: {} }));
  }
  return made;
}
const names = (page) => page.locator('[role=row] [role=gridcell] a[href^="/schedules/"]').allInnerTexts();

export async function run(browser) {
  const a = await signIn(await openWindow(browser));
  const api = apiOf(a);
  const prefix = unique('Use');
  const made = await makeSchedules(api, prefix);

  // Filters live in the address: another window given the address sees the same rows; back brings the old ones.
  await a.page.goto(`${hub}/schedules`);
  await until('the list', async () => (await names(a.page)).length >= 3);
  await a.page.keyboard.press('/');
  await a.page.keyboard.type(prefix);
  await until('the search to reach the list', async () => { const all = await names(a.page); return all.length === 3 && all.every((each) => each.startsWith(prefix)); });
  await a.page.getByLabel('Status').selectOption('active');
  await until('the filters to be in the address', () => a.page.url().includes('status=active') && a.page.url().includes('text='));
  const b = await signIn(await openWindow(browser, { zone: 'America/New_York' }));
  await b.page.goto(a.page.url());
  await until('the same rows in the other window', async () => (await names(b.page)).length === 3);

  // Live: what one window does, the other shows, without losing its focus.
  await b.page.locator('[data-row="1"] [data-col="1"] a').focus();
  await a.page.locator('[data-row="0"] [data-col="1"] a').focus();
  await a.page.keyboard.press('p');
  await until('the pause to show in the other window', async () => (await b.page.locator('[data-row="0"]').innerText()).includes('Paused'));
  check(await b.page.evaluate(() => document.activeElement?.closest('[data-row]')?.dataset.row === '1'), 'the other window kept its focus');
  check((await api.get(`/schedules/${made[0].id}`)).status === 'paused', 'the server says paused, too');

  // Keyboard: arrows, selection, bulk with exact count and undo.
  await a.page.goto(`${hub}/schedules?text=${encodeURIComponent(prefix)}&sort=name`);
  await a.page.locator('[data-row="1"] [data-col="1"] a').focus();
  await a.page.keyboard.press('x');
  await a.page.keyboard.press('Shift+ArrowDown');
  await a.page.getByRole('button', { name: 'Pause 2 schedules' }).click();
  await a.page.getByText('Paused 2 of 2.').waitFor();
  const after = await Promise.all(made.map((each) => api.get(`/schedules/${each.id}`)));
  check(after.every((each) => each.status === 'paused'), 'exactly the chosen ones were paused');
  await a.page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await a.page.getByText('Taken back 2 of 2.').waitFor();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

  // All that match, also what was not chosen by hand: asked once more, then exactly those; undo leaves what was paused before.
  await a.page.locator('[data-row="1"] [data-col="1"] a').focus();
  await a.page.keyboard.press('x');
  await a.page.getByRole('button', { name: 'Select all 3 matching' }).click();
  await a.page.getByRole('button', { name: 'Pause 3 schedules' }).click();
  await a.page.getByRole('alertdialog').getByRole('button', { name: 'Pause 3 schedules' }).click();
  await a.page.getByText('Paused 2 of 3.').waitFor();
  await a.page.getByText('1 needed no change.').waitFor();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await a.page.getByText('Taken back 2 of 2.').waitFor();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  check((await api.get(`/schedules/${made[0].id}`)).status === 'paused', 'the one paused by hand still is');

  // Two editors of one schedule: the second sees both sides and decides.
  await b.page.goto(`${hub}/schedules/${made[1].id}?edit=1`);
  await b.page.getByRole('dialog').getByLabel('Description').fill('mine');
  const current = await api.get(`/schedules/${made[1].id}`);
  await api.patch(`/schedules/${made[1].id}`, { description: 'theirs' }, current.revision);
  await b.page.getByRole('button', { name: 'Save changes' }).click();
  await b.page.getByText('Changed by someone else while you were editing').waitFor();
  await b.page.getByRole('button', { name: 'Keep mine' }).click();
  await until('my description to be saved', async () => (await api.get(`/schedules/${made[1].id}`)).description === 'mine');

  // A refused save stands at its field, and nothing is saved.
  await b.page.goto(`${hub}/schedules?edit=${made[2].id}`);
  await b.page.getByRole('dialog').getByLabel('Name').fill(`${prefix} alpha`);
  await b.page.getByRole('button', { name: 'Save changes' }).click();
  await until('the name to be marked', async () => (await b.page.getByRole('dialog').getByLabel('Name').getAttribute('aria-invalid')) === 'true');
  check((await api.get(`/schedules/${made[2].id}`)).name === `${prefix} gamma`, 'the old name stands');
  await typeInto(b.page, 'Payload', '{ "days": ');
  await b.page.locator('[data-problems]').getByText(/Not valid JSON/).waitFor();
  await b.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await b.page.getByRole('button', { name: 'Discard changes' }).click();

  // Clock changes are marked before anything is saved.
  await a.page.goto(`${hub}/schedules?new=1`);
  const dialog = a.page.getByRole('dialog');
  await dialog.getByText('Cron', { exact: true }).click();
  await dialog.getByLabel('Cron expression').fill('30 2 28 3 *');
  await dialog.locator('aside').getByText('Clock skips ahead').first().waitFor();
  await dialog.getByLabel('Cron expression').fill('61 * * * *');
  await until('the expression to be refused', async () => (await dialog.getByLabel('Cron expression').getAttribute('aria-invalid')) === 'true');
  // A number that a double cannot hold survives parsing and formatting in the page.
  await typeInto(a.page, 'Payload', '{"n":12345678901234567890,"m":1.10}');
  await dialog.getByRole('button', { name: 'Format' }).click();
  const formatted = await dialog.getByRole('textbox', { name: 'Payload' }).innerText();
  check(formatted.includes('12345678901234567890') && formatted.includes('1.10'), `formatting changed a number: ${formatted}`);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await a.page.getByRole('button', { name: 'Discard changes' }).click();

  // The zone switch changes every text and no instant.
  await b.page.goto(`${hub}/schedules?text=${encodeURIComponent(prefix)}`);
  const times = () => b.page.locator('[role=grid] [role=gridcell] time[datetime]').evaluateAll((all) => all.filter((each) => /:/.test(each.textContent)).map((each) => [each.dateTime, each.textContent]));
  const local = await until('times in the list', async () => ((await times()).length >= 2 ? times() : null));
  await b.page.getByRole('button', { name: /^Show times in/ }).click();
  await b.page.getByRole('menuitemradio', { name: 'UTC', exact: true }).click();
  const utc = await until('times in UTC', async () => { const all = await times(); return all.every(([, text]) => text.endsWith('UTC')) && all.length >= 2 && all; });
  check(JSON.stringify(utc.map(([at]) => at)) === JSON.stringify(local.map(([at]) => at)), 'no instant changed');

  // Languages: the page and the server's sentences.
  await b.page.getByRole('button', { name: /^Account/ }).click();
  await b.page.getByRole('menuitemradio', { name: 'Deutsch' }).click();
  await b.page.getByRole('heading', { level: 1, name: 'Zeitpläne' }).waitFor();
  check((await b.page.locator('html').getAttribute('lang')) === 'de', 'the page says its language');
  // Why it does not fire, too: sentences of the hub, and the words of whoever paused it as they are.
  const [first] = made;
  await api.post(`/schedules/${first.id}/pause`, { reason: 'Stocktaking' });
  await b.page.goto(`${hub}/schedules/${first.id}`);
  const why = b.page.locator('[data-why]');
  await why.getByText('Stocktaking').waitFor();
  await why.getByText('Keine Wartung').waitFor();
  check((await why.locator('[lang=en]').count()) === 0, 'every sentence of the hub is German');

  for (const each of made) await api.del(`/schedules/${each.id}`, (await api.get(`/schedules/${each.id}`)).revision);
  check(b.complaints.length === 0, `the other window complained: ${b.complaints.join('\n')}`);
  return a;
}
