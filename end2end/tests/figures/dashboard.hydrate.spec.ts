// The dashboard: every figure opens its records.
import { accessible, expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`DSH-01 DSH-02 DSH-03 the dashboard tells how things stand, and opens the records behind it (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Board');
    await hydrated(page);
    const day = new Date().toISOString().slice(0, 10);
    for (const [title, value] of [['One', '100'], ['Two', '250'], ['Three', '50']]) await make(page, 'deals', { title, value, expectedCloseDate: day });
    await make(page, 'contacts', { firstName: 'Ana', nextFollowUp: day });
    await make(page, 'contacts', { firstName: 'Later', nextFollowUp: '2999-01-01' });
    await make(page, 'tasks', { title: 'Write the offer', dueDate: day });
    await open(page, '/dashboard');
    const tile = (label: string) => page.locator('.tile', { hasText: label });
    await expect(tile('Open pipeline')).toContainText('$400');
    await expect(tile('People')).toContainText('2 new this month');
    await expect(tile('New deals')).toContainText('▲ from 0');
    const top = page.getByRole('region', { name: 'Largest open deals' });
    await expect(top.getByRole('link')).toHaveText(['Two', 'One', 'Three']);
    await expect(top.getByRole('progressbar', { name: 'Probability of Two' })).toHaveAttribute('value', '10');
    await accessible(page);
    const rows = page.locator('.table tbody .row-link');
    await page.locator('.chart', { hasText: 'Forecast' }).getByText('View data').click();
    await page.locator('.chart', { hasText: 'Forecast' }).getByRole('link').first().click();
    await expect(rows).toHaveCount(3);
    await open(page, '/dashboard');
    await expect(tile('Follow-ups due')).toContainText('1');
    await tile('Follow-ups due').click();
    await expect(rows).toHaveText(['Ana']);
    await open(page, '/dashboard');
    await tile('Open pipeline').click();
    await expect(rows).toHaveCount(3);
    await open(page, '/dashboard');
    // A task is done in place; the day's tasks are read anew.
    await page.getByRole('region', { name: "Today's tasks" }).getByRole('checkbox').click();
    await expect(page.getByRole('region', { name: "Today's tasks" })).toContainText('Nothing is due.');
    await page.getByRole('link', { name: 'All time' }).click();
    await expect(tile('New deals')).not.toContainText('▲');
  });
}
