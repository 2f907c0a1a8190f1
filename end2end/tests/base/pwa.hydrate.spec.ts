// The installed program: it starts without a network, shows what was kept, and loses and doubles nothing.
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { line, type Line } from '../between';
import { accessible, expect, hydrated, make, open, PASSWORD, SIZES, signUp, test } from '../kit';

test.use({ serviceWorkers: 'allow' });

let way: Line;
test.beforeEach(async () => { way = await line(process.env.BASE!); });
test.afterEach(async () => { await way.cut().catch(() => undefined); });

/** The program's files and the working set are in the browser. */
async function kept(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-kept', 'yes', { timeout: 30_000 });
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
}

async function start(context: BrowserContext, workspace: string): Promise<{ page: Page; email: string }> {
  const page = await context.newPage();
  await page.setViewportSize(SIZES.phone);
  const email = await signUp(page, workspace);
  await hydrated(page);
  return { page, email };
}

test('the working set is read, written and walked through without a network, and all of it arrives once', async ({ browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow' });
  const { page } = await start(context, 'Bus');
  const ana = await make(page, 'contacts', { firstName: 'Ana', jobTitle: 'Buyer' });
  await make(page, 'deals', { title: 'Renewal' });
  await page.goto(`/people/${ana}?tab=details`);
  await kept(page);
  await way.cut();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Ana', level: 1 })).toBeVisible({ timeout: 30_000 });
  await expect(page).toHaveURL(new RegExp(`/people/${ana}`));
  await expect(page.getByRole('button', { name: /Offline · as it was at/ })).toBeVisible();
  await accessible(page);
  // Edits of one field, each made from what the one before will have left.
  for (const words of ['Boss', 'Chief']) {
    await page.getByRole('button', { name: /^Job title/ }).click();
    await page.getByRole('textbox', { name: 'Job title' }).fill(words);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^Job title/ })).toContainText(words);
  }
  await page.locator('.tabbar__add').click();
  await page.getByLabel('Add another after this').check();
  const capture = page.getByRole('textbox', { name: 'What is to be done, or what was' });
  for (let i = 1; i <= 48; i += 1) {
    await capture.fill(`Task ${i}`);
    await capture.press('Enter');
  }
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Offline · 50 changes wait' })).toBeVisible();
  // Through the program by its own links: other pages, and back.
  await page.locator('.tabbar').getByRole('link', { name: 'Deals' }).click();
  await expect(page.locator('[data-card]')).toContainText('Renewal');
  await page.locator('.tabbar').getByRole('link', { name: 'People' }).click();
  await expect(page.locator('.row-link')).toHaveText(['Ana']);
  // Once more from nothing: what waits is still there.
  await page.goto(`/people/${ana}?tab=details`);
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Chief');
  await page.goto('/tasks');
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Offline · 50 changes wait' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Waits for the network' }).getByRole('listitem')).toHaveCount(48);
  await way.mend();
  await expect(page.locator('.toast')).toContainText('50 earlier changes were saved.', { timeout: 60_000 });
  const titles = ((await (await page.request.get('/api/v1/tasks?limit=200')).json()).data as { title: string }[]).map(r => r.title).sort();
  expect(titles).toEqual(Array.from({ length: 48 }, (_, i) => `Task ${i + 1}`).sort());
  expect((await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.jobTitle).toBe('Chief');
  await context.close();
});

test('a page that shows what was stored, or could show nothing, reads itself again when the server is back', async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow' });
  const { page } = await start(context, 'Again');
  const ana = await make(page, 'contacts', { firstName: 'Ana', jobTitle: 'Buyer' });
  await page.goto(`/people/${ana}?tab=details`);
  await kept(page);
  const bea = await make(page, 'contacts', { firstName: 'Bea' });
  await way.cut();
  // A change waits, and the page that is opened next was never read by this browser.
  await page.getByRole('button', { name: /^Job title/ }).click();
  await page.getByRole('textbox', { name: 'Job title' }).fill('Boss');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible();
  await page.goto(`/people/${bea}`);
  await expect(page.getByText('The server could not be reached.')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible();
  await way.mend();
  await expect(page.getByRole('heading', { name: 'Bea', level: 1 })).toBeVisible({ timeout: 30_000 });
  await expect.poll(async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.jobTitle, { timeout: 30_000 }).toBe('Boss');
  // Out of the store, and back.
  await kept(page);
  await way.cut();
  await page.locator('.tabbar').getByRole('link', { name: 'People' }).click();
  await expect(page.getByRole('button', { name: /Offline · as it was at/ })).toBeVisible({ timeout: 30_000 });
  // The head of the page is not under the bar.
  const bar = (await page.locator('.offline.is-shown').boundingBox())!;
  const heading = (await page.getByRole('heading', { level: 1 }).boundingBox())!;
  expect(heading.y).toBeGreaterThanOrEqual(bar.y + bar.height);
  await way.mend();
  await expect(page.locator('.offline.is-shown')).toHaveCount(0, { timeout: 30_000 });
  await context.close();
});

