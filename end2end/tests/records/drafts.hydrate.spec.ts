// Nothing that was typed is lost by a reload, wherever it was typed; sent or given up, it does not come back.
import { expect, hydrated, make, open, SIZES, signUp, test } from '../kit';
import type { Locator, Page } from '@playwright/test';

const again = async (page: Page) => { await page.reload(); await hydrated(page); };

for (const [name, size] of Object.entries(SIZES)) {
  test(`what is typed into a note, a call, a task, a deal and a field outlives a reload (${name})`, async ({ page }) => {
    test.setTimeout(90_000);
    await page.setViewportSize(size);
    await signUp(page, 'Drafts');
    await hydrated(page);
    const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee' });
    await open(page, `/people/${ana}`);
    const note = page.getByRole('textbox', { name: 'Note', exact: true });
    await page.getByText('Write a note').click();
    await note.fill('Likes tea\nand rain');
    await page.getByLabel('Pin on top').check();
    const call = page.getByLabel('What happened?');
    await call.fill('Talked long');
    await page.getByRole('radiogroup', { name: 'Type' }).getByText('Meeting', { exact: true }).click();
    await again(page);
    await expect(note).toHaveValue('Likes tea\nand rain');
    await expect(page.getByLabel('Pin on top')).toBeChecked();
    await expect(call).toHaveValue('Talked long');
    await expect(page.getByRole('radio', { name: 'Meeting' })).toBeChecked();
    // Sent, it is not there a second time; the other stays.
    await page.getByRole('button', { name: 'Save note' }).click();
    await expect(page.locator('.toast')).toContainText('Note saved.');
    await again(page);
    await expect(note).toBeHidden();
    await page.getByText('Write a note').click();
    await expect(note).toHaveValue('');
    await expect(call).toHaveValue('Talked long');
    await page.getByRole('button', { name: 'Log it' }).click();
    await expect(page.locator('.toast').last()).toContainText('Logged');
    // A field of the record, in the middle of being typed: of one line, and of several.
    const details = page.getByRole('link', { name: 'Details' });
    if (await details.isVisible()) await details.click();
    await page.getByRole('button', { name: /^Job title/ }).click();
    const title = page.getByRole('textbox', { name: 'Job title' });
    await title.fill('Head of');
    await again(page);
    await expect(title).toHaveValue('Head of');
    await title.press('Escape');
    await again(page);
    await expect(page.getByRole('button', { name: /^Job title: \. Edit/ })).toBeVisible();
    await page.getByRole('button', { name: /^Show \d+ more/ }).click();
    const given = async (label: string): Promise<Locator> => { await page.getByRole('button', { name: new RegExp(`^${label}`) }).click(); return page.getByRole('textbox', { name: label }); };
    await (await given('Professional notes')).fill('Two\nlines');
    await again(page);
    const long = page.getByRole('textbox', { name: 'Professional notes' });
    if (!(await long.isVisible())) await page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await expect(long).toHaveValue('Two\nlines');
    await long.press('Control+Enter');
    await expect.poll(async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.professionalNotes).toBe('Two\nlines');
    // A task, and a deal on the board.
    await open(page, '/tasks');
    await page.getByRole('textbox', { name: 'New task' }).fill('Ring her');
    await again(page);
    await expect(page.getByRole('textbox', { name: 'New task' })).toHaveValue('Ring her');
    await open(page, '/deals');
    const deal = page.getByRole('textbox', { name: 'New deal in Prospecting' });
    await deal.fill('Renewal');
    await again(page);
    await expect(deal).toHaveValue('Renewal');
    await deal.press('Enter');
    await expect(page.locator('[data-card]', { hasText: 'Renewal' })).toBeVisible();
    await again(page);
    await expect(deal).toHaveValue('');
  });
}

test('what is typed into a settings form outlives a reload, but no password, nothing sent, and nothing over newer words', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Plain forms');
  await open(page, '/settings/workspace');
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  const back = page.getByText('What you typed before is back.');
  await name.fill('Plain and simple');
  await again(page);
  await expect(name).toHaveValue('Plain and simple');
  await expect(back).toBeVisible();
  await page.screenshot({ path: `${process.env.SHOTS}/kept-form.png` });
  // The colour is painted while it is chosen; starting over paints the one that is saved.
  const hue = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--brand-h').trim());
  await page.getByRole('slider', { name: 'Colour' }).fill('150');
  expect(await hue()).toBe('150');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect.poll(hue).toBe('274');
  await expect(name).toHaveValue('Plain forms');
  await expect(back).toBeHidden();
  await again(page);
  await expect(name).toHaveValue('Plain forms');
  // Refused, it is there to be mended; saved, it is not there again.
  const zone = page.getByRole('textbox', { name: 'Time zone' });
  await name.fill('Plain and simple');
  await zone.fill('Moon/Crater');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.error-box')).toBeVisible();
  await hydrated(page);
  await expect(zone).toHaveValue('Moon/Crater');
  await zone.fill('Europe/Rome');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await hydrated(page);
  await expect(back).toBeHidden();
  await expect(name).toHaveValue('Plain and simple');
  // Begun here, and changed by somebody else before it was sent.
  await zone.fill('Europe/Oslo');
  await name.fill('Mine');
  await page.request.post('/do/workspace/save', { form: { name: 'Plain and simple', timeZone: 'Asia/Tokyo', hue: '274' }, headers: { origin: new URL(page.url()).origin } });
  await again(page);
  await expect(name).toHaveValue('Mine');
  await expect(zone).toHaveValue('Asia/Tokyo');
  // What is secret is in no store.
  await open(page, '/settings/profile');
  await page.getByLabel('New password').fill('a secret of mine');
  const mail = page.getByRole('textbox', { name: 'New e-mail' });
  if (await mail.isVisible()) await mail.fill('new@rapport.test');
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('a secret of mine');
});
