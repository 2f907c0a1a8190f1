// A record looked at beside its list; what stands at the thumb; how many a stage should hold and what it asks for.
import { accessible, expect, hydrated, make, newEmail, open, PASSWORD, SIZES, signUp, test } from '../kit';
import type { Page } from '@playwright/test';

/** Samples the focus in every task of the event loop; returns the tag names it was on instead of the row with `text`. */
async function watchFocus(page: Page, text: string) {
  await page.evaluate(wanted => {
    const seen = { looks: 0, astray: [] as string[] };
    (window as unknown as { seen: typeof seen }).seen = seen;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const at = document.activeElement;
      seen.looks += 1;
      if (!at?.matches('.row-link') || !at.textContent?.includes(wanted)) seen.astray.push(at?.tagName ?? '');
      port2.postMessage(0);
    };
    port2.postMessage(0);
  }, text);
  return async () => {
    const { looks, astray } = await page.evaluate(() => (window as unknown as { seen: { looks: number; astray: string[] } }).seen);
    expect(looks).toBeGreaterThan(100);
    return astray;
  };
}

test('Space looks beside the list, the next row takes its place, Escape closes', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Peek');
  await hydrated(page);
  for (const firstName of ['Ada', 'Bea']) await make(page, 'contacts', { firstName, jobTitle: `Title of ${firstName}` });
  await open(page, '/people');
  const panel = page.getByRole('complementary', { name: 'Beside the list' });
  await page.keyboard.press('j');
  await page.keyboard.press('Space');
  await expect(panel).toContainText('Title of Ada');
  await accessible(page);
  await page.keyboard.press('j');
  await expect(panel).toContainText('Title of Bea');
  // Somebody adds a person: the list is drawn anew, and whoever is on a row stays on it.
  const astray = await watchFocus(page, 'Bea');
  for (const firstName of ['Cleo', 'Abe']) await make(page, 'contacts', { firstName });
  await expect(page.locator('.row-link')).toHaveText(['Abe', 'Ada', 'Bea', 'Cleo']);
  await expect(page.locator('.row-link', { hasText: 'Bea' })).toBeFocused();
  expect(await astray()).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await page.keyboard.press('Space');
  await panel.getByRole('link', { name: 'Open' }).click();
  await page.waitForURL(/people\/[0-9a-f-]{36}/);
  await expect(panel).toHaveCount(0);
  // The list of deals keeps the row in hand as well.
  for (const title of ['First', 'Second']) await make(page, 'deals', { title });
  await open(page, '/deals?as=list&sort=title');
  const second = page.locator('.row-link', { hasText: 'Second' });
  await second.focus();
  const deal = await watchFocus(page, 'Second');
  for (const title of ['Third', 'A deal']) await make(page, 'deals', { title });
  await expect(page.locator('.row-link')).toHaveCount(4);
  await expect(second).toBeFocused();
  expect(await deal()).toEqual([]);
  // A phone has no room beside anything: Space scrolls there, as it does.
  await page.setViewportSize(SIZES.phone);
  await open(page, '/people');
  await page.keyboard.press('j');
  await page.keyboard.press('Space');
  await expect(panel).toHaveCount(0);
});

test('the tabs at the thumb are those of what one keeps track of', async ({ page, context }) => {
  await page.setViewportSize(SIZES.phone);
  for (const [template, tabs] of [['sales', ['Today', 'People', 'Deals']], ['lead_sourcing', ['Feed', 'People', 'Pipeline']], ['job_search', ['Today', 'People', 'Jobs']], ['networking', ['Today', 'People', 'Reminders']]] as const) {
    await context.clearCookies();
    await page.goto('/sign-up');
    await page.locator('[name=email]').fill(newEmail());
    await page.locator('[name=password]').fill(PASSWORD);
    await page.locator(`[name=template][value=${template}]`).check();
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL(u => u.pathname === '/');
    await hydrated(page);
    await expect(page.getByRole('navigation', { name: 'Tabs' }).getByRole('link')).toHaveText([...tabs]);
    await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link').last().click();
    await expect(page.locator('h1')).toBeVisible();
    // Whatever is not at the thumb is under More.
    await page.getByRole('button', { name: 'More' }).click();
    const words = [...tabs, ...await page.getByRole('dialog').getByRole('link').allTextContents()].map(w => w.replace('Pipeline', 'Deals').replace('Jobs', 'Deals').replace('Reminders', 'Tasks'));
    for (const place of ['Today', 'People', 'Deals', 'Tasks', 'Companies', 'Feed', 'Dashboard', 'Settings']) expect(words, template).toContain(place);
    await page.goto('about:blank');
  }
});

test('whoever wants other tabs at the thumb chooses them, and has the usual ones back', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Tabs');
  await hydrated(page);
  const tabs = page.getByRole('navigation', { name: 'Tabs' }).getByRole('link');
  await open(page, '/settings/profile');
  await page.getByLabel('Second tab').selectOption('Tasks');
  await page.getByRole('button', { name: 'Use these tabs' }).click();
  await expect(tabs).toHaveText(['Today', 'Tasks', 'Deals']);
  await hydrated(page);
  // What stands in another place changes places with it.
  await page.getByLabel('First tab').selectOption('Deals');
  await expect(page.getByLabel('Third tab')).toHaveValue('0');
  await page.getByRole('button', { name: 'Use these tabs' }).click();
  await expect(tabs).toHaveText(['Deals', 'Tasks', 'Today']);
  await hydrated(page);
  await page.getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('dialog').getByRole('link', { name: 'People', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'As usual' }).click();
  await expect(tabs).toHaveText(['Today', 'People', 'Deals']);
});

test('PIP-05 a stage says how many it should hold, and refuses what lacks a field, on the board', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Limits');
  await hydrated(page);
  const id = await make(page, 'deals', { title: 'Renewal' });
  await make(page, 'deals', { title: 'Other' });
  const stages = (await (await page.request.get('/api/v1/stages')).json()).data as { id: string; name: string }[];
  const stage = (name: string) => stages.find(s => s.name === name)!.id;
  // By hand, on the stage's own page.
  await open(page, `/settings/stages/${stage('Proposal')}`);
  await page.getByRole('button', { name: /^Show \d+ more fields/ }).click();
  await page.getByRole('button', { name: /^Needed before:/ }).click();
  await page.getByRole('checkbox', { name: 'Value' }).check();
  await page.getByRole('group', { name: 'Needed before' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: /^Needed before:/ })).toHaveText('Value');
  await open(page, `/settings/stages/${stage('Prospecting')}`);
  await page.getByRole('button', { name: /^Show \d+ more fields/ }).click();
  await page.getByRole('button', { name: /^Deals at most:/ }).click();
  await page.getByRole('textbox', { name: 'Deals at most' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Deals at most:/ })).toHaveText('1');
  await open(page, '/deals');
  const column = (name: string) => page.locator('.column').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });
  await expect(column('Prospecting').locator('.column__count')).toHaveText('2/1');
  await expect(column('Prospecting').locator('.column__count--over')).toBeVisible();
  // The card goes back with the reason.
  const card = page.locator(`[data-card="${id}"]`);
  await card.locator('a').first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(page.locator('.toast--error')).toContainText('Proposal asks for Value');
  await expect(column('Prospecting').locator(`[data-card="${id}"]`)).toBeVisible();
  // The browser notes the refusal itself.
  quiet.splice(0);
});