test('what was changed without a network is what every page says, also after it was opened anew', async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow' });
  const { page } = await start(context, 'Lift');
  const today = new Date().toISOString().slice(0, 10);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
  const task = await make(page, 'tasks', { title: 'Ring Ana', dueDate: today });
  const deal = await make(page, 'deals', { title: 'Renewal', value: '1000' });
  await page.goto(`/people/${ana}?tab=details`);
  await kept(page);
  await way.cut();
  await page.getByRole('button', { name: /^Last name/ }).click();
  await page.getByRole('textbox', { name: 'Last name' }).fill('Long');
  await page.keyboard.press('Enter');
  const tabs = page.locator('.tabbar');
  await tabs.getByRole('link', { name: 'Deals' }).click();
  const second = page.locator('[data-column][data-title="Qualification"]');
  await page.locator('[data-card]').getByRole('button', { name: 'Move to…' }).click();
  await page.getByRole('menuitem', { name: 'Qualification' }).click();
  await expect(second.locator('[data-card]')).toContainText('Renewal');
  await tabs.getByRole('link', { name: 'Today' }).click();
  await page.getByRole('link', { name: /open task/ }).click();
  await page.getByRole('checkbox', { name: /Ring Ana/ }).click();
  await expect(page.getByRole('button', { name: 'Offline · 3 changes wait' })).toBeVisible();
  // From nothing, page by page.
  await page.goto('/people');
  await expect(page.locator('.row-link')).toHaveText(['Ana Long'], { timeout: 30_000 });
  await page.goto('/deals');
  await expect(second.locator('[data-card]')).toContainText('Renewal');
  await expect(second.locator('.column__count')).toHaveText('1');
  await expect(second.locator('.column__sums')).toContainText('$1,000');
  await page.goto('/tasks');
  await expect(page.getByRole('checkbox', { name: /Ring Ana/ })).toHaveAttribute('aria-checked', 'true');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Today', level: 1 })).toBeVisible();
  await expect(page.getByText('Ring Ana')).toHaveCount(0);
  await page.goto(`/deals/${deal}`);
  await expect(page.locator('.step [aria-current=step]')).toHaveText('Qualification');
  await way.mend();
  await expect(page.locator('.toast')).toContainText('3 earlier changes were saved.', { timeout: 60_000 });
  const of = async (path: string) => (await (await page.request.get(`/api/v1/${path}`)).json()).data;
  expect((await of(`contacts/${ana}`)).lastName).toBe('Long');
  expect((await of(`tasks/${task}`)).completedAt).not.toBeNull();
  await expect(page.locator('.step [aria-current=step]')).toHaveText('Qualification');
  await context.close();
});

