// One truth in a tab: what is changed in one place is what every other place says, at once; what is refused is taken back there.
import { expect, hydrated, make, open, SIZES, signUp, test } from './kit';
import type { Page, Route } from '@playwright/test';

const change = async (page: Page, field: string, words: string) => {
  await page.getByRole('button', { name: new RegExp(`^${field}:`) }).click();
  await page.getByRole('textbox', { name: field }).fill(words);
  await page.keyboard.press('Enter');
};
/** A server that takes its time, until it is told to go on. */
const slow = async (page: Page): Promise<() => Promise<void>> => {
  let held: Route[] | undefined = [];
  await page.route('**/fn/commands/dispatch', route => held ? void held.push(route) : route.continue());
  return async () => { const waiting = held ?? []; held = undefined; for (const route of waiting) await route.continue(); };
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
  await expect(page.locator('.toast')).toContainText('Oslo');
  quiet.splice(0);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('button', { name: /^Job title: Buyer/ })).toBeVisible();
});
