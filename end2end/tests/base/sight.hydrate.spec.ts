// Who sees a record, and what goes back by one tap: asked first where more is lost or shown than it looks like.
import { colleague, expect, hydrated, make, newPage, open, SIZES, signUp, test } from '../kit';
import type { Page } from '@playwright/test';

const choose = async (page: Page, field: string) => page.getByRole('button', { name: new RegExp(`^${field}:`) }).click();

test('a choice that must be made offers no empty one, and choosing from a list touches nothing behind it', async ({ browser }) => {
  const { context, page } = await newPage(browser, SIZES.phone, true);
  await signUp(page, 'Choices');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', visibility: 'private' });
  await open(page, `/people/${ana}?tab=details`);
  const more = page.getByRole('button', { name: /^Show \d+ more/ });
  if (await more.isVisible()) await more.tap();
  for (const field of ['Visible to', 'Status']) {
    await choose(page, field);
    await expect(page.getByRole('combobox', { name: field }).locator('option[value=""]')).toHaveCount(0);
    await page.keyboard.press('Escape');
  }
  // What may be empty still may.
  await choose(page, 'Prefers');
  await expect(page.getByRole('combobox', { name: 'Prefers' }).locator('option[value=""]')).toHaveCount(1);
  await page.keyboard.press('Escape');
  // The rest of a tap on a choice is not a tap on what comes up in its place.
  await choose(page, 'Owner');
  await page.getByRole('option').first().tap();
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await open(page, '/new/task');
  await expect(page.getByLabel('Priority')).toHaveValue('medium');
  await expect(page.getByLabel('Priority').locator('option[value=""]')).toHaveCount(0);
  await context.close();
});

