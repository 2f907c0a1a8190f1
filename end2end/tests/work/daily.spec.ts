// Daily work without wasm: an interaction and a task are plain forms, and Today shows them.
import { expect, SIZES, signUp, test } from '../kit';

test.use({ javaScriptEnabled: false, viewport: SIZES.phone });

test('INT-03 an interaction is logged and a task added with plain forms', async ({ page }) => {
  await signUp(page, 'Plain days');
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await expect(page.getByText('Nobody is waiting.')).toBeVisible();
  await page.goto('/new/contact');
  await page.getByLabel('First name').fill('Ana');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('radiogroup', { name: 'Type' }).getByText('Call', { exact: true }).click();
  await page.getByLabel('What happened?').fill('Talked about the offer');
  await page.getByText('Outcome, next step, follow-up').click();
  await page.getByLabel('Outcome').selectOption('positive');
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByRole('heading', { name: 'Call' })).toBeVisible();
  await page.goto('/feed');
  await expect(page.getByText('logged Call')).toBeVisible();
  await page.goto('/tasks');
  await page.getByLabel('New task').fill('Send the offer');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await page.goto('/tasks');
  await expect(page.getByRole('link', { name: 'Send the offer' })).toBeVisible();
});
