// What makes it better (UX §12), where no other file tests it: few taps, keys alone, a cut in the middle of a drag, two
// hands on one deal, focus that is seen, every width.
import type { Locator, Page } from '@playwright/test';
import { accessible, expect, hydrated, make, newPage, noSidewaysScroll, open, SIZES, signIn, signUp, test } from '../kit';

const column = (page: Page, name: string) => page.locator(`[data-column][data-title="${name}"]`);
/** By Tab alone, from wherever the focus is. */
async function tabTo(page: Page, what: Locator, key = 'Tab'): Promise<void> {
  await expect(what).toBeVisible();
  for (let n = 0; n < 80; n += 1) {
    if (await what.evaluate(e => e === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${what}`);
}

const stageOf = async (page: Page, name: string): Promise<string> =>
  (await (await page.request.get('/api/v1/stages')).json()).data.find((s: { name: string }) => s.name === name).id;
const dealOf = async (page: Page, id: string) => (await (await page.request.get(`/api/v1/deals/${id}`)).json()).data;

test('with one thumb: a deal, its move, a call and a follow-up in at most four taps each', async ({ browser }) => {
  const { context, page } = await newPage(browser, SIZES.phone, true);
  await signUp(page, 'One thumb');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
  let taps = 0;
  const tap = async (what: Locator) => { taps += 1; await what.tap(); };
  const few = (what: string) => { expect(taps, what).toBeLessThanOrEqual(4); taps = 0; };
  const tabs = page.getByRole('navigation', { name: 'Tabs' });

  await open(page, '/deals');
  await tap(column(page, 'Prospecting').getByRole('textbox', { name: 'New deal in Prospecting' }));
  await page.keyboard.type('Renewal');
  await page.keyboard.press('Enter');
  const card = page.locator('[data-card]', { hasText: 'Renewal' });
  await expect(card).toBeVisible();
  few('a deal');

  await tap(card.getByRole('button', { name: 'Move to…' }));
  await tap(page.getByRole('menuitem', { name: 'Qualification' }));
  await expect(column(page, 'Qualification').locator('[data-card]')).toHaveCount(1);
  few('its move');

  await tap(tabs.getByRole('button', { name: 'Add' }));
  await page.getByRole('dialog').getByRole('textbox').first().fill('Called Ana Lee');
  await page.keyboard.press('Enter');
  await expect(page.locator('.toast').last()).toContainText('Logged: Call');
  await expect.poll(async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.lastContacted).not.toBeNull();
  few('a call');

  await open(page, `/people/${ana}`);
  await tap(page.getByRole('link', { name: 'Details' }));
  await tap(page.getByRole('button', { name: /^Next follow-up/ }));
  await page.getByLabel('Next follow-up').fill('2030-01-05');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Next follow-up: 5 Jan 2030/ })).toBeVisible();
  few('a follow-up');
  await context.close();
});

test('by keys alone, in the colours that the system forces: a deal, its move, a call and a follow-up', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await page.emulateMedia({ forcedColors: 'active' });
  await signUp(page, 'Keys alone');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
  await page.keyboard.press('c');
  await page.keyboard.press('d');
  await page.waitForURL(/new\/deal/);
  await hydrated(page);
  const title = page.locator('#main').getByLabel('Title');
  await tabTo(page, title);
  await page.keyboard.type('Renewal');
  await page.keyboard.press('Enter');
  await page.waitForURL(/deals\/[0-9a-f-]{36}/);
  const id = new URL(page.url()).pathname.split('/').pop()!;
  // Until the record is drawn, the field that sent the form has the focus, and keys are typing.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Renewal');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForURL(/\/deals$/);
  await expect(page.locator(`[data-card="${id}"]`)).toBeVisible();
  await hydrated(page);
  const link = page.locator(`[data-card="${id}"] a`).first();
  await tabTo(page, link);
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(column(page, 'Qualification').locator(`[data-card="${id}"]`)).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('Ana Lee');
  await expect(page.getByRole('option', { name: /Ana Lee/ }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(ana));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ana Lee');
  const follow = page.getByRole('button', { name: /^Next follow-up/ });
  await tabTo(page, page.getByRole('button', { name: /^Show \d+ more fields/ }));
  await page.keyboard.press('Enter');
  await tabTo(page, follow, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Next follow-up' }).fill('2030-01-05');
  await page.keyboard.press('Enter');
  await expect(follow).toHaveText(/5 Jan 2030/);
  await page.keyboard.press('l');
  await page.waitForURL(/\/log\?contact=/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log an interaction');
  const log = page.getByRole('button', { name: 'Log it' });
  await tabTo(page, log);
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.lastContacted).not.toBeNull();
});

test('a network that goes in the middle of a drag takes nothing along: the card stays, a dot says it waits, it arrives once', async ({ page, context, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Cut in a drag');
  await hydrated(page);
  const id = await make(page, 'deals', { title: 'Renewal' });
  await open(page, '/deals');
  const card = page.locator(`[data-card="${id}"]`);
  const start = (await card.boundingBox())!;
  const goal = (await column(page, 'Proposal').boundingBox())!;
  await page.mouse.move(start.x + 40, start.y + 60);
  await page.mouse.down();
  await page.mouse.move(start.x + 90, start.y + 80, { steps: 4 });
  await context.setOffline(true);
  await page.mouse.move(goal.x + 60, goal.y + 120, { steps: 8 });
  await page.mouse.up();
  const there = column(page, 'Proposal').locator(`[data-card="${id}"]`);
  await expect(there).toBeVisible();
  await expect(there.locator('.pending-dot')).toBeVisible();
  await expect(page.locator('.offline.is-shown').first()).toBeVisible();
  const before = (await dealOf(page, id)).version;
  await context.setOffline(false);
  await expect(there.locator('.pending-dot')).toHaveCount(0, { timeout: 20_000 });
  await expect(there).toBeVisible();
  const after = await dealOf(page, id);
  expect([after.version - before, after.stageId]).toEqual([1, await stageOf(page, 'Proposal')]);
  quiet.splice(0); // the browser notes what did not go through
});

test('what changes while a page is on its way is on it', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'On the way');
  await hydrated(page);
  const id = await make(page, 'deals', { title: 'Before' });
  const name = async (version: number, title: string) => {
    const answer = await page.request.patch(`/api/v1/deals/${id}`, { data: { title }, headers: { 'If-Match': `"${version}"`, origin: new URL(page.url()).origin } });
    expect(answer.status()).toBe(200);
  };
  // The page's own code comes late: the change falls between the server's answer and the page's first listener.
  await page.route(/\/pkg\/(?!app).*\.wasm/, async route => { await new Promise(done => setTimeout(done, 1000)); await route.continue(); });
  await page.goto('/deals', { waitUntil: 'commit' });
  await expect(page.locator('[data-card]')).toContainText('Before');
  expect(await page.evaluate(() => document.documentElement.dataset.hydrated)).toBeUndefined();
  await name(1, 'After');
  await expect(page.locator('[data-card]')).toContainText('After');
  // The same on the way from one page to another: what is read comes late.
  await page.unrouteAll({ behavior: 'wait' });
  await open(page, '/people');
  await page.route('**/fn/deals/**', async route => { const answer = await route.fetch(); await new Promise(done => setTimeout(done, 800)); await route.fulfill({ response: answer }); });
  const read = page.waitForRequest('**/fn/deals/**');
  await page.locator('.sidebar').getByRole('link', { name: 'Deals' }).click();
  await read;
  await page.waitForTimeout(300);
  await name(2, 'Later');
  await expect(page.locator('[data-card]')).toContainText('Later');
  // A change that reads the whole board anew does so once.
  await page.unroute('**/fn/deals/**');
  await page.waitForTimeout(1_500);
  let reads = 0;
  page.on('request', asked => { reads += Number(asked.url().includes('/fn/deals/')); });
  const stage = await stageOf(page, 'Proposal');
  const renamed = await page.request.patch(`/api/v1/stages/${stage}`, { data: { name: 'Offer' }, headers: { 'If-Match': '"1"', origin: new URL(page.url()).origin } });
  expect(renamed.status(), await renamed.text()).toBe(200);
  await expect(column(page, 'Offer')).toBeVisible();
  await page.waitForTimeout(1_500);
  expect(reads).toBeLessThanOrEqual(2);
});

test('two hands on one deal: both see one truth in the end, and whoever was late reads why', async ({ page, browser, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  const email = await signUp(page, 'Two hands');
  await hydrated(page);
  const id = await make(page, 'deals', { title: 'Renewal' });
  await open(page, '/deals');
  const other = await newPage(browser, SIZES.desktop);
  await signIn(other.page, email);
  await open(other.page, '/deals');
  // Hers is on its way for a second, and so is what she would hear meanwhile.
  await page.route('**/fn/commands/dispatch', async route => { await new Promise(r => setTimeout(r, 1_500)); await route.continue(); });
  await page.locator(`[data-card="${id}"]`).getByRole('button', { name: 'Move to…' }).click();
  await page.getByRole('menuitem', { name: 'Negotiation' }).click();
  await expect(column(page, 'Negotiation').locator(`[data-card="${id}"]`)).toBeVisible();
  await other.page.locator(`[data-card="${id}"]`).getByRole('button', { name: 'Move to…' }).click();
  await other.page.getByRole('menuitem', { name: 'Proposal' }).click();
  await expect(column(other.page, 'Proposal').locator(`[data-card="${id}"]`)).toBeVisible();
  await expect(page.locator('.toast').last()).toContainText('meanwhile', { timeout: 10_000 });
  // Who was first stays first.
  expect((await dealOf(page, id)).stageId).toBe(await stageOf(page, 'Proposal'));
  for (const p of [page, other.page]) {
    await expect(column(p, 'Proposal').locator(`[data-card="${id}"]`)).toBeVisible();
    await expect(p.locator(`[data-card="${id}"]`)).toHaveCount(1);
  }
  quiet.splice(0); // a refusal is noted by the browser
  await other.context.close();
});

for (const [name, size] of Object.entries(SIZES)) {
  test(`what has the focus is never hidden behind something (${name})`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize(size);
    await signUp(page, 'Focus');
    await hydrated(page);
    const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
    for (let n = 0; n < 12; n += 1) await make(page, 'tasks', { title: `Ring ${n}`, contactId: ana, dueDate: '2026-01-05' });
    await make(page, 'deals', { title: 'Renewal' });
    for (const path of ['/', '/people', `/people/${ana}`, '/deals', '/deals?as=list', '/tasks', '/settings', '/new/contact']) {
      await open(page, path);
      await page.locator('body').evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      const seen = new Set<string>();
      for (let n = 0; n < 70; n += 1) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate(() => {
          const e = document.activeElement as HTMLElement;
          if (!e || e === document.body) return null;
          const r = e.getBoundingClientRect();
          const label = `${e.tagName} ${e.className} ${(e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 40)}`;
          // WCAG 2.4.11: not wholly hidden. Points of its box, and whose they are.
          const points = [0.1, 0.5, 0.9].flatMap(x => [0.1, 0.5, 0.9].map(y => [r.left + r.width * x, r.top + r.height * y]));
          const mine = points.some(([x, y]) => { const at = document.elementFromPoint(x, y); return !!at && (e.contains(at) || at.contains(e) && getComputedStyle(at).position !== 'fixed' || at.closest('label')?.control === e); });
          return { label, mine, box: [r.left, r.top, r.width, r.height].map(Math.round).join(' ') };
        });
        if (!found) break;
        expect.soft(found.mine, `${path}: ${found.label} at ${found.box} is behind something`).toBe(true);
        if (seen.has(found.label + found.box)) break;
        seen.add(found.label + found.box);
      }
      expect(seen.size, path).toBeGreaterThan(5);
    }
  });
}
