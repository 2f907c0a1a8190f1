// The forecast: deals by month, moved by mouse, keyboard and menu; figures that follow at once and hold.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

for (const [name, size] of Object.entries(SIZES)) {
  test(`DSH-05 deals are moved from month to month, and the figures follow (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Forecast');
    await hydrated(page);
    const { data } = await (await page.request.get('/api/v1/forecast')).json();
    const months: string[] = data.periods.map((p: { period: string }) => p.period).filter((p: string) => /^\d/.test(p));
    const id = await make(page, 'deals', { title: 'Renewal', value: '1000', probability: 50, expectedCloseDate: `${months[1]}-10` });
    await make(page, 'deals', { title: 'Undecided', value: '200', probability: 10 });
    await open(page, '/deals');
    await page.getByRole('link', { name: 'Forecast' }).click();
    const period = (code: string) => page.locator(`[data-column="${code}"]`);
    await expect(period(months[1]).locator('[data-card]')).toContainText('Renewal');
    await expect(period(months[1])).toContainText('expected $500');
    await expect(period('undated').locator('[data-card]')).toContainText('Undecided');
    await expect(page.locator('.forecast__total')).toContainText('expected $520');
    await accessible(page);
    await noSidewaysScroll(page);
    // By menu.
    await period(months[1]).getByRole('button', { name: 'Move Renewal to…' }).click();
    await page.getByRole('menuitem').nth(2).click();
    await expect(period(months[2]).locator('[data-card]')).toContainText('Renewal');
    await expect(period(months[2])).toContainText('expected $500');
    await expect(period(months[1])).toContainText('expected $0');
    await expect(page.locator('.toast').last()).toContainText('Renewal is expected on 10 ');
    const expected = async () => (await (await page.request.get(`/api/v1/deals/${id}`)).json()).data.expectedCloseDate;
    await expect.poll(expected).toBe(`${months[2]}-10`);
    // By keyboard: one month on.
    const card = page.locator(`[data-card="${id}"] a`).first();
    await card.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect(period(months[3]).locator('[data-card]')).toContainText('Renewal');
    await expect.poll(expected).toBe(`${months[3]}-10`);
    // And back by undo; a reload says the same.
    const words = `10 ${new Date(`${months[3]}-10`).toLocaleString('en', { month: 'short', timeZone: 'UTC' })}`;
    await page.locator('.toast', { hasText: words }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(expected).toBe(`${months[2]}-10`);
    await expect(period(months[2]).locator('[data-card]')).toContainText('Renewal');
    await page.reload();
    await hydrated(page);
    await expect(period(months[2]).locator('[data-card]')).toContainText('Renewal');
    // The filters are the board's.
    await open(page, '/deals?as=forecast&q=undecided');
    await expect(page.locator('[data-card]')).toHaveCount(1);
    await page.getByRole('link', { name: 'Board', exact: true }).click();
    await expect(page.locator('[data-card]')).toHaveCount(1);
    await expect(page).toHaveURL(/q=undecided/);
  });
}
