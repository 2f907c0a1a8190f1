// One truth in a tab: what is changed in one place is what every other place says, at once; what is refused is taken back there.
import { expect, hydrated, make, open, SIZES, signUp, test } from '../kit';
import type { Page, Route } from '@playwright/test';

const change = async (page: Page, field: string, words: string) => {
  await page.getByRole('button', { name: new RegExp(`^${field}:`) }).click();
  await page.getByRole('textbox', { name: field }).fill(words);
  await page.keyboard.press('Enter');
};
/** A server that takes its time, until it is told to go on; it may refuse the first of what it held. */
const slow = async (page: Page): Promise<(first?: 'refuse') => Promise<void>> => {
  let held: Route[] | undefined = [];
  await page.route('**/fn/commands/dispatch', route => held ? void held.push(route) : route.continue());
  return async first => {
    const waiting = held ?? [];
    held = undefined;
    if (first) await waiting.shift()!.fulfill({ status: 409, contentType: 'application/json', body: JSON.stringify({ Conflict: 'Bea changed Stage to “Closed Won” meanwhile.' }) });
    for (const route of waiting) await route.continue();
  };
};
const row = (page: Page) => page.locator('tbody tr', { hasText: 'Lee' });

test('what is changed on a record is what its lists say before the server knows, and a refused change goes from both', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'One truth');
  await hydrated(page);
  const acme = await make(page, 'companies', { name: 'Acme' });
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee', jobTitle: 'Buyer', companyId: acme });
  await open(page, `/people/${ana}`);
  const go = await slow(page);
  await change(page, 'First name', 'Beate');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Beate Lee');
  await change(page, 'Job title', 'Chief');
  await page.locator('.sidebar').getByRole('link', { name: 'People' }).click();
  await expect(row(page).locator('.row-link')).toHaveText('Beate Lee');
  await expect(row(page)).toContainText('Chief');
  await page.locator('.sidebar').getByRole('link', { name: 'Companies' }).click();
  await page.getByRole('link', { name: 'Acme' }).click();
  await expect(page.getByRole('region', { name: 'Related' })).toContainText('Beate Lee');
  expect((await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data).toMatchObject({ firstName: 'Ana', jobTitle: 'Buyer' });
  // Somebody else has another word for the second field meanwhile: theirs is newer than what that change was made from.
  const theirs = await page.request.patch(`/api/v1/contacts/${ana}`, { data: { jobTitle: 'Director' }, headers: { 'If-Match': '"1"', origin: new URL(page.url()).origin } });
  expect(theirs.status(), await theirs.text()).toBe(200);
  await page.locator('.sidebar').getByRole('link', { name: 'People' }).click();
  await expect(row(page)).toContainText('Chief');
  // The server goes on: the name stands, the job title is theirs.
  await go();
  await expect(row(page)).toContainText('Director');
  await expect(row(page).locator('.row-link')).toHaveText('Beate Lee');
  await expect(page.locator('.toast')).toContainText('Job title');
  // The browser tells of the refusal as well.
  quiet.splice(0);
  await expect.poll(async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data).toMatchObject({ firstName: 'Beate', jobTitle: 'Director' });
});

test('a refused change takes back itself and nothing that came after it', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Refused');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee', location: 'Rome' });
  await open(page, `/people/${ana}`);
  await page.getByRole('button', { name: /^Show \d+ more/ }).click();
  const go = await slow(page);
  await change(page, 'Location', 'Paris');
  // Somebody else changes the same field, and one more.
  const theirs = await page.request.patch(`/api/v1/contacts/${ana}`, { data: { location: 'Oslo', jobTitle: 'Buyer' }, headers: { 'If-Match': '"1"', origin: new URL(page.url()).origin } });
  expect(theirs.status(), await theirs.text()).toBe(200);
  await expect(page.getByRole('button', { name: /^Job title: Buyer/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Location: Paris/ })).toBeVisible();
  await go();
  // Not Rome again, which was here when the change was made.
  await expect(page.getByRole('button', { name: /^Location: Oslo/ }).or(page.getByRole('textbox', { name: 'Location' }))).toBeVisible();
  await expect(page.locator('.conflict')).toContainText('Oslo');
  quiet.splice(0);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('button', { name: /^Job title: Buyer/ })).toBeVisible();
});

