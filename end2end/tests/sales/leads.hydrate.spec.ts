// Leads (LEA-01…03): added, worked through in the list, converted in one command that is taken back with one press.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`LEA-01 LEA-03 a lead is added, qualified, converted and taken back (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Leads');
    await hydrated(page);
    await open(page, '/leads');
    await expect(page.locator('#main')).toContainText('No leads yet.');
    await page.getByRole('link', { name: 'Add a lead' }).click();
    await page.getByLabel('First name').fill('Ana');
    await page.getByLabel('Last name').fill('Field');
    await page.getByLabel('Company').fill('Globex');
    await page.getByLabel('E-mail').fill('ana@globex.test');
    await page.getByLabel('Phone').fill('+49 30 1234567');
    await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
    await page.waitForURL(/leads\/[0-9a-f-]{36}/);
    const lead = page.url().split('/').pop()!.split('?')[0];
    await expect(page.locator('h1')).toHaveText('Ana Field');
    await accessible(page);
    await noSidewaysScroll(page);
    await page.getByRole('button', { name: /^Status/ }).first().click();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('qualified');
    await expect.poll(async () => (await (await page.request.get(`/api/v1/leads/${lead}`)).json()).data.status).toBe('qualified');
    await page.getByRole('button', { name: 'Convert', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'Convert the lead' });
    await expect(sheet.getByLabel('Contact')).toContainText('New: Ana Field');
    await expect(sheet.getByLabel('Company')).toContainText('New: Globex');
    await accessible(page);
    // A deal needs a title.
    await sheet.getByLabel('Title of the deal').fill('');
    await sheet.getByRole('button', { name: 'Convert', exact: true }).click();
    await expect(sheet).toContainText('Give the deal a title.');
    await sheet.getByLabel('Title of the deal').fill('Globex rollout');
    await sheet.getByRole('button', { name: 'Convert', exact: true }).click();
    await expect(page.locator('.toast').last()).toContainText('Converted Ana Field.');
    await expect(page.getByRole('button', { name: 'Convert', exact: true })).toBeHidden();
    if (name === 'phone') await page.locator('.tabs__item').nth(2).click();
    for (const link of ['Ana Field', 'Globex', 'Globex rollout']) await expect(page.locator('.pane--related').getByRole('link', { name: link, exact: true })).toBeVisible();
    const { convertedDealId } = (await (await page.request.get(`/api/v1/leads/${lead}`)).json()).data;
    expect((await (await page.request.get(`/api/v1/deals/${convertedDealId}`)).json()).data).toMatchObject({ title: 'Globex rollout', company: 'Globex' });
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('button', { name: 'Convert', exact: true })).toBeVisible();
    expect((await page.request.get(`/api/v1/deals/${convertedDealId}`)).status()).toBe(404);
    expect((await (await page.request.get(`/api/v1/leads/${lead}`)).json()).data).toMatchObject({ status: 'qualified', convertedAt: null });
  });
}

test('LEA-02 leads are narrowed by status, in a saved view, and imported', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Lead list');
  await hydrated(page);
  await make(page, 'leads', { firstName: 'Ada', status: 'new', quality: 'hot' });
  await make(page, 'leads', { firstName: 'Bea', status: 'lost' });
  await open(page, '/leads');
  const names = page.locator('.row-link');
  await expect(names).toHaveText(['Ada', 'Bea']);
  await page.locator('summary', { hasText: 'Status' }).click();
  await page.getByRole('link', { name: 'Lost', exact: true }).click();
  await expect(names).toHaveText(['Bea']);
  await expect(page).toHaveURL(/status=lost/);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name of the view').fill('Given up');
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Given up' })).toBeVisible();
  await page.reload();
  await expect(names).toHaveText(['Bea']);
  // Salesforce's words for the columns of its leads.
  await page.goto('/import');
  const body = 'Lead ID,First Name,Last Name,Company,Email,Phone,Lead Source,Lead Status,Rating\n00Q1,Cleo,Stone,Initech,cleo@initech.test,+1 555 0100,Website,Qualified,Hot\n';
  await page.locator('input[type=file]').setInputFiles({ name: 'Leads.csv', mimeType: 'text/csv', buffer: Buffer.from(body) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await hydrated(page);
  await expect(page.getByLabel('This file holds')).toHaveValue('leads');
  await page.getByRole('button', { name: /^Import 1 row/ }).click();
  await expect(page.locator('.page__head .chip')).toHaveText('done', { timeout: 60_000 });
  expect((await (await page.request.get('/api/v1/leads?q=cleo')).json()).data[0]).toMatchObject({ fullName: 'Cleo Stone', companyName: 'Initech', status: 'qualified', quality: 'hot' });
  // Found by its company in the palette.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('initech');
  await expect(page.getByRole('option', { name: /Cleo Stone/ })).toBeVisible();
});
