// The main job: import, board, move by mouse, touch, keyboard and menu, undo, second browser, figures.
import type { CDPSession, Page } from '@playwright/test';
import { expect, hydrated, importAll, newPage, open, SIZES, signIn, signUp, test } from '../kit';

test.describe.configure({ mode: 'serial' });

let email: string;
let real: boolean;

const column = (page: Page, name: string) => page.locator(`[data-column][data-title="${name}"]`);
const count = async (page: Page, name: string) => Number((await column(page, name).locator('.column__count').innerText()).replace(/,/g, ''));

test('sign up and import a sales history', async ({ page }) => {
  email = await signUp(page, 'Journey');
  real = await importAll(page);
  await open(page, '/deals');
  expect(await count(page, 'Prospecting')).toBe(real ? 500 : 50);
  await expect(column(page, 'Closed Won')).toContainText(real ? 'Σ $10M' : 'Σ $');
});

test('the figures are those of the files', async ({ page }) => {
  await signIn(page, email);
  await open(page, '/analytics');
  const tile = (label: string) => page.locator('.tile', { has: page.locator('.tile__label', { hasText: new RegExp(`^${label}$`) }) });
  const expected: Record<string, string> = real
    ? { Deals: '8,800', Open: '2,089', Won: '4,238', Lost: '2,473', 'Win rate': '63.15 %', 'Average won deal': '$2,360.91', 'Sales cycle': '51.78 days' }
    : { Deals: '400', Open: '100', Won: '200', Lost: '100', 'Win rate': '66.67 %' };
  for (const [label, value] of Object.entries(expected)) await expect(tile(label).locator('.tile__value')).toHaveText(value);
  if (real) await expect(tile('Won').locator('.tile__note')).toHaveText('$10,005,534');
  await page.locator('summary', { hasText: 'View data' }).first().click();
  await expect(page.getByRole('rowheader', { name: 'Closed Won' })).toBeVisible();
});

test('a card dragged by mouse stays, shows in the second browser at once, and is undone', async ({ page, browser }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  const other = await newPage(browser, SIZES.desktop);
  await signIn(other.page, email);
  await hydrated(other.page);
  const [from, to] = [await count(page, 'Prospecting'), await count(page, 'Proposal')];
  const card = column(page, 'Prospecting').locator('[data-card]').nth(1);
  const id = await card.getAttribute('data-card');
  const start = (await card.boundingBox())!;
  const goal = (await column(page, 'Proposal').boundingBox())!;
  await page.mouse.move(start.x + 40, start.y + 60);
  await page.mouse.down();
  await page.mouse.move(goal.x + 60, goal.y + 120, { steps: 12 });
  await expect(page.locator('.drag-overlay')).toBeVisible();
  await page.mouse.up();
  const moved = (p: Page, name: string) => column(p, name).locator(`[data-card="${id}"]`);
  await expect(moved(page, 'Proposal')).toBeVisible();
  await expect(moved(other.page, 'Proposal')).toBeVisible({ timeout: 1_000 });
  expect(await count(page, 'Prospecting')).toBe(from - 1);
  expect(await count(page, 'Proposal')).toBe(to + 1);
  await expect(page).toHaveURL(/\/deals$/);
  await expect(page.locator('.toast')).toContainText('to Proposal');
  await page.reload();
  await hydrated(page);
  await expect(moved(page, 'Proposal')).toBeVisible();

  // The menu twin, then undo from its message: first in the page, then seen by the other browser.
  await moved(page, 'Proposal').getByRole('button', { name: 'Move to…' }).click();
  await page.locator('#move-menu').getByRole('menuitem', { name: 'Negotiation' }).click();
  await expect(moved(page, 'Negotiation')).toBeVisible();
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await expect(moved(page, 'Proposal')).toBeVisible();
  await expect(moved(other.page, 'Proposal')).toBeVisible();
  await other.context.close();

  await open(page, `/deals/${id}`);
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('moved');
  await open(page, '/feed');
  await expect(page.locator('.event').first()).toContainText('moved');
});

