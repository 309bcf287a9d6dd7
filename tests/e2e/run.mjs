// node tests/e2e/run.mjs [name…] — see README.md
import { join } from 'node:path';
import { check, hub, launch, out } from './harness.mjs';
import { fileOf, scenarioNames } from './scenarios.mjs';

const files = scenarioNames(process.argv.slice(2)).map(fileOf);
if (!hub) {
  console.error('Set CARILLON_URL to the hub to test. Scenarios create and delete things there.');
  process.exit(2);
}
const ready = await fetch(`${hub}/readyz`).catch(() => null);
if (!ready) {
  console.error(`No hub answers at ${hub}. Start one there first.`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const file of files) {
  const { title, run } = await import(`./${file}`);
  const started = Date.now();
  const browser = await launch();
  try {
    const window = await run(browser);
    check(window.complaints.length === 0, `the browser complained: ${window.complaints.join('\n')}`);
    passed += 1;
    console.log(`ok    ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (cause) {
    failed += 1;
    console.log(`FAIL  ${title}\n      ${String(cause.message).replaceAll('\n', '\n      ')}`);
    let index = 0;
    for (const context of browser.contexts()) for (const page of context.pages()) await page.screenshot({ path: join(out, `${file}.${index++}.png`) }).catch(() => undefined);
    console.log(`      screenshots: ${out}`);
  } finally {
    await browser.close();
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
