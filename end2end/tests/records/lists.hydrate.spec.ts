// Lists, tabs of a record, filters and figures, as one uses them with a thumb and with a mouse.
import { accessible, colleague, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`CON-03 people are sorted and narrowed, and the address says how (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Lists');
    await hydrated(page);
    // Each order differs from the other three.
    await make(page, 'contacts', { firstName: 'Cleo', warmnessScore: 5 });
    const ada = await make(page, 'contacts', { firstName: 'Ada', warmnessScore: 2 });
    const bea = await make(page, 'contacts', { firstName: 'Bea', warmnessScore: 9 });
    await make(page, 'interactions', { type: 'call', contactId: bea, date: '2026-01-05T10:00:00Z' });
    await make(page, 'interactions', { type: 'call', contactId: ada, date: '2026-01-06T10:00:00Z' });
    const names = page.locator('.table tbody .row-link');
    await open(page, '/people');
    await expect(names).toHaveText(['Ada', 'Bea', 'Cleo']);
    await page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Newest' }).click();
    await expect(names).toHaveText(['Bea', 'Ada', 'Cleo']);
    await expect(page).toHaveURL(/sort=-created/);
    await page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Warmest' }).click();
    await expect(names).toHaveText(['Bea', 'Cleo', 'Ada']);
    await page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Needs attention' }).click();
    await expect(page.getByRole('group', { name: 'Order' }).getByRole('link', { name: 'Needs attention' })).toHaveAttribute('aria-current', 'true');
    await expect(names).toHaveText(['Cleo', 'Bea', 'Ada']);
    await page.getByRole('link', { name: 'Mine' }).click();
    await expect(page).toHaveURL(/owner=/);
    await expect(names).toHaveText(['Cleo', 'Bea', 'Ada']);
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

test('PST-01 stages are put in order by mouse, keyboard and menu, and the board follows', async ({ page }) => {
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Stages');
  await open(page, '/settings');
  const stages = page.locator('.stages__row > a');
  await expect(stages).toHaveText(['Prospecting', 'Qualification', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost']);
  await stages.nth(2).scrollIntoViewIfNeeded();
  // By mouse: the third above the first.
  const from = (await page.locator('.stages__row').nth(2).boundingBox())!;
  const to = (await page.locator('.stages__row').nth(0).boundingBox())!;
  await page.mouse.move(from.x + 12, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 14, from.y - 10, { steps: 4 });
  await page.mouse.move(to.x + 14, to.y + 4, { steps: 6 });
  await page.mouse.up();
  await expect(stages).toHaveText(['Proposal', 'Prospecting', 'Qualification', 'Negotiation', 'Closed Won', 'Closed Lost']);
  await expect(page.locator('.toast')).toContainText('Moved Proposal to place 1.');
  // By keyboard: one down.
  await stages.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  const again = page.waitForResponse(/settings\/read/);
  await page.keyboard.press('Space');
  await expect(stages.first()).toHaveText('Prospecting');
  // The moved stage has the focus, also after the list was read again.
  await again;
  await expect(page.locator(':focus')).toHaveText('Proposal');
  // By menu: up again. What changes elsewhere meanwhile neither closes the menu nor takes its actions away.
  await page.getByRole('button', { name: 'Move or delete Proposal' }).click();
  const item = page.getByRole('menuitem', { name: 'Move up' });
  await expect(item).toBeVisible();
  const read = page.waitForResponse(/settings\/read/);
  const last = (await stages.last().getAttribute('href'))!.split('/').pop()!;
  const { version } = (await (await page.request.get(`/api/v1/stages/${last}`)).json()).data;
  const renamed = await page.request.patch(`/api/v1/stages/${last}`, { data: { name: 'Lost' }, headers: { 'If-Match': `"${version}"`, origin: new URL(page.url()).origin } });
  expect(renamed.status(), await renamed.text()).toBe(200);
  await item.click();
  await read;
  await expect(stages.last()).toHaveText('Lost');
  await expect(stages.first()).toHaveText('Proposal');
  await expect(page.locator('.toast').last()).toContainText('place 1');
  await open(page, '/deals');
  await expect(page.locator('.column__head h2').first()).toContainText('Proposal');
  await open(page, '/settings');
  await expect(stages.first()).toHaveText('Proposal');
  await accessible(page);
});

for (const [name, size] of Object.entries(SIZES)) {
  test(`a stage is deleted; where deals stand in it, they are put elsewhere first (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Fewer stages');
    await hydrated(page);
    const board = (await (await page.request.get('/api/v1/board')).json()).data;
    const stage = board.pipeline.stages.find((s: { name: string }) => s.name === 'Proposal').id;
    for (const title of ['One', 'Two']) await make(page, 'deals', { title, stageId: stage });
    await open(page, '/settings');
    const stages = page.locator('.stages__row > a');
    const remove = async (stage: string) => {
      await page.getByRole('button', { name: `Move or delete ${stage}` }).click();
      await page.getByRole('menuitem', { name: 'Delete the stage' }).click();
    };
    await remove('Negotiation');
    await expect(page.locator('.toast').last()).toContainText('Deleted the stage Negotiation.');
    await expect(stages).toHaveText(['Prospecting', 'Qualification', 'Proposal', 'Closed Won', 'Closed Lost']);
    await remove('Proposal');
    const sheet = page.getByRole('dialog', { name: 'Delete a stage' });
    await expect(sheet).toContainText('2 deals stand in it.');
    await accessible(page);
    await noSidewaysScroll(page);
    // Only where a deal stays as open as it was.
    await expect(sheet.locator('.choices button')).toHaveText(['Prospecting', 'Qualification']);
    await sheet.getByRole('button', { name: 'Qualification' }).click();
    await expect(page.locator('.toast').last()).toContainText('its deals are in Qualification');
    await expect(stages).toHaveText(['Prospecting', 'Qualification', 'Closed Won', 'Closed Lost']);
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect(stages).toHaveText(['Prospecting', 'Qualification', 'Proposal', 'Closed Won', 'Closed Lost']);
    await open(page, '/deals');
    const column = page.locator('[data-column]').filter({ has: page.getByRole('heading', { name: /Proposal/ }) });
    await expect(column.locator('[data-card]')).toHaveCount(2);
  });
}

