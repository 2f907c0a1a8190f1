// Nothing that was typed is lost by a reload, wherever it was typed; sent or given up, it does not come back.
import { expect, hydrated, make, open, SIZES, signUp, test } from './kit';
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
