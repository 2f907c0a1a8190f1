// Several rows at once: chosen, changed together, and taken back together.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`TAG-03 rows are chosen, tagged, given away and deleted together, with one undo each (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Bulk');
    await hydrated(page);
    const ids: string[] = [];
    for (const firstName of ['Ada', 'Bea', 'Cleo', 'Dora', 'Eve']) ids.push(await make(page, 'contacts', { firstName, tags: firstName === 'Bea' ? ['vip'] : [] }));
    await make(page, 'tags', { name: 'gold' });
    await open(page, '/people');
    if (name === 'phone') {
      await expect(page.getByRole('checkbox', { name: 'Select Ada' })).toBeHidden();
      await page.getByRole('button', { name: 'Select', exact: true }).click();
    }
    const names = page.locator('.row-link');
    const bar = page.getByRole('region', { name: 'Chosen rows' });
    // Shift takes all between.
    await page.getByRole('checkbox', { name: 'Select Ada' }).check();
    await page.getByRole('checkbox', { name: 'Select Cleo' }).click({ modifiers: ['Shift'] });
    await expect(bar).toContainText('3 selected');
    await accessible(page);
    await noSidewaysScroll(page);
    await bar.getByRole('button', { name: 'Add tag' }).click();
    await page.getByRole('combobox', { name: 'Tag' }).fill('gol');
    await page.getByRole('option', { name: 'gold', exact: true }).click();
    await expect(page.locator('.toast').last()).toContainText('3 tagged.');
    const tags = async (i: number) => (await (await page.request.get(`/api/v1/contacts/${ids[i]}`)).json()).data.tags;
    expect([await tags(0), await tags(1), await tags(3)]).toEqual([['gold'], ['vip', 'gold'], []]);
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect(page.locator('.toast').last()).toContainText('Undone: 3 changes.');
    expect([await tags(0), await tags(1)]).toEqual([[], ['vip']]);
    // All of them, deleted and taken back by key.
    if (name === 'phone') await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
    await expect(bar).toContainText('5 selected');
    await bar.getByRole('button', { name: 'Delete' }).click();
    await expect(page.locator('.toast').last()).toContainText('5 deleted.');
    await expect(names).toHaveCount(0);
    await page.locator('h1').click();
    await page.keyboard.press('Control+z');
    await expect(names).toHaveText(['Ada', 'Bea', 'Cleo', 'Dora', 'Eve']);
    await page.keyboard.press('Control+Shift+Z');
    await expect(names).toHaveCount(0);
    await page.keyboard.press('Control+z');
    await expect(names).toHaveCount(5);
  });
}

test('a finger held on a row chooses it; a tap opens it, a swipe scrolls', async ({ browser }) => {
  const context = await browser.newContext({ viewport: SIZES.phone, hasTouch: true, isMobile: true, baseURL: process.env.BASE });
  const page = await context.newPage();
  await signUp(page, 'Held');
  await hydrated(page);
  for (const firstName of ['Ada', 'Bea', 'Cleo']) await make(page, 'contacts', { firstName });
  await open(page, '/people');
  const cdp = await context.newCDPSession(page);
  const box = (await page.locator('.row-link').nth(1).boundingBox())!;
  const [x, y] = [box.x + 20, box.y + box.height / 2];
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', px = x, py = y) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: px, y: py }] });
  const bar = page.getByRole('region', { name: 'Chosen rows' });
  // A finger that moves on chooses nothing.
  await touch('touchStart');
  await touch('touchMove', x, y + 40);
  await page.waitForTimeout(600);
  await touch('touchEnd');
  await expect(bar).toBeHidden();
  await touch('touchStart');
  await expect(bar).toContainText('1 selected');
  await touch('touchEnd');
  await expect(bar).toContainText('1 selected');
  await expect(page.getByRole('checkbox', { name: 'Select Bea' })).toBeChecked();
  await expect(page).toHaveURL(/people$/);
  await page.getByRole('checkbox', { name: 'Select Ada' }).check();
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'Choose none' }).click();
  await page.locator('.row-link').nth(1).tap();
  await expect(page.getByRole('heading', { name: 'Bea' })).toBeVisible();
  await context.close();
});

test('keys choose rows; deals move together; the owner is given to all', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Bulk deals');
  await hydrated(page);
  for (const title of ['One', 'Two', 'Three']) await make(page, 'deals', { title });
  await open(page, '/deals?as=list');
  const bar = page.getByRole('region', { name: 'Chosen rows' });
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(bar).toContainText('1 selected');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(bar).toContainText('2 selected');
  await page.keyboard.press('Control+a');
  await expect(bar).toContainText('3 selected');
  // Rows that arrive while the menu is open wait until it is closed.
  let release = () => {};
  const held = new Promise<void>(resolve => { release = resolve; });
  await page.route('**/fn/deals/**', async route => { await held; await route.continue(); });
  const reload = page.waitForRequest('**/fn/deals/**');
  await make(page, 'deals', { title: 'Four' });
  await reload;
  await bar.getByRole('button', { name: 'Move to a stage' }).click();
  const item = page.getByRole('menuitem', { name: 'Negotiation' });
  await expect(item).toBeVisible();
  const rows = page.waitForResponse('**/fn/deals/list**');
  release();
  await (await rows).finished();
  await item.click();
  await page.unrouteAll({ behavior: 'wait' });
  await expect(page.locator('.toast').last()).toContainText('3 moved.');
  await expect(page.getByRole('link', { name: 'Four' })).toBeVisible();
  await expect(page.locator('.table__group')).toHaveCount(2);
  await expect(page.locator('.table__group').last()).toContainText(/Negotiation\s*3/);
  await expect(bar).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select One' }).check();
  await bar.getByRole('button', { name: 'Owner' }).click();
  await page.getByRole('dialog', { name: 'For all chosen rows' }).getByRole('button', { name: 'Leave empty' }).click();
  await expect(page.locator('.toast').last()).toContainText('1 changed.');
  const deals = (await (await page.request.get('/api/v1/deals?q=One')).json()).data;
  expect(deals[0].ownerId).toBeNull();
});
