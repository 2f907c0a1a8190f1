// Records edited in place, found, deleted and brought back.
import { expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`a contact's fields are edited where they stand (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Records');
    await open(page, '/new/contact');
    await page.getByLabel('First name').fill('Ana');
    await page.getByLabel('Company').fill('Globex');
    await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Ana', level: 1 })).toBeVisible();
    const field = (label: string) => page.getByRole('button', { name: new RegExp(`^${label}:`) });
    const part = async (name: string) => {
      const tab = page.getByRole('navigation', { name: 'Parts of this page' }).getByRole('link', { name });
      if (size === SIZES.phone) await tab.click();
    };
    await part('Details');
    await field('Job title').click();
    await page.getByRole('textbox', { name: 'Job title' }).fill('CTO');
    await page.keyboard.press('Enter');
    await expect(field('Job title')).toHaveText('CTO');
    await part('Timeline');
    await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('changed Job title');
    await part('Details');
    // Escape reverts; a wrong value stays open with its reason.
    await field('Job title').click();
    await page.getByRole('textbox', { name: 'Job title' }).fill('Nobody');
    await page.keyboard.press('Escape');
    await expect(field('Job title')).toHaveText('CTO');
    await field('Warmth').click();
    await page.getByRole('textbox', { name: 'Warmth' }).fill('11');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Warmth must be from 0 to 10')).toBeVisible();
    await page.getByRole('textbox', { name: 'Warmth' }).fill('7');
    await page.keyboard.press('Enter');
    await expect(field('Warmth')).toHaveText('7');
    // Picking another record.
    await field('Company').click();
    await page.getByRole('combobox', { name: 'Company' }).fill('glob');
    await page.getByRole('option', { name: 'Globex' }).click();
    await expect(field('Company')).toHaveText('Globex');
    // The same by keyboard alone, letter by letter; the focus comes back to the field.
    await field('Company').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Initech', { delay: 40 });
    await expect(page.getByRole('option', { name: 'Create “Initech”' })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(field('Company')).toHaveText('Initech');
    await expect(field('Company')).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.type('globe', { delay: 40 });
    await expect(page.locator('.picker').getByRole('option')).toHaveText(['Globex', 'Create “globe”']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(field('Company')).toHaveText('Globex');
    await page.reload();
    await hydrated(page);
    await expect(field('Job title')).toHaveText('CTO');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page).toHaveURL(/\/people$/);
    await expect(page.getByText('Nobody here yet.')).toBeVisible();
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('link', { name: 'Ana', exact: true })).toBeVisible();
  });
}

test('fields are walked through by keyboard, and nothing is saved before it is meant', async ({ page }) => {
  await signUp(page, 'Keys');
  await open(page, '/new/deal');
  await expect(page.getByLabel('Title')).toBeFocused();
  await page.getByLabel('Title').fill('Renewal');
  // A reload keeps what was typed, until it is thrown away or sent.
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel('Title')).toHaveValue('Renewal');
  await expect(page.getByText('What you typed here before was restored.')).toBeVisible();
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Renewal' })).toBeVisible();
  const field = (label: string) => page.getByRole('button', { name: new RegExp(`^${label}:`) });
  await field('Title').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Renewal 2027');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: 'Value' })).toBeFocused();
  for (const nonsense of ['12x', '€12']) {
    await page.getByRole('textbox', { name: 'Value' }).fill(nonsense);
    await page.keyboard.press('Enter');
    await expect(page.getByText(nonsense === '12x' ? 'Value is not an amount' : 'Value is in another currency')).toBeVisible();
  }
  await page.getByRole('textbox', { name: 'Value' }).fill('12,500');
  await page.keyboard.press('Enter');
  await expect(field('Value')).toHaveText('$12,500');
  await expect(field('Value')).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(field('Value')).toHaveText('–');
  // Arrows in a choice look; Escape leaves it as it was, Enter takes it.
  await field('Visible to').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(field('Visible to')).toHaveText('Everyone');
  await expect(field('Visible to')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Visible to' }).selectOption('private');
  await expect(field('Visible to')).toHaveText('Owner only');
});

test('a suggestion is read in words and kept under its code; own words stay as they were typed', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Suggestions');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', contactSource: 'networking_event' });
  const met = async () => (await (await page.request.get(`/api/v1/contacts/${ana}`)).json()).data.contactSource;
  await open(page, `/people/${ana}`);
  const field = page.getByRole('button', { name: /^How we met/ });
  const line = page.getByRole('combobox', { name: 'How we met' });
  await expect(field).toContainText('Networking event');
  await field.click();
  await expect(line).toHaveValue('Networking event');
  await line.fill('cold outreach');
  await line.press('Enter');
  await expect(field).toContainText('Cold outreach');
  await expect.poll(met).toBe('cold_outreach');
  await field.click();
  await line.fill('On a train');
  await line.press('Enter');
  await expect(field).toContainText('On a train');
  await expect.poll(met).toBe('On a train');
  // The same by the form, in the reader's language.
  await page.context().addCookies([{ name: 'rapport-language', value: 'de', url: process.env.BASE! }]);
  await open(page, `/edit/contact/${ana}`);
  const asked = page.locator('[name=contactSource]');
  await expect(asked).toHaveValue('On a train');
  await asked.fill('Netzwerktreffen');
  await page.locator('form.form button[type=submit]').click();
  await expect.poll(met).toBe('networking_event');
  await expect(page.getByRole('button', { name: /Netzwerktreffen/ })).toBeVisible();
});

test('hostile text is only ever text', async ({ page }) => {
  await signUp(page, '<img src=x onerror=alert(1)>');
  // Leaving while a change is on its way asks first; anything else that opens is a script's doing.
  page.on('dialog', dialog => { if (dialog.type() !== 'beforeunload') throw new Error('a script ran'); return dialog.accept(); });
  for (const text of ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</textarea><script>alert(1)</script>', '{{7*7}}', 'javascript:alert(1)']) {
    await open(page, '/new/contact');
    await page.getByLabel('First name').fill(text);
    await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(text);
    await page.getByRole('button', { name: /^Show \d+ more fields$/ }).click();
    await page.getByRole('button', { name: /^Personal notes:/ }).click();
    await page.getByRole('textbox', { name: 'Personal notes' }).fill(text);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('button', { name: /^Personal notes:/ })).toHaveText(text);
    // It is shown at once; the form reads what is saved.
    await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith('outbox:')).length)).toBe(0);
    await page.goto(page.url().replace('/people/', '/edit/contact/'));
    await hydrated(page);
    await expect(page.getByLabel('Personal notes')).toHaveValue(text);
  }
  for (const path of ['/people', '/feed', '/settings']) await open(page, path);
});
