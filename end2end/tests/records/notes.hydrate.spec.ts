// Notes, tags, notifications and reminders, at both sizes.
import { accessible, colleague, expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`NOT-01 a note is written in Markdown, pinned on top, and never runs (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Notes');
    await hydrated(page);
    const bea = await make(page, 'contacts', { firstName: 'Bea' });
    await open(page, `/people/${bea}`);
    await page.getByText('Write a note').click();
    await page.getByRole('textbox', { name: 'Note' }).fill('They like **green tea**\n\n- no sugar\n\n<script>alert(1)</script>');
    await page.getByRole('button', { name: 'Save note' }).click();
    await expect(page.locator('.toast')).toContainText('Note saved.');
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const note = timeline.getByRole('article');
    await expect(note.locator('strong')).toHaveText('green tea');
    await expect(note.locator('li')).toHaveText('no sugar');
    await expect(note).toContainText('<script>alert(1)</script>');
    await note.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Pin on top' }).click();
    await expect(timeline.locator('.note-card--pinned')).toContainText('green tea');
    await accessible(page);
    await page.reload();
    await hydrated(page);
    await expect(timeline.locator('.note-card--pinned')).toContainText('green tea');
    await timeline.getByRole('button', { name: 'Notes', exact: true }).click();
    await expect(note).toHaveCount(1);
    await note.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(note).toHaveCount(0);
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect(note).toHaveCount(1);
  });

  test(`TAG-01 TAG-02 tags are put on in place, narrow a list, and are merged (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Tags');
    await hydrated(page);
    const bea = await make(page, 'contacts', { firstName: 'Bea', tags: ['vip'] });
    await make(page, 'contacts', { firstName: 'Carl', tags: ['VIP', 'old'] });
    await make(page, 'contacts', { firstName: 'Dora' });
    await open(page, `/people/${bea}${size === SIZES.phone ? '?tab=details' : ''}`);
    await page.getByRole('button', { name: /^Tags:/ }).click();
    await page.getByRole('combobox', { name: 'Tags' }).fill('berlin');
    await page.getByRole('option', { name: 'Create “berlin”' }).click();
    await expect(page.getByRole('button', { name: /^Tags: vip, berlin/ })).toBeVisible();
    await expect(page.locator('.record > .row .tag')).toHaveText(['vip', 'berlin']);
    await page.locator('.record > .row .tag', { hasText: 'vip' }).click();
    const names = page.locator('.table tbody .row-link');
    await expect(names).toHaveText(['Bea', 'Carl']);
    await page.getByRole('link', { name: 'Stop showing only vip' }).click();
    await expect(names).toHaveCount(3);
    await open(page, '/settings/tags');
    const line = (tag: string) => page.locator('.person', { has: page.locator('.tag', { hasText: tag }) });
    await expect(line('vip')).toContainText('used 2 times');
    await line('old').getByText('Merge into another tag').click();
    await line('old').getByRole('combobox').selectOption({ label: 'vip' });
    await line('old').getByRole('button', { name: 'Merge' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'The tags are merged.' })).toBeVisible();
    await expect(line('old')).toHaveCount(0);
    await accessible(page);
  });
}

test('a mention and a reminder ring the bell of those they are for', async ({ browser, page }) => {
  await signUp(page, 'Bells');
  await hydrated(page);
  const other = await colleague(browser, page, SIZES.phone);
  await hydrated(other.page);
  // While she looks, the bell rings; the suggestion completes the name.
  const dora = await make(page, 'contacts', { firstName: 'Dora' });
  await open(page, `/people/${dora}`);
  await page.getByText('Write a note').click();
  await page.getByRole('textbox', { name: 'Note' }).click();
  await page.keyboard.type('Could @be');
  await page.getByRole('button', { name: '@Bea Lee' }).click();
  await page.keyboard.type('call her?');
  await page.getByRole('button', { name: 'Save note' }).click();
  await expect(page.locator('.mention')).toHaveText('@Bea Lee');
  await expect(other.page.locator('.tabbar .badge')).toHaveText('1');
  await other.page.getByRole('button', { name: /^More/ }).click();
  await other.page.getByRole('dialog').getByRole('link', { name: /Notifications/ }).click();
  await other.page.getByRole('link', { name: /mentioned you in/ }).click();
  await expect(other.page.getByRole('heading', { level: 1 })).toContainText('Could @Bea Lee call her?');
  await expect(other.page.locator('.tabbar .badge')).toBeHidden();
  // A reminder whose time has come fires at once, through the job queue.
  const now = new Date(Date.now() - 60_000).toISOString().slice(0, 16);
  await make(page, 'tasks', { title: 'Send the offer', remindAt: now });
  await expect(page.locator('.sidebar .badge')).toHaveText('1');
  await open(page, '/notifications');
  await expect(page.getByRole('link', { name: /Reminder: Send the offer/ })).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(page.locator('.sidebar .badge')).toBeHidden();
  await other.context.close();
});