test('a browser killed while it was offline comes back with what waited; a newer server in between changes nothing of that', async () => {
  test.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'rapport-browser-'));
  const launch = () => chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'], baseURL: way.url, viewport: SIZES.phone, serviceWorkers: 'allow',
  });
  try {
    let context = await launch();
    await kept((await start(context, 'Killed')).page);
    // Closed once as one does: a browser writes its cookies in its own time.
    await context.close();
    context = await launch();
    const page = await context.newPage();
    await page.goto('/');
    await kept(page);
    await way.cut();
    await page.locator('.tabbar__add').click();
    const capture = page.getByRole('textbox', { name: 'What is to be done, or what was' });
    await capture.fill('Water the plants');
    await capture.press('Enter');
    await expect(page.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible();
    // What was typed is written by the browser in its own time.
    await page.waitForTimeout(6_000);
    execFileSync('pkill', ['-9', '-f', folder]);
    await context.close().catch(() => undefined);
    context = await launch();
    const again = await context.newPage();
    await again.goto('/');
    await expect(again.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible({ timeout: 30_000 });
    way.upgrade();
    await way.mend();
    await expect(again.locator('.toast')).toContainText('1 earlier change was saved.', { timeout: 60_000 });
    const tasks = async () => ((await (await again.request.get('/api/v1/tasks')).json()).data as { title: string }[]).map(t => t.title);
    expect(await tasks()).toEqual(['Water the plants']);
    // The newer version is told of, and taken when somebody says so.
    await again.reload();
    await again.getByRole('button', { name: 'Use it' }).click({ timeout: 30_000 });
    await again.waitForEvent('load');
    await hydrated(again);
    await expect(again.getByText('A new version is here.')).toBeHidden();
    expect(await again.evaluate(async () => (await caches.keys()).length)).toBe(1);
    expect(await tasks()).toEqual(['Water the plants']);
    await context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('nothing of one person is left for the next one in the same browser, and no page or answer lies in a cache', async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow' });
  const { page } = await start(context, 'First');
  const secret = await make(page, 'contacts', { firstName: 'Secretive' });
  await page.goto(`/people/${secret}`);
  await kept(page);
  const stored = async (of: Page) => of.evaluate(async () => {
    const seen: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((yes, no) => { const r = indexedDB.open(name!); r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
      for (const store of database.objectStoreNames) {
        const rows = await new Promise<unknown[]>((yes, no) => { const r = database.transaction(store).objectStore(store).getAll(); r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
        seen.push(...rows.map(r => JSON.stringify(r)));
      }
      database.close();
    }
    return seen.join('\n') + JSON.stringify({ ...localStorage });
  });
  expect(await stored(page)).toContain('Secretive');
  const cached = await page.evaluate(async () => {
    const out: [string, string][] = [];
    for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) out.push([new URL(r.url).pathname, (await (await caches.match(r))!.headers.get('content-type')) ?? '']);
    return out;
  });
  expect(cached.length).toBeGreaterThan(10);
  expect(cached.filter(([path, type]) => path !== '/offline' && !path.startsWith('/public/words.') && (type.includes('html') || type.includes('json')))).toEqual([]);
  // Somebody else signs in without the first one having signed out.
  await page.context().clearCookies();
  await page.goto('/sign-up');
  await page.getByLabel('E-mail').fill(`second-${Date.now()}@rapport.test`);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByLabel(/workspace/).fill('Second');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(u => u.pathname === '/');
  await kept(page);
  expect(await stored(page)).not.toContain('Secretive');
  await way.cut();
  await page.goto(`/people/${secret}`);
  await expect(page.getByText('could not be reached')).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('body')).not.toContainText('Secretive');
  await way.mend();
  // Signing out takes everything along, the kept files too.
  await page.goto('/');
  await hydrated(page);
  await page.locator('.tabbar').getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/sign-in/);
  expect(await page.evaluate(async () => [(await indexedDB.databases()).length, localStorage.length, (await caches.keys()).length])).toEqual([0, 0, 0]);
  await context.close();
});

test('the manifest says what an installed program needs; what is shared to it becomes a line to finish', async ({ page }) => {
  const manifest = await (await page.request.get('/public/manifest.webmanifest')).json();
  expect(manifest).toMatchObject({ id: '/', scope: '/', display: 'standalone' });
  expect(manifest.shortcuts.length).toBe(4);
  await signUp(page, 'Installed');
  for (const icon of manifest.icons) {
    const answer = await page.request.get(icon.src);
    expect([icon.src, answer.status(), answer.headers()['content-type']]).toEqual([icon.src, 200, icon.type]);
  }
  for (const shortcut of manifest.shortcuts) expect((await page.request.get(shortcut.url)).status()).toBe(200);
  const { action, params } = manifest.share_target;
  await page.goto(`${action}?${params.title}=${encodeURIComponent('Call Ana tomorrow')}&${params.url}=${encodeURIComponent('https://example.org')}`);
  await expect(page.getByRole('textbox', { name: 'What is to be done, or what was' })).toHaveValue('Call Ana tomorrow https://example.org');
  expect(new URL(page.url()).search).toBe('');
});

test('a file opened with the program is brought in, and the icon says how many wait', async ({ page }) => {
  await signUp(page, 'Opened');
  await hydrated(page);
  await page.addInitScript(() => {
    const badges: number[] = [];
    Object.assign(navigator, { setAppBadge: (n: number) => { badges.push(n); return Promise.resolve(); } });
    // What a system hands over when somebody opens a file with the installed program.
    const file = new File(['firstName\nAda\n'], 'people.csv', { type: 'text/csv' });
    Object.defineProperty(globalThis, 'launchQueue', { value: { setConsumer: (take: (p: object) => void) => {
      if (location.pathname === '/import') take({ files: [{ getFile: () => Promise.resolve(file) }] });
    } } });
    Object.assign(globalThis, { badges });
  });
  await make(page, 'tasks', { title: 'Ring', dueDate: '2020-01-05' });
  await open(page, '/');
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { badges: number[] }).badges.at(-1))).toBe(1);
  await open(page, '/import');
  await expect.poll(() => page.locator('main input[type=file]').evaluate((i: HTMLInputElement) => i.files?.[0]?.name)).toBe('people.csv');
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/import\/[0-9a-f-]{36}/);
  const manifest = await (await page.request.get('/public/manifest.webmanifest')).json();
  expect(manifest.file_handlers[0].action).toBe('/import');
});
