// Saved views: a list as one sees it, under a name, for oneself or for everybody.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`a list is saved as one sees it, found again, shared, renamed, deleted and brought back (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Views');
    await hydrated(page);
    for (const [firstName, tags] of [['Ada', ['vip']], ['Bea', []], ['Cleo', ['vip']]] as const) await make(page, 'contacts', { firstName, tags });
    await open(page, '/people');
    const bar = page.getByRole('navigation', { name: 'Saved views' });
    const names = page.locator('.row-link');
    // Nothing is narrowed and nothing saved: nothing in the way.
    await expect(bar).toHaveCount(0);
    await open(page, '/people?tag=vip&sort=-created');
    await expect(names).toHaveText(['Cleo', 'Ada']);
    await bar.getByRole('button', { name: 'Save view' }).click();
    const sheet = page.getByRole('dialog', { name: 'Save view' });
    await sheet.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(sheet).toContainText('Give the view a name.');
    await sheet.getByLabel('Name of the view').fill('Important');
    await accessible(page);
    await page.keyboard.press('Enter');
    await expect(page.locator('.toast').last()).toContainText('Saved the view Important.');
    await expect(bar.getByRole('link', { name: 'Important' })).toHaveAttribute('aria-current', 'page');
    await expect(bar.getByRole('button', { name: 'Save view' })).toHaveCount(0);
    await noSidewaysScroll(page);
    await accessible(page);
    // From the whole list with one tap, by the address alone.
    await bar.getByRole('link', { name: 'All' }).click();
    await expect(names).toHaveText(['Ada', 'Bea', 'Cleo']);
    await bar.getByRole('link', { name: 'Important' }).click();
    await expect(names).toHaveText(['Cleo', 'Ada']);
    expect(new URL(page.url()).search).toBe('?sort=-created&tag=vip');
    // A view of one list is no view of another.
    await open(page, '/companies');
    await expect(bar).toHaveCount(0);
    await open(page, '/people?tag=vip&sort=-created&src=app');
    const menu = bar.getByRole('button', { name: 'What to do with the view Important' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Share with everybody' }).click();
    await expect(bar.getByRole('link', { name: /Important\s*shared/ })).toBeVisible();
    await menu.click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await sheet.getByLabel('Name of the view').fill('Dear to us');
    await page.keyboard.press('Enter');
    await expect(bar.getByRole('link', { name: /Dear to us/ })).toBeVisible();
    await bar.getByRole('button', { name: /What to do with the view/ }).click();
    await page.getByRole('menuitem', { name: 'Delete the view' }).click();
    await expect(bar.getByRole('link')).toHaveCount(0);
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect(bar.getByRole('link', { name: /Dear to us/ })).toBeVisible();
    // The same over the board and over tasks.
    for (const [path, words] of [['/deals?status=open', 'Open ones'], ['/tasks?show=done', 'What was done']]) {
      await open(page, path);
      await bar.getByRole('button', { name: 'Save view' }).click();
      await sheet.getByLabel('Name of the view').fill(words);
      await page.keyboard.press('Enter');
      await expect(bar.getByRole('link', { name: words })).toHaveAttribute('aria-current', 'page');
      await noSidewaysScroll(page);
    }
  });
}

test('the colour of a workspace is seen while it is chosen, kept, and everybody has it from the first paint on', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Colours');
  await open(page, '/settings/workspace');
  const hue = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--brand-h').trim());
  const slider = page.getByRole('slider', { name: 'Colour' });
  await expect(slider).toHaveValue('274');
  await slider.fill('150');
  expect(await hue()).toBe('150');
  await accessible(page);
  await noSidewaysScroll(page);
  // Not saved: the next page is as it was.
  await open(page, '/people');
  expect(await hue()).toBe('274');
  await open(page, '/settings/workspace');
  await slider.fill('150');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('body')).toContainText('Saved.');
  await open(page, '/people');
  expect(await hue()).toBe('150');
  const html = await (await page.request.get('/people')).text();
  expect(html).toMatch(/<style nonce="[^"]+">:root\{--brand-h:150\}<\/style>/);
  const wrong = await page.request.post('/do/workspace/save', { form: { name: 'Colours', timeZone: 'UTC', hue: '360' }, headers: { origin: new URL(page.url()).origin } });
  expect(await wrong.text()).toContain('The colour must be a hue between 0 and 359');
});

test('light, dark and dense are this browser\u2019s, and painted by the server', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await page.emulateMedia({ colorScheme: 'light' });
  await signUp(page, 'Look');
  await make(page, 'contacts', { firstName: 'Ana' });
  await open(page, '/settings/profile');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await background()).not.toBe(light);
  await accessible(page);
  await page.getByRole('radio', { name: 'Dense' }).check();
  await open(page, '/people');
  const dark = await background();
  expect(dark).not.toBe(light);
  expect(await (await page.request.get('/people')).text()).toContain('data-theme="dark" data-density="compact"');
  const height = async () => (await page.locator('tbody tr').first().boundingBox())!.height;
  const dense = await height();
  await accessible(page);
  await open(page, '/settings/profile');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await page.getByRole('radio', { name: 'As the device' }).check();
  await page.getByRole('radio', { name: 'Roomy' }).check();
  await open(page, '/people');
  expect(await background()).toBe(light);
  expect(await height()).toBeGreaterThan(dense);
});

test('columns are left out and come back, by the address, and a view keeps them', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Columns');
  await hydrated(page);
  await make(page, 'contacts', { firstName: 'Ada', emails: ['ada@x.test'], phones: ['+49 30 1234567'] });
  await open(page, '/people?sort=-created');
  const heads = page.locator('thead th[scope=col]:not(.table__check)');
  await expect(heads).toHaveText(['Name', 'Company', 'E-mail', 'Phone', 'Warmth', 'Last contact', 'Owner']);
  await page.locator('.columns summary', { hasText: 'Columns' }).click();
  await page.getByRole('link', { name: 'Leave out Phone' }).click();
  await expect(heads).toHaveText(['Name', 'Company', 'E-mail', 'Warmth', 'Last contact', 'Owner']);
  await page.getByRole('link', { name: 'Leave out Company' }).click();
  await expect(heads).toHaveText(['Name', 'E-mail', 'Warmth', 'Last contact', 'Owner']);
  expect(new URL(page.url()).searchParams.get('hide')).toBe('company,phone');
  await accessible(page);
  // It stays through a search and a reload, and what is gone is gone from the rows too.
  await page.getByRole('searchbox').fill('ada');
  await page.waitForURL(/q=ada/);
  await page.reload();
  await hydrated(page);
  await expect(heads).toHaveCount(5);
  await expect(page.locator('tbody')).not.toContainText('1234567');
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name of the view').fill('Short');
  await page.keyboard.press('Enter');
  await open(page, '/people');
  await expect(heads).toHaveCount(7);
  await page.getByRole('link', { name: 'Short' }).click();
  await expect(heads).toHaveCount(5);
  await page.locator('.columns summary', { hasText: 'Columns' }).click();
  await page.getByRole('link', { name: 'Show Phone' }).click();
  await expect(page.locator('tbody')).toContainText('1234567');
});
