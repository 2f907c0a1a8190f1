// Lists, tabs of a record, filters and figures, as one uses them with a thumb and with a mouse.
import { expect, hydrated, make, open, SIZES, signUp, test } from './kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`CON-03 people are sorted and narrowed, and the address says how (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Lists');
    await hydrated(page);
    const bea = await make(page, 'contacts', { firstName: 'Bea', warmnessScore: 2 });
    await make(page, 'contacts', { firstName: 'Ada', warmnessScore: 9 });
    await make(page, 'interactions', { type: 'call', contactId: bea });
    const names = page.locator('.table tbody .row-link');
    await open(page, '/people');
    await expect(names).toHaveText(['Ada', 'Bea']);
    await page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Newest' }).click();
    await expect(names).toHaveText(['Ada', 'Bea']);
    await expect(page).toHaveURL(/sort=-created/);
    await page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Needs attention' }).click();
    await expect(page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Needs attention' })).toHaveAttribute('aria-current', 'true');
    await expect(names).toHaveText(['Ada', 'Bea']);
    await page.getByRole('link', { name: 'Mine' }).click();
    await expect(page).toHaveURL(/owner=/);
    await page.getByRole('searchbox').fill('bea');
    await expect(names).toHaveText(['Bea']);
    await expect(page).toHaveURL(/owner=.*sort=attention|sort=attention.*owner=/);
    await page.getByRole('searchbox').fill('nobody');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(page).toHaveURL(/q=nobody/);
  });
}

test('on the phone a record shows one part at a time, and its address says which', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Tabs');
  await hydrated(page);
  const bea = await make(page, 'contacts', { firstName: 'Bea' });
  await open(page, `/people/${bea}`);
  const part = (title: string) => page.getByRole('region', { name: title, exact: true });
  await expect(part('Timeline')).toBeVisible();
  await expect(part('Details')).toBeHidden();
  const tabs = page.getByRole('navigation', { name: 'Parts of this page' });
  await tabs.getByRole('link', { name: 'Details' }).click();
  await expect(part('Details')).toBeVisible();
  await expect(part('Timeline')).toBeHidden();
  await expect(tabs.getByRole('link', { name: 'Details' })).toHaveAttribute('aria-current', 'true');
  await page.reload();
  await hydrated(page);
  await expect(part('Details')).toBeVisible();
  await page.setViewportSize(SIZES.desktop);
  await expect(part('Timeline')).toBeVisible();
  await expect(tabs).toBeHidden();
});

for (const [name, size] of Object.entries(SIZES)) {
  test(`deals stand in the list stage by stage with their sums, and a figure opens them (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Sums');
    await hydrated(page);
    for (const [title, value] of [['One', '100'], ['Two', '250']]) await make(page, 'deals', { title, value });
    await open(page, '/deals?as=list');
    await expect(page.locator('.table__group')).toContainText(['Prospecting 2']);
    await expect(page.locator('.table__group')).toContainText('Σ $350');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'Filter deals' });
    await sheet.getByLabel('Opened from').fill('2001-01-01');
    await sheet.getByLabel('Opened until').fill('2001-12-31');
    await sheet.getByRole('button', { name: 'Show deals' }).click();
    await expect(page.getByText('No deal matches these filters.')).toBeVisible();
    await page.getByRole('link', { name: /^Opened 1 Jan 2001/ }).click();
    await expect(page.locator('.table tbody .row-link')).toHaveCount(2);
    await open(page, '/analytics');
    await page.getByRole('link', { name: 'This year' }).click();
    await expect(page.locator('.tile', { hasText: 'New deals' })).toContainText('▲ from 0');
    await page.locator('.tile', { hasText: 'New deals' }).click();
    await expect(page.locator('.table tbody .row-link')).toHaveCount(2);
    await open(page, '/analytics');
    await page.locator('.chart').first().getByText('View data').click();
    await page.locator('.chart').first().getByRole('link', { name: 'Prospecting' }).click();
    await expect(page.locator('.table tbody .row-link')).toHaveCount(2);
  });
}

test('a setting is found by what people call it', async ({ page }) => {
  await signUp(page, 'Find');
  await open(page, '/settings');
  await page.getByRole('searchbox').fill('password');
  await expect(page.getByRole('region', { name: 'Found' }).getByRole('link')).toHaveText(['Your profile']);
  await page.getByRole('searchbox').fill('negot');
  await page.getByRole('region', { name: 'Found' }).getByRole('link', { name: 'Negotiation' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Negotiation');
});
