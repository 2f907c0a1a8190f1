// The palette, the keys behind it, and capture from one line.
import { accessible, expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`the palette finds places, actions and records, by keys alone (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Palette');
    await hydrated(page);
    const bea = await make(page, 'contacts', { firstName: 'Bea', lastName: 'Lee', tags: ['vip'] });
    await make(page, 'companies', { name: 'Beacon' });
    await open(page, '/');
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    if (name === 'phone') {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Search' }).click();
    } else {
      await page.keyboard.press('Control+k');
    }
    const box = palette.getByRole('combobox');
    await expect(box).toBeFocused();
    await expect(palette.getByRole('option', { name: /Add a contact/ })).toBeVisible();
    await accessible(page);
    // Places: the best fit is marked, Enter goes there.
    await box.fill('ana');
    await expect(palette.getByRole('option').first()).toContainText('Analytics');
    await page.keyboard.press('Enter');
    await page.waitForURL(u => u.pathname === '/analytics');
    await expect(palette).toBeHidden();
    // Records come below and do not move what is marked.
    await page.keyboard.press('Control+k');
    await box.fill('bea');
    await expect(palette.getByRole('option')).toHaveText([/Bea Lee/, /Beacon/]);
    await page.keyboard.press('ArrowDown');
    await expect(palette.locator('[aria-selected=true]')).toContainText('Beacon');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(u => u.pathname === `/people/${bea}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Bea Lee');
    await page.keyboard.press('Control+k');
    await expect(palette.getByRole('option', { name: /Edit this record/ })).toBeVisible();
    await box.fill('#vi');
    await palette.getByRole('option', { name: /vip/ }).click();
    await page.waitForURL(u => u.pathname === '/people' && u.searchParams.get('tag') === 'vip');
    await page.keyboard.press('Control+k');
    await box.fill('zzzz');
    await expect(palette.getByRole('status')).toHaveText('Nothing found');
    await page.keyboard.press('Escape');
    await expect(palette).toBeHidden();
  });
}

test('keys go places, walk rows, undo and redo, and are changed in their sheet', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Keys');
  await hydrated(page);
  for (const firstName of ['Ada', 'Bea', 'Cleo']) await make(page, 'contacts', { firstName });
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await page.waitForURL(u => u.pathname === '/people');
  await expect(page.locator('.row-link')).toHaveCount(3);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(page.locator('.row-link').nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada');
  await hydrated(page);
  await page.keyboard.press('/');
  await expect(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible();
  await page.keyboard.press('Escape');
  // A change, taken back, and done again.
  await page.getByRole('button', { name: /^Job title/ }).click();
  await page.getByRole('textbox', { name: 'Job title' }).fill('Boss');
  await page.keyboard.press('Enter');
  const title = page.getByRole('button', { name: /^Job title/ });
  await expect(title).toContainText('Boss');
  await page.locator('h1').click();
  await page.keyboard.press('Control+z');
  await expect(title).not.toContainText('Boss');
  await page.keyboard.press('Control+Shift+Z');
  await expect(title).toContainText('Boss');
  // Single keys do nothing where somebody writes.
  await page.getByRole('textbox', { name: 'What happened?' }).click();
  await page.keyboard.type('gp?');
  await expect(page).toHaveURL(/people\/[0-9a-f-]{36}/);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  await accessible(page);
  await sheet.getByRole('button', { name: /Change the keys of “Feed”/ }).click();
  await page.keyboard.press('j');
  await expect(sheet.getByRole('status')).toContainText('J belongs to “Next row” already.');
  await sheet.getByRole('button', { name: /Change the keys of “Feed”/ }).click();
  await page.keyboard.press('y');
  await expect(sheet.getByRole('button', { name: /Change the keys of “Feed”, now Y/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.reload();
  await hydrated(page);
  await page.keyboard.press('y');
  await page.waitForURL(u => u.pathname === '/feed');
  await page.keyboard.press('?');
  await sheet.getByLabel('Keys without Ctrl work').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await page.waitForTimeout(300);
  await expect(page).toHaveURL(/\/feed/);
});

for (const [name, size] of Object.entries(SIZES)) {
  test(`one line becomes a task or a call, and is not lost (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Capture');
    await hydrated(page);
    const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Costa' });
    await make(page, 'companies', { name: 'Acme' });
    await open(page, '/');
    const add = page.locator(name === 'phone' ? '.tabbar__add' : '.sidebar__add');
    await add.click();
    const sheet = page.getByRole('dialog', { name: 'Add' });
    const line = sheet.getByRole('textbox', { name: 'What is to be done, or what was' });
    await expect(line).toBeFocused();
    await line.fill('Call Ana tomorrow 10 #acme #q4 !high');
    const chips = sheet.locator('.capture__chips');
    for (const words of ['Task: Call', '10:00', 'Ana Costa', 'Acme', '#q4', 'High priority']) await expect(chips).toContainText(words);
    await accessible(page);
    // A reload in the middle loses nothing.
    await page.reload();
    await hydrated(page);
    await add.click();
    await expect(line).toHaveValue('Call Ana tomorrow 10 #acme #q4 !high');
    await expect(chips).toContainText('Ana Costa');
    await line.press('Enter');
    await expect(page.locator('.toast')).toContainText('Added Call Ana.');
    await expect(sheet).toBeHidden();
    const tasks = (await (await page.request.get('/api/v1/tasks')).json()).data;
    const task = (await (await page.request.get(`/api/v1/tasks/${tasks[0].id}`)).json()).data;
    expect(task).toMatchObject({ title: 'Call Ana', type: 'call', dueTime: '10:00', priority: 'high', contactId: ana, tags: ['q4'] });
    expect(task.companyId).toBeTruthy();
    // What was done is logged; somebody unknown is said to be so.
    await add.click();
    await expect(line).toHaveValue('');
    await sheet.getByLabel('Add another after this').check();
    await line.fill('Called Nobodyknown');
    await expect(chips).toContainText('nobody of this name');
    await line.press('Enter');
    await expect(sheet.getByRole('alert')).toContainText('Say with whom');
    await line.fill('Called Ana about the offer');
    await expect(chips).toContainText('Ana Costa');
    await line.press('Enter');
    await expect(page.locator('.toast').last()).toContainText('Logged: Called Ana about the offer.');
    await expect(sheet).toBeVisible();
    await expect(line).toBeFocused();
    const calls = (await (await page.request.get(`/api/v1/interactions?contact=${ana}`)).json()).data;
    expect(calls).toHaveLength(1);
  });
}

test('Enter twice before the name is found adds once, for whom it names', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Fast');
  await hydrated(page);
  await make(page, 'contacts', { firstName: 'Andrea' });
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Costa' });
  await page.route('**/fn/records/options', async route => { await new Promise(r => setTimeout(r, 400)); await route.continue(); });
  await page.locator('.sidebar__add').click();
  const line = page.getByRole('textbox', { name: 'What is to be done, or what was' });
  await line.fill('Call An');
  await expect(page.locator('.capture__chips')).toContainText('Andrea');
  await line.fill('Call Ana Costa');
  await line.press('Enter');
  await line.press('Enter');
  await expect(page.locator('.toast')).toContainText('Added Call Ana Costa.');
  await page.waitForTimeout(700);
  const tasks = (await (await page.request.get('/api/v1/tasks')).json()).data;
  expect(tasks).toHaveLength(1);
  expect((await (await page.request.get(`/api/v1/tasks/${tasks[0].id}`)).json()).data.contactId).toBe(ana);
});