test('the keyboard lifts, steers and drops', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  const card = column(page, 'Prospecting').locator('[data-card]').first();
  const id = await card.getAttribute('data-card');
  await card.getByRole('link').focus();
  await page.keyboard.press('Space');
  await expect(page.getByText(/^Lifted .* 1 of \d+\. Arrow keys move it/)).toBeAttached();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^Qualification, 1 of/)).toBeAttached();
  await page.keyboard.press('Space');
  await expect(column(page, 'Qualification').locator(`[data-card="${id}"]`)).toBeVisible();
  await expect(column(page, 'Qualification').locator(`[data-card="${id}"] a`)).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(column(page, 'Prospecting').locator(`[data-card="${id}"]`)).toBeVisible();
  // Escape leaves everything as it was.
  await column(page, 'Prospecting').locator(`[data-card="${id}"] a`).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Escape');
  await expect(column(page, 'Prospecting').locator(`[data-card="${id}"]`)).toBeVisible();
});

async function touch(cdp: CDPSession, type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number, y?: number): Promise<void> {
  await cdp.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: y! }] });
}

test('a finger holds, drags to the next column and drops; a short swipe scrolls', async ({ browser }) => {
  const { context, page } = await newPage(browser, SIZES.phone, true);
  await signIn(page, email);
  await hydrated(page);
  const cdp = await context.newCDPSession(page);
  const card = column(page, 'Prospecting').locator('[data-card]').first();
  await card.scrollIntoViewIfNeeded();
  const id = await card.getAttribute('data-card');
  const now = (await card.boundingBox())!;
  await touch(cdp, 'touchStart', now.x + 60, now.y + 60);
  await expect(page.locator('.drag-overlay')).toBeVisible();
  // Rest at the edge until the next column snaps in, then drop on it.
  for (let i = 0; i < 14; i += 1) {
    await touch(cdp, 'touchMove', 352, now.y + 60 + (i % 2));
    await page.waitForTimeout(60);
  }
  await touch(cdp, 'touchMove', 180, now.y + 60);
  const target = page.locator('[data-column].is-over:not([data-title="Prospecting"])');
  await expect(target).toHaveCount(1);
  const over = await target.getAttribute('data-title');
  await touch(cdp, 'touchEnd');
  await expect(column(page, over!).locator(`[data-card="${id}"]`)).toBeAttached();
  await page.reload();
  await hydrated(page);
  await expect(column(page, over!).locator(`[data-card="${id}"]`)).toBeAttached();
  // No hold: the finger scrolls and nothing is lifted.
  const next = (await column(page, 'Prospecting').locator('[data-card]').first().boundingBox())!;
  await touch(cdp, 'touchStart', next.x + 60, next.y + 60);
  await touch(cdp, 'touchMove', next.x + 60, next.y + 20);
  await touch(cdp, 'touchMove', next.x + 60, next.y - 20);
  await expect(page.locator('.drag-overlay')).toHaveCount(0);
  await touch(cdp, 'touchEnd');
  await context.close();
});

test('a refused move goes back with its reason', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  await page.route('**/fn/commands/dispatch', route => route.fulfill({ status: 409, contentType: 'application/json', body: JSON.stringify({ Conflict: 'Bea changed Stage to “Closed Won” meanwhile.' }) }));
  const card = column(page, 'Prospecting').locator('[data-card]').nth(2);
  const id = await card.getAttribute('data-card');
  await card.getByRole('button', { name: 'Move to…' }).click();
  await page.locator('#move-menu').getByRole('menuitem', { name: 'Proposal' }).click();
  await expect(page.locator('.toast--error')).toContainText('Bea changed Stage');
  await expect(column(page, 'Prospecting').locator(`[data-card="${id}"]`)).toBeVisible();
  // The browser notes the failed request itself; nothing else was said.
  expect(quiet.splice(0).every(m => m.includes('409'))).toBe(true);
});

