// Changes without a network: kept in the browser, sent once, by nobody but who made them.
import { accessible, expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

test('fifty changes made offline outlive the page, and are each there once', async ({ page, context, quiet }) => {
  test.setTimeout(120_000);
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Offline');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana' });
  await open(page, `/people/${ana}?tab=details`);
  // The first press brings the parts of the shell, where no service worker has stored them.
  const parts = page.waitForResponse(/pack_shell/);
  await page.locator('#main h1').click();
  await (await parts).finished();
  await context.setOffline(true);
  // A field twice: the second is made from what the first will have left.
  for (const words of ['Buyer', 'Boss']) {
    await page.getByRole('button', { name: /^Job title/ }).click();
    await page.getByRole('textbox', { name: 'Job title' }).fill(words);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^Job title/ })).toContainText(words);
  }
  await page.locator('.tabbar__add').click();
  const line = page.getByRole('textbox', { name: 'What is to be done, or what was' });
  await page.getByLabel('Add another after this').check();
  for (let i = 1; i <= 48; i += 1) {
    await line.fill(`Task ${i}`);
    await line.press('Enter');
  }
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Offline · 50 changes wait' })).toBeVisible();
  await page.getByRole('button', { name: 'Offline · 50 changes wait' }).click();
  const list = page.getByRole('dialog', { name: 'Unsaved changes' });
  await expect(list.getByRole('listitem')).toHaveCount(50);
  await expect(list.getByRole('listitem').first()).toContainText(/^Ana.*Job title: /);
  await accessible(page);
  await list.getByRole('listitem').last().getByRole('button', { name: 'Discard' }).dblclick();
  await expect(list.getByRole('listitem')).toHaveCount(49);
  // The browser goes away, and comes back with the network.
  await page.close();
  quiet.splice(0);
  await context.setOffline(false);
  const later = await context.newPage();
  await later.goto('/');
  await expect(later.locator('.toast')).toContainText('49 earlier changes were saved.', { timeout: 30_000 });
  const titles = async () => {
    const rows = (await (await later.request.get('/api/v1/tasks?limit=200')).json()).data as { title: string }[];
    return rows.map(r => r.title).sort();
  };
  const expected = Array.from({ length: 47 }, (_, i) => `Task ${i + 1}`).sort();
  expect(await titles()).toEqual(expected);
  expect((await (await later.request.get(`/api/v1/contacts/${ana}`)).json()).data.jobTitle).toBe('Boss');
  await later.reload();
  await hydrated(later);
  await later.waitForTimeout(500);
  expect(await titles()).toEqual(expected);
});

test('a change whose answer was lost is not made twice', async ({ page, context, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Lost answer');
  await hydrated(page);
  await page.route('**/fn/commands/dispatch', async route => {
    await route.fetch();
    await route.abort();
  });
  await page.locator('.sidebar__add').click();
  const line = page.getByRole('textbox', { name: 'What is to be done, or what was' });
  await line.fill('Only once');
  await line.press('Enter');
  await expect(page.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible();
  quiet.splice(0);
  await page.close();
  const later = await context.newPage();
  await later.goto('/');
  await expect(later.locator('.toast')).toContainText('1 earlier change was saved.');
  const rows = (await (await later.request.get('/api/v1/tasks')).json()).data as { title: string }[];
  expect(rows.map(r => r.title)).toEqual(['Only once']);
});

test('what waits is nobody else\'s: signing out asks first, and another person finds nothing', async ({ page, context, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Mine');
  await hydrated(page);
  await page.route('**/fn/commands/dispatch', route => route.abort());
  await page.locator('.sidebar__add').click();
  const line = page.getByRole('textbox', { name: 'What is to be done, or what was' });
  await line.fill('My secret plan');
  await line.press('Enter');
  await expect(page.getByRole('button', { name: 'Offline · 1 change waits' })).toBeVisible();
  const asked: string[] = [];
  page.on('dialog', dialog => { asked.push(dialog.message()); return asked.length === 1 ? dialog.dismiss() : dialog.accept(); });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toContain('1 change is not saved yet');
  await expect(page).toHaveURL(/\/$/);
  // Somebody else on the same browser, without a signing out: the session went, the outbox is locked and then wiped.
  await context.clearCookies();
  const other = await context.newPage();
  await signUp(other, 'Theirs');
  await hydrated(other);
  // The page that is still open, and tries again and again, is theirs from now on.
  await page.unroute('**/fn/commands/dispatch');
  await expect(page.getByText('Theirs').first()).toBeVisible();
  await other.waitForTimeout(2_000);
  quiet.splice(0);
  expect(await other.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith('outbox:')).length)).toBe(0);
  expect((await (await other.request.get('/api/v1/tasks')).json()).data).toEqual([]);
});

test('an answer that comes after its page is gone breaks nothing', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Late answers');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana' });
  const deal = await make(page, 'deals', { title: 'Renewal' });
  await page.route('**/fn/commands/dispatch', async route => { await new Promise(r => setTimeout(r, 700)); await route.continue(); });
  await open(page, `/people/${ana}`);
  await page.getByRole('textbox', { name: 'What happened?' }).fill('Went well');
  await page.getByRole('button', { name: 'Log it' }).click();
  await page.getByRole('link', { name: 'Deals', exact: true }).first().click();
  await expect(page.locator('.toast').last()).toContainText('Logged: Call with Ana.');
  const card = page.locator(`[data-card="${deal}"]`);
  await card.getByRole('button', { name: 'Move to…' }).click();
  await page.getByRole('menuitem', { name: 'Proposal' }).click();
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click();
  await expect(page.locator('.toast').last()).toContainText('to Proposal');
  await page.getByRole('link', { name: 'Feed', exact: true }).first().click();
  await expect(page.locator('.event').first()).toContainText('moved Renewal');
  await page.keyboard.press('Control+z');
  await expect(page.locator('.toast').last()).toContainText('Undone.');
});