test('a board that is opened while a move is on its way shows it where it was put, and takes it back when it is refused', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'On its way');
  await hydrated(page);
  for (const title of ['First', 'Second', 'Third']) await make(page, 'deals', { title, value: '100' });
  await open(page, '/deals');
  const column = (name: string) => page.locator(`[data-column][data-title="${name}"]`);
  const cards = (name: string) => column(name).locator('.deal-card__link');
  const sums = (name: string) => column(name).locator('.column__sums');
  const begin = await cards('Prospecting').allTextContents();
  const go = await slow(page);
  for (const title of begin.slice(0, 2)) {
    await page.locator('[data-card]', { hasText: title }).getByRole('button', { name: 'Move to…' }).click();
    await page.locator('#move-menu').getByRole('menuitem', { name: 'Qualification' }).click();
    await expect(page.locator('#move-menu')).toBeHidden();
    // The card takes the focus along.
    await expect(cards('Qualification').filter({ hasText: title })).toBeFocused();
  }
  const moved = [begin[1], begin[0]];
  await expect(cards('Qualification')).toHaveText(moved);
  await expect(sums('Qualification')).toContainText('Σ $200');
  await page.locator('.sidebar').getByRole('link', { name: 'Today' }).click();
  await expect(page.getByRole('heading', { name: 'Today', level: 1 })).toBeVisible();
  await page.locator('.sidebar').getByRole('link', { name: 'Deals' }).click();
  await expect(cards('Qualification')).toHaveText(moved);
  await expect(sums('Qualification')).toContainText('Σ $200weighted $50');
  await expect(cards('Prospecting')).toHaveText([begin[2]]);
  // The list says the same.
  await page.getByRole('link', { name: 'List', exact: true }).click();
  await expect(page.locator('tbody tr').first()).toContainText('Prospecting 1Σ $100');
  await expect(page.locator('tbody tr').nth(1)).toContainText(begin[2]);
  await expect(page.locator('tbody tr').nth(2)).toContainText('Qualification 2Σ $200weighted $50');
  await expect(page.locator('tbody tr')).toHaveCount(5);
  await page.getByRole('link', { name: 'Board', exact: true }).click();
  await expect(cards('Qualification')).toHaveText(moved);
  // The first is refused, as if the server had a reason; the second is saved.
  await go('refuse');
  await expect(page.locator('.toast--error')).toContainText('Bea changed Stage');
  quiet.splice(0);
  await expect(cards('Qualification')).toHaveText([begin[1]]);
  await expect(cards('Prospecting')).toHaveText([begin[0], begin[2]]);
  await expect(sums('Qualification')).toContainText('Σ $100');
  await expect(sums('Prospecting')).toContainText('Σ $200');
  await page.reload();
  await hydrated(page);
  await expect(cards('Qualification')).toHaveText([begin[1]]);
});

test('what is refused comes back to Today, and a snooze stays where it was put', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Answered');
  await hydrated(page);
  const today = new Date().toISOString().slice(0, 10);
  await make(page, 'tasks', { title: 'Ring Ana', dueDate: today });
  await open(page, '/');
  const row = page.locator('.today-row', { hasText: 'Ring Ana' });
  const tabs = page.locator('.tabbar');
  const away = async () => {
    await tabs.getByRole('link', { name: 'People' }).click();
    await expect(page.getByRole('heading', { name: 'People', level: 1 })).toBeVisible();
    await tabs.getByRole('link', { name: 'Today' }).click();
    await expect(page.getByRole('heading', { name: 'Today', level: 1 })).toBeVisible();
  };
  let go = await slow(page);
  await row.getByRole('button', { name: 'Done' }).click();
  await away();
  await expect(page.getByText('0 open tasks')).toBeVisible();
  await expect(row).toHaveCount(0);
  await go('refuse');
  await expect(page.locator('.toast--error')).toBeVisible();
  quiet.splice(0);
  await expect(row).toBeVisible();
  await page.unroute('**/fn/commands/dispatch');
  go = await slow(page);
  await row.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('menuitem', { name: 'Tomorrow' }).click();
  await away();
  await expect(row).toHaveCount(0);
  await go();
  await expect(page.locator('.toast').last()).toContainText('comes back');
  await away();
  await expect(row).toHaveCount(0);
});

test('news waits while a menu is open, and comes when it is closed', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'In hand');
  await hydrated(page);
  const today = new Date().toISOString().slice(0, 10);
  await make(page, 'tasks', { title: 'Ring Ana', dueDate: today });
  const bea = await make(page, 'contacts', { firstName: 'Bea' });
  await open(page, '/');
  await page.locator('.today-row', { hasText: 'Ring Ana' }).getByRole('button', { name: 'Later' }).click();
  const tomorrow = page.getByRole('menuitem', { name: 'Tomorrow' }).filter({ visible: true });
  await expect(tomorrow).toBeVisible();
  await make(page, 'tasks', { title: 'Write Bea', dueDate: today });
  await page.waitForTimeout(1_000);
  await expect(tomorrow).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.today-row', { hasText: 'Write Bea' })).toBeVisible();
  // The timeline of a record, and its menus.
  await make(page, 'notes', { body: 'Likes tea', contactId: bea });
  await open(page, `/people/${bea}`);
  await page.getByRole('article').getByRole('button', { name: 'More actions' }).click();
  const pin = page.getByRole('menuitem', { name: 'Pin on top' });
  await expect(pin).toBeVisible();
  await make(page, 'notes', { body: 'And rain', contactId: bea });
  await page.waitForTimeout(1_000);
  await expect(pin).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('article')).toHaveCount(2);
});

test('a page whose rows were all deleted is no empty list while there are more, and an owner is read by name at once', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Many');
  await hydrated(page);
  const me = (await (await page.request.get('/api/v1/members')).json()).data[0];
  const ids: string[] = [];
  for (let n = 0; n < 52; n += 1) ids.push(await make(page, 'contacts', { firstName: `P${String(n).padStart(2, '0')}`, ownerId: null }));
  await open(page, '/people');
  const go = await slow(page);
  await page.getByRole('checkbox', { name: 'Select P00' }).check();
  await page.getByRole('button', { name: 'Owner', exact: true }).click();
  await page.getByRole('combobox').fill(me.name);
  await page.getByRole('option', { name: me.name }).click();
  await expect(page.locator('tbody tr').first()).toContainText(me.name);
  await page.locator('.row-link').first().click();
  await expect(page.getByRole('button', { name: /^Owner/ })).toContainText(me.name);
  await page.goBack();
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.row-link')).toHaveCount(0);
  await expect(page.getByText('Nobody here yet')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Next page' })).toBeVisible();
  await go();
  await expect(page.locator('.row-link')).toHaveText(['P50', 'P51'], { timeout: 30_000 });
});