for (const [name, size] of Object.entries(SIZES)) {
  test(`the feed is narrowed to me, and leads on to logging and planning (${name})`, async ({ page, browser }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Feeds');
    await hydrated(page);
    const bea = await make(page, 'contacts', { firstName: 'Bea' });
    await make(page, 'companies', { name: 'Globex' });
    // A colleague of no team: theirs is in everybody's feed and in no team's.
    const other = await colleague(browser, page);
    await make(other.page, 'companies', { name: 'Initech' });
    await other.context.close();
    await open(page, '/feed');
    await expect(page.locator('.event', { hasText: 'Initech' })).toHaveCount(1);
    await page.getByRole('link', { name: 'My team' }).click();
    await expect(page).toHaveURL(/by=team/);
    await expect(page.locator('.event', { hasText: 'Initech' })).toHaveCount(0);
    await expect(page.locator('.event', { hasText: 'Globex' })).toHaveCount(1);
    await page.getByRole('link', { name: 'Me', exact: true }).click();
    await page.locator('.filters').getByRole('link', { name: 'People', exact: true }).click();
    await expect(page).toHaveURL(/kind=contact.*by=me|by=me.*kind=contact/);
    await expect(page.locator('.event')).toHaveCount(1);
    await page.getByRole('link', { name: 'Schedule a meeting' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Schedule a meeting');
    await page.getByLabel('When').fill('2031-05-06T10:00');
    await page.getByLabel('Subject').fill('Lunch');
    await page.getByRole('button', { name: 'Plan it' }).click();
    await expect(page.locator('.toast')).toContainText('Planned: Meeting with Bea.');
    await page.waitForURL(u => u.pathname === `/people/${bea}`);
    await expect(page.getByRole('region', { name: 'Timeline' }).getByText('Planned', { exact: true })).toBeVisible();
    await expect(page.locator('.actions')).toContainText('Schedule');
  });
}

test('the wizard shows the first rows, takes a choice for known records and for a name like another', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signUp(page, 'Wizard');
  await hydrated(page);
  await make(page, 'products', { name: 'GTX Pro' });
  await open(page, '/import');
  const csv = 'opportunity_id,product,deal_stage,engage_date\nA1,GTXPro,Prospecting,2020-01-30\nA2,GTX Pro,Prospecting,2020-02-30\n';
  await page.locator('input[type=file]').setInputFiles({ name: 'odd.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await hydrated(page);
  const first = page.getByRole('region', { name: 'The first rows' });
  await expect(first.locator('tbody tr')).toHaveCount(2);
  await expect(first.locator('tbody tr').nth(1)).toContainText('“2020-02-30” is not a date');
  await page.getByLabel('Records that are here already').selectOption({ label: 'Leave them as they are' });
  await page.getByRole('button', { name: 'Try without writing' }).click();
  await page.getByLabel('What “GTXPro” is taken as').selectOption({ label: 'Make a new product “GTXPro”' });
  await accessible(page);
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel('Records that are here already').locator('option:checked')).toHaveText('Leave them as they are');
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByText('1 added, 0 known already, 1 not taken.')).toBeVisible();
  const products = (await (await page.request.get('/api/v1/products')).json()).data.map((p: { name: string }) => p.name).sort();
  expect(products).toEqual(['GTX Pro', 'GTXPro']);
});
