// What all specs share: a new workspace, its files, a clean console, an accessible page.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const PASSWORD = 'correct horse battery';
export const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } } as const;

let counter = 0;
export function newEmail(): string {
  counter += 1;
  return `p${process.pid}-${Date.now()}-${counter}@rapport.test`;
}

/** One request and the first page: how the form of sign-up feels is the business of `basics` and `start`. */
export async function signUp(page: Page, workspace: string): Promise<string> {
  const email = newEmail();
  await enter(page, '/sign-up', { email, password: PASSWORD, workspace, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  await page.goto('/');
  return email;
}

export async function signIn(page: Page, email: string): Promise<void> {
  await enter(page, '/sign-in', { email, password: PASSWORD });
  await page.goto('/deals');
}

async function enter(page: Page, path: string, form: Record<string, string>): Promise<void> {
  const answer = await page.request.post(path, { form, headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 });
  expect(answer.status(), await answer.text()).toBe(303);
}

/** Files of a sales history: the real ones where they lie beside the repository, else made by our tools. */
export function salesFiles(): { folder: string; real: boolean } {
  const real = process.env.REAL_DATA;
  if (real) return { folder: real, real: true };
  // Each worker makes its own: one must not read what another is writing.
  const folder = join(process.env.FIXTURES!, process.env.TEST_PARALLEL_INDEX ?? '0');
  mkdirSync(folder, { recursive: true });
  if (!readdirSync(folder).includes('sales_pipeline.csv')) execFileSync(process.env.TOOL!, ['fixtures', 'sales', folder]);
  return { folder, real: false };
}

export async function importFile(page: Page, file: string): Promise<void> {
  await page.goto('/import');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await hydrated(page);
  await page.getByRole('button', { name: /^Import [\d,]+ rows/ }).click();
  await expect(page.locator('.page__head .chip')).toHaveText('done', { timeout: 60_000 });
}

export async function importAll(page: Page): Promise<boolean> {
  const { folder, real } = salesFiles();
  for (const file of ['accounts.csv', 'products.csv', 'sales_teams.csv', 'sales_pipeline.csv']) await importFile(page, join(folder, file));
  return real;
}

/** The page's wasm has taken over: a listener of ours answers. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.hydrated === 'yes' && !document.querySelector('.board:not([data-ready])'), null, { timeout: 20_000 });
}

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** Makes a record through the interface that programs use, as the person signed in. */
export async function make(page: Page, plural: string, data: object): Promise<string> {
  const answer = await page.evaluate(async ([path, body]) => {
    const r = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return { status: r.status, text: await r.text() };
  }, [`/api/v1/${plural}`, JSON.stringify(data)]);
  expect(answer.status, answer.text).toBe(201);
  return JSON.parse(answer.text).data.id;
}

/** What the pages of a context write on their consoles, and their errors. */
function listen(context: BrowserContext): string[] {
  const said: string[] = [];
  context.on('page', page => {
    page.on('console', m => {
      // Said by the test runner, which keeps service workers out where they are not what is tested.
      if (!m.text().includes('registration blocked by Playwright')) said.push(`${page.url()} ${m.type()}: ${m.text()}`);
    });
    page.on('pageerror', e => said.push(`${page.url()} error: ${e.message}`));
  });
  return said;
}

export type Watched = { page: Page; said: string[] };

/** A page shared by several tests, with its console messages. */
export async function watched(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ baseURL: process.env.BASE, serviceWorkers: 'block' });
  const said = listen(context);
  return { page: await context.newPage(), said };
}

/** Fails the test on any console message or error of the page. */
export const test = base.extend<{ quiet: string[] }>({
  quiet: [async ({ context }, use) => {
    const said = listen(context);
    await use(said);
    expect(said, 'messages on the console').toEqual([]);
  }, { auto: true }],
});

/** Axe checks. `rules` limits the run to these rules, `within` to one element, where the rest of the page was checked before. */
export async function accessible(page: Page, { rules, within }: { rules?: string[]; within?: string } = {}): Promise<void> {
  // Legacy mode evaluates in the page itself. The default mode opens a second page per run to merge the results of iframes;
  // these pages have none.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (within) axe.include(within);
  const found = await (rules ? axe.withRules(rules) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])).analyze();
  expect(found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)).toEqual([]);
}

export async function noSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const clipped = (e: Element): boolean => {
      for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return true;
      return false;
    };
    const out = [...document.body.querySelectorAll('*')].filter(e => {
      if (clipped(e)) return false;
      const r = e.getBoundingClientRect();
      return r.width > 0 && (r.right > root.clientWidth + 0.5 || r.left < -0.5);
    });
    return [`${location.pathname} by ${root.scrollWidth - root.clientWidth}`, ...out.slice(0, 5).map(e => `${e.tagName}.${e.className}`)];
  });
  expect(over, 'the page scrolls sideways').toEqual([]);
}

export async function newPage(browser: Browser, size: { width: number; height: number }, touch = false): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: size, hasTouch: touch });
  return { context, page: await context.newPage() };
}

/** Another member of the workspace of `page`, by an invitation: Bea Lee, on a page of her own. */
export async function colleague(browser: Browser, page: Page, size: { width: number; height: number } = SIZES.desktop): Promise<{ context: BrowserContext; page: Page }> {
  await open(page, '/settings/people');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('Link').inputValue();
  const bea = await newPage(browser, size);
  await bea.page.goto(new URL(link).pathname);
  await bea.page.getByLabel('Your name').fill('Bea Lee');
  await bea.page.getByLabel('E-mail').fill(newEmail());
  await bea.page.locator('[name=password]').fill(PASSWORD);
  await bea.page.getByRole('button', { name: 'Join' }).click();
  await bea.page.waitForURL(u => u.pathname === '/');
  return bea;
}

export { expect };
