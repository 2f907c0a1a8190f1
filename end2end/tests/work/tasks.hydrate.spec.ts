// Tasks by day and on a board, and the first steps.
import { accessible, expect, hydrated, make, open, SIZES, signUp, test } from '../kit';

const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

for (const [name, size] of Object.entries(SIZES)) {
  test(`TSK-02 tasks stand on a board by when they are due, and in a strip of days (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Tasks');
    await hydrated(page);
    await make(page, 'tasks', { title: 'Late one', dueDate: day(-2) });
    await make(page, 'tasks', { title: 'Today one', dueDate: day(0) });
    await make(page, 'tasks', { title: 'Some one' });
    await open(page, '/tasks');
    const strip = page.getByRole('navigation', { name: 'Two weeks' });
    await strip.getByRole('link').first().click();
    await expect(page.locator('.task')).toHaveText([/Today one/]);
    await strip.getByRole('link').nth(5).click();
    await expect(page.getByText('Nothing is due on this day.')).toBeVisible();
    await page.getByRole('link', { name: 'Board', exact: true }).click();
    await page.locator('.board[data-ready]').waitFor();
    const column = (title: string) => page.locator(`[data-column][data-title="${title}"]`);
    await expect(column('Overdue').locator('.task')).toHaveText([/Late one/]);
    // By menu, with undo.
    await column('Overdue').getByRole('button', { name: 'Move Late one to…' }).click();
    await page.getByRole('menuitem', { name: 'Tomorrow' }).click();
    await expect(column('Tomorrow').locator('.task')).toHaveText([/Late one/]);
    await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
    await expect(column('Overdue').locator('.task')).toHaveText([/Late one/]);
    // By keyboard: the link of a card lifts it.
    await column('Today').getByRole('link', { name: 'Today one' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    const readAgain = page.waitForResponse(r => r.url().includes('tasks/list'));
    await page.keyboard.press('Space');
    await expect(column('Tomorrow').locator('.task')).toHaveText([/Today one/]);
    await readAgain;
    if (size === SIZES.desktop) {
      // By mouse.
      await column('Some day').locator('.task-card').hover({ position: { x: 90, y: 6 } });
      await page.mouse.down();
      const target = (await column('This week').boundingBox())!;
      await page.mouse.move(target.x + 100, target.y + 100, { steps: 8 });
      await page.mouse.up();
      await expect(column('This week').locator('.task')).toHaveText([/Some one/]);
    }
    await page.reload();
    await hydrated(page);
    await expect(column('Tomorrow').locator('.task')).toHaveText([/Today one/]);
    await accessible(page);
  });
}

test('the first steps tick themselves off, and are put away', async ({ page }) => {
  await signUp(page, 'First');
  await hydrated(page);
  const steps = page.getByRole('region', { name: 'First steps' });
  await expect(steps).toContainText('0 of 5');
  await make(page, 'contacts', { firstName: 'Ana' });
  await make(page, 'deals', { title: 'One', nextAction: 'Call' });
  await open(page, '/');
  await expect(steps).toContainText('3 of 5');
  await steps.getByRole('link', { name: 'Log a call or a meeting' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log an interaction');
  await open(page, '/');
  await accessible(page);
  await steps.getByRole('button', { name: 'Put the first steps away' }).click();
  await expect(steps).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(steps).toHaveCount(0);
});
