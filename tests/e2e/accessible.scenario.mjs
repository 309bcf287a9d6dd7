import { apiOf, axeSource, check, hub, openWindow, signIn, until } from './harness.mjs';

export const title = 'Every screen and dialog: no axe violation in both themes, fits 390 px, targets of 24 px';

async function quiet(page) {
  await until('the page to have loaded', async () => (await page.locator('[aria-busy=true]').count()) === 0 && (await page.locator('h1').count()) > 0);
}

/** Through evaluate: a script tag would be refused by the content security policy. */
async function axe(page, where) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return result.violations.map((each) => `${each.id}: ${each.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary.split('\n')[1] ?? ''}`).slice(0, 4).join(' | ')}`);
  });
  return violations.map((each) => `${where}: ${each}`);
}

/** Axe passes targets below 24 px that have room around them; a finger does not. Links inside a sentence are exempt. */
async function smallTargets(page, where) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], input:not([type=hidden]), [role=tab], select')]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        if (box.width === 0 || style.visibility === 'hidden' || element.closest('[aria-hidden=true], [inert]')) return false;
        const label = element.closest('label')?.getBoundingClientRect();
        const size = label && label.width > box.width ? label : box;
        const hidden = box.width <= 1 && box.height <= 1 && !label;
        return !hidden && (size.width < 23.5 || size.height < 23.5) && !element.closest('p, .cm-editor');
      })
      .map((element) => element.outerHTML.slice(0, 140)),
  );
  return small.map((each) => `${where}: smaller than 24 px: ${each}`);
}

async function screensOf(window) {
  const api = apiOf(window);
  const [schedules, workflows, runs] = await Promise.all([api.get('/schedules?limit=50'), api.get('/workflows?limit=10'), api.get('/runs?limit=10')]);
  const invalid = schedules.items.find((each) => each.status === 'invalid') ?? schedules.items[0];
  const cron = schedules.items.find((each) => each.timing.kind === 'cron') ?? schedules.items[0];
  const workflow = workflows.items.find((each) => each.schedulable) ?? workflows.items[0];
  const list = [
    ['schedules', '/schedules'],
    ['schedules, nothing found', '/schedules?text=zzzz-nothing'],
    ['new schedule', '/schedules?new=1'],
    ['edit schedule', `/schedules?edit=${cron.id}`],
    ['schedule', `/schedules/${invalid.id}`],
    ['schedule fires', `/schedules/${cron.id}?tab=fires`],
    ['schedule runs', `/schedules/${cron.id}?tab=runs`],
    ['schedule payload', `/schedules/${cron.id}?tab=payload`],
    ['schedule versions', `/schedules/${cron.id}?tab=versions`],
    ['schedule settings', `/schedules/${cron.id}?tab=settings`],
    ['schedule, a moment explained', `/schedules/${cron.id}?at=next`],
    ['runs', '/runs'],
    ['workflows', '/workflows'],
    ['new workflow', '/workflows?new=1'],
    ['workflow draft', `/workflows/${workflow.id}`],
    ['workflow versions', `/workflows/${workflow.id}?tab=versions`],
    ['workflow schema', `/workflows/${workflow.id}?tab=schema`],
    ['system', '/system'],
    ['no such page', '/nowhere'],
    ['no such schedule', '/schedules/00000000-0000-7000-8000-000000000000'],
  ];
  if (runs.items[0]) list.push(['run', `/runs/${runs.items[0].id}`], ['run input', `/runs/${runs.items[0].id}?tab=input`]);
  return { list, workflow };
}

export async function run(browser) {
  const found = [];
  for (const theme of ['light', 'dark']) {
    const plain = await openWindow(browser, { theme });
    await plain.page.goto(`${hub}/sign-in`);
    await quiet(plain.page);
    found.push(...(await axe(plain.page, `${theme}, sign-in`)));
    await plain.context.close();

    const window = await signIn(await openWindow(browser, { theme }));
    const { page, complaints } = window;
    const { list, workflow } = await screensOf(window);
    for (const [name, path] of list) {
      await page.goto(hub + path);
      await quiet(page);
      found.push(...(await axe(page, `${theme}, ${name}`)));
      if (theme === 'light') found.push(...(await smallTargets(page, name)));
    }
    const layers = [
      ['publish dialog', `/workflows/${workflow.id}`, () => page.getByRole('button', { name: 'Publish…' }).click()],
      ['account menu', '/schedules', () => page.getByRole('button', { name: /^Account/ }).click()],
      ['zone menu', '/schedules', () => page.getByRole('button', { name: /^Show times in/ }).click()],
      ['palette', '/schedules', () => page.keyboard.press('Control+K')],
      ['shortcuts', '/schedules', () => page.keyboard.press('?')],
      ['row menu', '/schedules', () => page.locator('[data-row="0"] button[aria-haspopup=menu]').click()],
      ['alerts', '/schedules', () => page.getByRole('button', { name: /open alert/ }).click()],
      ['every policy of a schedule', '/schedules?new=1', async () => {
        await page.getByText('Advanced: limits and policies').click();
        await page.getByRole('radio', { name: 'Catch up afterwards' }).check();
        await page.getByRole('radio', { name: 'Run both' }).check();
      }],
      ['bulk bar', '/schedules', () => page.locator('[data-row="0"] input[type=checkbox]').click()],
    ];
    for (const [name, path, open] of layers) {
      await page.goto(hub + path);
      await quiet(page);
      await open();
      await page.locator('[role=dialog], [role=menu], [role=toolbar]').first().waitFor();
      await quiet(page);
      found.push(...(await axe(page, `${theme}, ${name}`)));
    }
    check(complaints.length === 0, `the browser complained: ${complaints.join('\n')}`);
    await window.context.close();
  }

  const phone = await signIn(await openWindow(browser, { width: 390, height: 844 }));
  for (const [name, path] of (await screensOf(phone)).list) {
    await phone.page.goto(hub + path);
    await quiet(phone.page);
    const over = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) found.push(`390 px, ${name}: ${over} px too wide`);
  }
  check(found.length === 0, `${found.length} findings:\n${found.join('\n')}`);
  return phone;
}