test('live: what changed while the connection was cut comes after it is back', async ({ page, browser }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  const other = await newPage(browser, SIZES.desktop);
  await signIn(other.page, email);
  await hydrated(other.page);
  await other.context.setOffline(true);
  await page.waitForTimeout(300);
  const names = ['Cut A', 'Cut B', 'Cut C'];
  for (const name of names) {
    await column(page, 'Negotiation').getByLabel('New deal in Negotiation').fill(name);
    await page.keyboard.press('Enter');
    await expect(column(page, 'Negotiation').locator(`[data-card][data-title="${name}"]`)).toBeVisible();
  }
  await other.context.setOffline(false);
  for (const name of names) await expect(column(other.page, 'Negotiation').locator(`[data-card][data-title="${name}"]`)).toBeVisible({ timeout: 20_000 });
  await other.context.close();
});

test('a lost deal asks for its reason after the fact, on the board and on its page', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  const card = column(page, 'Prospecting').locator('[data-card]').first();
  const id = await card.getAttribute('data-card');
  await card.getByRole('button', { name: 'Move to…' }).click();
  // By keyboard from here: the first action has the focus, a letter finds the one that is meant.
  await expect(page.locator('#move-menu').getByRole('menuitem').first()).toBeFocused();
  await expect(page.locator('#move-menu').getByRole('menuitem', { name: 'Prospecting' })).toHaveCount(0);
  await page.keyboard.press('End');
  await expect(page.locator('#move-menu').getByRole('menuitem', { name: 'Closed Lost' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.locator('.toast').getByRole('button', { name: 'No budget' }).click();
  await expect(page.locator('.toast')).toContainText('Reason noted.');
  await open(page, `/deals/${id}`);
  await expect(page.getByRole('button', { name: /^Reason for won or lost: No budget/ })).toBeVisible();
  await expect(page.locator('.step--won.is-reached')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Next stage' })).toHaveCount(0);
});

test('one stream serves all tabs of a browser, and passes on when its tab closes', async ({ browser }) => {
  const { context, page } = await newPage(browser, SIZES.desktop);
  await signIn(page, email);
  await hydrated(page);
  await expect(page.locator('html')).toHaveAttribute('data-live', 'leader');
  const second = await context.newPage();
  const streams: string[] = [];
  second.on('request', r => { if (r.url().includes('/live')) streams.push(r.url()); });
  await open(second, '/deals');
  await expect(second.locator('html')).toHaveAttribute('data-live', 'follower');
  const add = async (where: Page, name: string) => {
    await column(where, 'Negotiation').getByLabel('New deal in Negotiation').fill(name);
    await where.keyboard.press('Enter');
  };
  const other = await newPage(browser, SIZES.desktop);
  await signIn(other.page, email);
  await hydrated(other.page);
  await add(other.page, 'Heard by both');
  for (const p of [page, second]) await expect(column(p, 'Negotiation').locator('[data-title="Heard by both"]')).toBeVisible();
  // It looked once for what it had missed, and holds no stream of its own.
  expect(streams.length).toBe(1);
  await page.close();
  await expect(second.locator('html')).toHaveAttribute('data-live', 'leader');
  await add(other.page, 'Heard by the heir');
  await expect(column(second, 'Negotiation').locator('[data-title="Heard by the heir"]')).toBeVisible();
  await other.context.close();
  await context.close();
});

test('coming back to a list puts one where one was', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signIn(page, email);
  await open(page, '/deals?as=list');
  await page.evaluate(() => window.scrollTo(0, 900));
  await page.waitForTimeout(200);
  await page.locator('.table tbody tr').nth(25).getByRole('link').first().click();
  await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible();
  await page.goBack();
  await expect(page.locator('.table tbody tr').nth(25)).toBeVisible();
  await expect.poll(() => page.evaluate(() => Math.round(window.scrollY))).toBe(900);
});
