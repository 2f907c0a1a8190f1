// Board and lists in groups: deals put into another one by mouse, menu and keyboard; sums that follow; rows under headings.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`deals stand by whose they are, and change hands by a move (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Groups');
    await hydrated(page);
    const me = (await (await page.request.get('/api/v1/members')).json()).data[0];
    const company = await make(page, 'companies', { name: 'Globex' });
    const id = await make(page, 'deals', { title: 'Renewal', value: '1000', probability: 50, source: 'referral', companyId: company });
    await make(page, 'deals', { title: 'Small one', value: '200', ownerId: me.id, source: 'trade fair' });
    const won = await make(page, 'deals', { title: 'Done', value: '7', ownerId: me.id });
    const stages = (await (await page.request.get('/api/v1/stages')).json()).data;
    const over = stages.find((s: { outcome: string }) => s.outcome === 'won');
    const moved = await page.request.post(`/api/v1/deals/${won}/move`, { data: { stageId: over.id }, headers: { origin: new URL(page.url()).origin } });
    expect(moved.ok(), await moved.text()).toBe(true);
    await page.request.patch(`/api/v1/deals/${id}`, { data: { ownerId: null, version: 1 }, headers: { origin: new URL(page.url()).origin } });
    await open(page, '/deals');
    await page.locator('summary', { hasText: 'Group by' }).click();
    await page.getByRole('link', { name: 'Owner', exact: true }).click();
    await expect(page).toHaveURL(/group=ownerId/);
    const column = (key: string) => page.locator(`[data-column="${key}"]`);
    await expect(column('').locator('[data-card]')).toHaveText(/Renewal/);
    await expect(column('')).toContainText('Without Owner');
    // Open deals only: the won one is neither counted nor summed.
    await expect(column(me.id)).toContainText('Σ $200');
    await expect(column(me.id).locator('[data-card]')).toHaveCount(1);
    await accessible(page);
    await noSidewaysScroll(page);
    const owner = async () => (await (await page.request.get(`/api/v1/deals/${id}`)).json()).data.ownerId;
    if (name === 'desktop') {
      const start = (await page.locator(`[data-card="${id}"]`).boundingBox())!;
      const goal = (await column(me.id).boundingBox())!;
      await page.mouse.move(start.x + 40, start.y + 60);
      await page.mouse.down();
      await page.mouse.move(goal.x + 60, goal.y + 120, { steps: 12 });
      await page.mouse.up();
    } else {
      await page.getByRole('button', { name: 'Move Renewal to…' }).click();
      await page.getByRole('menuitem', { name: me.name }).click();
    }
    await expect(column(me.id).locator('[data-card]')).toHaveCount(2);
    await expect(column(me.id)).toContainText('Σ $1,200');
    await expect(page.locator('.toast').last()).toContainText(`Renewal: Owner is ${me.name} now.`);
    await expect.poll(owner).toBe(me.id);
    // Undone, it goes back on the screen too.
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(owner).toBeNull();
    await expect(column('').locator('[data-card]')).toHaveText(/Renewal/);
    // By keyboard, into the column of a choice that no deal had.
    await open(page, '/deals?group=type');
    const card = page.locator(`[data-card="${id}"] a`).first();
    await expect(column('renewal').locator('[data-card]')).toHaveCount(0);
    await card.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await expect(column('services').locator('[data-card]')).toHaveText(/Renewal/);
    await expect(column('new_business').getByRole('heading')).toContainText('New business');
    await expect.poll(async () => (await (await page.request.get(`/api/v1/deals/${id}`)).json()).data.type).toBe('services');
    // The list in the same groups, the filters kept; an order of its own ends them.
    await open(page, '/deals?group=source&q=e');
    await page.getByRole('link', { name: 'List', exact: true }).click();
    await expect(page.locator('.table__group')).toHaveText([/Referral\s*1/, /trade fair\s*1/, /Without Source\s*1/]);
    if (name === 'desktop') await expect(page.locator('.table__group').first()).toContainText('Σ $1,000');
    await accessible(page);
    await noSidewaysScroll(page);
    await page.getByRole('link', { name: /^Title/ }).click();
    await expect(page.locator('.table__group')).toHaveCount(0);
    await expect(page).toHaveURL(/q=e/);
    if (name === 'desktop') {
      await page.locator('summary', { hasText: 'Columns' }).click();
      await page.getByRole('link', { name: 'Leave out Company' }).click();
      await expect(page.getByRole('columnheader', { name: 'Company' })).toHaveCount(0);
      await expect(page.getByRole('columnheader', { name: 'Owner' })).toHaveCount(1);
    }
  });
}

test('people and companies stand in groups, page by page', async ({ page }) => {
  test.setTimeout(90_000);
  await page.setViewportSize(SIZES.desktop);
  await signUp(page, 'Groups of people');
  await hydrated(page);
  const globex = await make(page, 'companies', { name: 'Globex', industry: 'Tools' });
  const acme = await make(page, 'companies', { name: 'Acme', industry: 'Toys' });
  for (let n = 0; n < 27; n++) {
    await make(page, 'contacts', { firstName: `G${n}`, lastName: 'Lee', companyId: globex });
    await make(page, 'contacts', { firstName: `A${n}`, lastName: 'Lee', companyId: acme });
  }
  await make(page, 'contacts', { firstName: 'Alone', lastName: 'Lee' });
  await open(page, '/people');
  await page.locator('summary', { hasText: 'Group by' }).click();
  await page.getByRole('link', { name: 'Company', exact: true }).click();
  await expect(page.locator('.table__group')).toHaveText(['Acme 27', 'Globex 27']);
  const rows = page.locator('tbody tr:not(.table__group)');
  await expect(rows).toHaveCount(50);
  const first = await rows.locator('.row-link').allTextContents();
  expect(first.slice(0, 27).every(n => n.startsWith('A')) && first.slice(27).every(n => n.startsWith('G'))).toBe(true);
  await page.getByRole('link', { name: 'Next page' }).click();
  await expect(page.locator('.table__group')).toHaveText(['Globex 27', 'Without Company 1']);
  await expect(rows).toHaveCount(5);
  expect(new Set([...first, ...(await rows.locator('.row-link').allTextContents())]).size).toBe(55);
  await accessible(page);
  // A view keeps the groups, like everything of the address.
  await open(page, '/companies?group=ownerId');
  await expect(page.locator('.table__group')).toHaveCount(1);
  await expect(rows).toHaveCount(2);
});
