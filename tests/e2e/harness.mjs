// What every scenario stands on. Waiting is always for a condition, never for a time.
import { createServer } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../web/ui/package.json', import.meta.url));
const { chromium } = require('playwright-core');
export const axeSource = require('axe-core').source;

// No default: scenarios create and delete, so whoever runs them says where.
export const hub = process.env.CARILLON_URL?.replace(/\/$/, '') ?? '';
const email = process.env.CARILLON_EMAIL ?? 'admin@acme.example';
const password = process.env.CARILLON_PASSWORD ?? 'carillon';
export const out = process.env.CARILLON_E2E_OUT ?? mkdtempSync(join(tmpdir(), 'carillon-e2e-'));

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

/** Asks again until the answer is truthy. Says what it waited for, and the last error, when it gives up. */
export async function until(what, ask, timeout = 15_000) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (cause) {
      last = cause;
    }
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for: ${what}${last ? ` (${last.message})` : ''}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CARILLON_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
}

/** A window of its own: cookies, zone, theme; every complaint of the browser is kept in `complaints`. */
export async function openWindow(browser, { theme = 'light', locale = 'en-GB', zone = 'Europe/Berlin', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale, timezoneId: zone, colorScheme: theme, reducedMotion: 'reduce' });
  await context.addCookies([{ name: 'theme', value: theme, url: hub }]);
  const complaints = [];
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    const text = message.text();
    // A refused request is what some scenarios are about; Chromium logs each as an error.
    if (message.type() === 'error' && !/Failed to load resource/.test(text)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints };
}

export async function signIn(window) {
  const { page } = window;
  await page.goto(`${hub}/sign-in`);
  await page.getByLabel('Email').fill(email);
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/schedules');
  return window;
}

/** The API with the session of this window. */
export function apiOf(window) {
  const call = async (method, path, body, headers = {}) => {
    const response = await window.context.request.fetch(`${hub}/api/v1${path}`, { method, data: body, headers: { 'X-Carillon-Csrf': '1', Origin: hub, ...headers } });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : null;
    if (!response.ok()) throw Object.assign(new Error(`${method} ${path} → ${response.status()} ${text.slice(0, 300)}`), { status: response.status(), problem: answer });
    return answer;
  };
  return { get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, body), patch: (path, body, revision) => call('PATCH', path, body, { 'If-Match': `"${revision}"` }), put: (path, body, revision) => call('PUT', path, body, { 'If-Match': `"${revision}"` }), del: (path, revision) => call('DELETE', path, undefined, { 'If-Match': `"${revision}"` }) };
}

/** An HTTP endpoint that keeps what it was sent, with the time of arrival. */
export async function openSink() {
  const received = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    received.push({ at: Date.now(), body: text ? JSON.parse(text) : null, headers: request.headers });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"accepted":true}');
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${server.address().port}/orders`, received, close: () => new Promise((closed) => server.close(closed)) };
}

export const unique = (name) => `${name} ${Date.now().toString(36)}${Math.floor(Math.random() * 1e4).toString(36)}`;
