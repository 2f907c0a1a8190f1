// The kit in whatever a browser or a person may ask of it; larger text and the other direction on the main pages.
import { mkdirSync } from 'node:fs';
import { accessible, expect, make, noSidewaysScroll, open, signUp, SIZES, test } from '../kit';

const shots = process.env.SHOTS ?? 'shots';
mkdirSync(shots, { recursive: true });

// With everything open that opens.
const ASKS = {
  light: {}, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' }, 'more contrast': { contrast: 'more' }, 'no motion': { reducedMotion: 'reduce' },
} as const;
// The rules of axe that a change of colours can break.
const COLOURS = ['color-contrast', 'link-in-text-block'];
for (const [name, size] of Object.entries(SIZES)) {
  test(`the kit as it may be asked for (${name})`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize(size);
    await signUp(page, 'Kit');
    await make(page, 'companies', { name: 'Acme' });
    for (const [ask, media] of Object.entries(ASKS)) {
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', contrast: 'no-preference', reducedMotion: 'no-preference', ...media });
      // The structure is the same whatever is asked for; the first judges it, the others judge the colours.
      // Axe checks only the opened overlay: the rest of the page was checked before it opened.
      const judged = (within?: string) => accessible(page, { rules: ask === 'light' ? undefined : COLOURS, within });
      await open(page, '/kit');
      await noSidewaysScroll(page);
      await judged();
      await page.screenshot({ path: `${shots}/kit-${name}-${ask.replace(' ', '-')}.png`, fullPage: true });
      // Every state that opens.
      await page.getByRole('button', { name: 'Menu', exact: true }).click();
      await expect(page.getByRole('menuitem').first()).toBeVisible();
      await judged('.menu:popover-open');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Choose a company' }).click();
      await expect(page.locator('.picker').getByRole('option').first()).toBeVisible();
      await judged('.picker');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Show a message' }).click();
      await page.getByRole('button', { name: 'Show an error' }).click();
      await expect(page.locator('.toast')).toHaveCount(2);
      await judged('.toasts');
      await page.locator('[data-card="1"]').focus();
      await page.keyboard.press('Space');
      await judged('.board');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Space');
      await expect(page.locator('[data-column="b"] [data-card="1"]')).toBeVisible();
      await page.getByRole('button', { name: 'Open sheet' }).click();
      await expect(page.locator('dialog[open]')).toBeVisible();
      await judged('dialog[open]');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog').getByRole('combobox')).toBeVisible();
      await judged('dialog[open]');
      await page.keyboard.press('Escape');
    }
  });
}

test('text of twice the size and the other direction leave nothing cut off or beside the page', async ({ page }) => {
  test.setTimeout(120_000);
  await signUp(page, 'Large');
  const person = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee', jobTitle: 'Head of purchasing' });
  const deal = await make(page, 'deals', { title: 'Renewal', value: '1200', contactIds: [person] });
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    for (const path of ['/kit', '/', '/people', '/deals', '/deals?as=list', '/tasks', '/settings', '/new/contact', `/deals/${deal}`, `/people/${person}`]) {
      await open(page, path);
      // What a browser does when somebody asks it for larger text (WCAG 1.4.4).
      await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
      await noSidewaysScroll(page);
      if (path === '/kit') await accessible(page);
    }
  }
  await open(page, '/kit');
  await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  await noSidewaysScroll(page);
  await accessible(page);
});