test('a record that goes out of sight says so where its page is open, and whoever takes it out of their own sight is asked', async ({ page, browser, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Out of sight');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
  const me = (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.ownerId as string;
  const bea = await colleague(browser, page);
  await open(bea.page, `/people/${ana}`);
  await open(page, `/people/${ana}`);
  await page.getByRole('button', { name: /^Show \d+ more/ }).click();
  if (!me) {
    await choose(page, 'Owner');
    await page.getByRole('option').filter({ hasNotText: 'Bea' }).first().click();
  }
  await choose(page, 'Visible to');
  await page.getByRole('combobox', { name: 'Visible to' }).selectOption('private');
  await expect(page.getByRole('button', { name: /^Visible to: Owner only/ })).toBeVisible();
  await bea.page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
  await expect(bea.page.locator('#main')).toContainText('You can no longer see this record.', { timeout: 15_000 });
  await bea.page.getByRole('link', { name: 'Back to the list' }).click();
  await bea.page.waitForURL(u => u.pathname === '/people');
  // Handed over, it is out of the giver's own sight.
  const asked: string[] = [];
  let answer = false;
  page.on('dialog', dialog => { asked.push(dialog.message()); return answer ? dialog.accept() : dialog.dismiss(); });
  const hand = async () => {
    await choose(page, 'Owner');
    await page.getByRole('option', { name: 'Bea Lee' }).click();
  };
  await hand();
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toContain('You will no longer see this record');
  await expect(page.getByRole('heading', { name: 'Ana Lee', level: 1 })).toBeVisible();
  answer = true;
  await hand();
  await expect(page.locator('#main')).toContainText('You can no longer see this record.', { timeout: 15_000 });
  quiet.splice(0);
  await bea.context.close();
});

test('an import is taken back from the feed as on its page: what goes is said first; and an admin who shows what somebody hid is asked', async ({ page, browser, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Taken back');
  await hydrated(page);
  await page.getByRole('button', { name: 'Try with sample data' }).click();
  await expect(page.locator('.toast').last()).toContainText('The sample data is here.', { timeout: 30_000 });
  await open(page, '/feed');
  const line = page.locator('.event', { hasText: 'imported' }).first();
  await line.getByRole('button', { name: 'Undo' }).click();
  const sheet = page.getByRole('dialog', { name: 'Undo this import' });
  await expect(sheet).toContainText('This goes: 60 people');
  await sheet.getByRole('button', { name: 'Keep everything' }).click();
  expect((await (await page.request.get('/api/v1/contacts')).json()).data.length).toBeGreaterThan(0);
  await line.getByRole('button', { name: 'Undo' }).click();
  await sheet.getByRole('button', { name: 'Undo this import' }).click();
  await expect(page.locator('.toast').last()).toContainText('Undone.', { timeout: 30_000 });
  expect((await (await page.request.get('/api/v1/contacts')).json()).data).toEqual([]);
  // What is brought back is back.
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
  await open(page, `/people/${ana}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.toast').last()).toContainText('It is back.');
  const bea = await colleague(browser, page);
  const hers = await make(bea.page, 'contacts', { firstName: 'Secretive' });
  const version = (await (await bea.page.request.get(`/api/v1/contacts/${hers}`)).json()).data.version as number;
  const hid = await bea.page.request.patch(`/api/v1/contacts/${hers}`, { data: { visibility: 'private' }, headers: { 'If-Match': `"${version}"`, origin: new URL(page.url()).origin } });
  expect(hid.status(), await hid.text()).toBe(200);
  await open(page, '/feed');
  const hidden = page.locator('.event', { hasText: 'made a record private' }).first();
  const asked: string[] = [];
  page.on('dialog', dialog => { asked.push(dialog.message()); return dialog.dismiss(); });
  await hidden.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toContain('Everyone will see it again');
  expect((await (await bea.page.request.get(`/api/v1/contacts/${hers}`)).json()).data.visibility).toBe('private');
  quiet.splice(0);
  await bea.context.close();
});

test('an import that is brought back on its page leaves no offer to undo its undoing', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Back and forth');
  await hydrated(page);
  await page.getByRole('button', { name: 'Try with sample data' }).click();
  await expect(page.locator('.toast').last()).toContainText('The sample data is here.', { timeout: 30_000 });
  await open(page, '/import');
  await page.locator('#main').getByRole('link', { name: 'Sample data' }).click();
  await expect(page.getByRole('heading', { name: 'Sample data', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Undo this import' }).click();
  const sheet = page.getByRole('dialog', { name: 'Undo this import' });
  await expect(sheet).toContainText('Sample records are removed even if they were edited.');
  await sheet.getByRole('button', { name: 'Undo this import' }).click();
  const gone = page.locator('.toast', { hasText: 'The import is taken back.' });
  await expect(gone).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(gone).toHaveCount(0);
  await expect(page.locator('.toast', { hasText: 'It is back.' })).toBeVisible({ timeout: 30_000 });
});

test('nobody is offered what they may not do', async ({ page, browser }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Rights');
  await hydrated(page);
  const bea = await colleague(browser, page);
  await open(page, '/settings/people');
  await expect(page.getByText('You are the only owner. Make somebody else an owner first.')).toBeVisible();
  await expect(page.getByText('Leave', { exact: true })).toHaveCount(0);
  await page.getByLabel('Role of Bea Lee').selectOption('viewer');
  await page.locator('.person', { hasText: 'Bea Lee' }).getByRole('button', { name: 'Set' }).click();
  await expect(page.getByLabel('Role of Bea Lee')).toHaveValue('viewer');
  await open(bea.page, '/import');
  await expect(bea.page.locator('#main .error-box')).toContainText('Your role does not allow this.');
  await expect(bea.page.locator('input[type=file]')).toHaveCount(0);
  await open(bea.page, '/tasks');
  await expect(bea.page.getByText('Nothing to do.', { exact: true })).toBeVisible();
  await open(bea.page, '/');
  await expect(bea.page.getByText('Log a call or a meeting')).toHaveCount(0);
  await bea.context.close();
});
