// Without wasm: sign up, sign in, create a contact, create a deal, move its stage.
import { expect, newEmail, PASSWORD, SIZES, test } from '../kit';

test.use({ javaScriptEnabled: false, viewport: SIZES.phone });

test('the core works with plain links and forms', async ({ page }) => {
  const email = newEmail();
  await page.goto('/sign-up');
  await page.getByLabel('E-mail').fill(email);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByLabel(/workspace/).fill('Plain');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(u => u.pathname === '/');
  await page.goto('/new/contact');
  await page.getByLabel('Last name').fill('Lee');
  await page.getByLabel('E-mail').fill('not an address');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('First name is needed')).toBeVisible();
  await expect(page.getByLabel('Last name')).toHaveValue('Lee');
  await page.getByLabel('First name').fill('Ana');
  await page.getByLabel('E-mail').fill('ana@x.test');
  await page.getByLabel('Company').fill('Globex');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Ana Lee' })).toBeVisible();
  // On a narrow screen the company stands under another tab, which is a plain link.
  const related = page.getByRole('link', { name: 'Deals and tasks' });
  if (await related.isVisible()) await related.click();
  await expect(page.getByRole('link', { name: 'Globex' })).toBeVisible();

  await page.goto('/new/deal');
  await page.getByLabel('Title').fill('Renewal');
  await page.getByLabel('Value').fill('1,200.50');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Renewal' })).toBeVisible();
  await page.getByLabel('Move to').selectOption({ label: 'Proposal' });
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(page.locator('[aria-current=step]')).toHaveText('Proposal');
  await page.goto('/deals');
  await expect(page.locator('[data-title="Proposal"]').getByText('$1,200.50').first()).toBeVisible();

  await page.context().clearCookies();
  await page.goto('/people');
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.getByLabel('E-mail').fill(email);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(u => u.pathname === '/people');
  await expect(page.getByRole('link', { name: 'Ana Lee' })).toBeVisible();
});

test('a wrong password and a weak one are told', async ({ page, quiet }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(newEmail());
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('E-mail or password is wrong.');
  await page.goto('/sign-up');
  await page.getByLabel('E-mail').fill(newEmail());
  await page.locator('[name=password]').fill('password1');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('among the first that somebody would guess')).toBeVisible();
  // The browser notes the answer's status (422) itself; nothing else was said.
  expect(quiet.splice(0).every(m => m.includes('422'))).toBe(true);
});
