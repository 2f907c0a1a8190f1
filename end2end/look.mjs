// Screenshots and messages of pages, for a look by eye: node look.mjs BASE COOKIEJAR OUT PATH…
import { chromium } from '@playwright/test';
const [base, out, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
for (const [name, width, height, scheme] of [['phone', 360, 740, 'light'], ['desk', 1280, 800, 'light'], ['phone-dark', 360, 740, 'dark'], ['desk-dark', 1280, 800, 'dark']]) {
  if (process.env.ONLY && !process.env.ONLY.split(',').includes(name)) continue;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  page.on('console', m => console.log(name, page.url(), m.type(), m.text().slice(0, 400)));
  page.on('pageerror', e => console.log(name, page.url(), 'pageerror', e.message.slice(0, 400)));
  await page.goto(base + '/sign-in');
  await page.fill('[name=email]', 'ana@acme.test'); await page.fill('[name=password]', 'correct-horse-battery');
  await page.click('button[type=submit]'); await page.waitForURL(u => !u.pathname.startsWith('/sign'));
  for (const path of paths) {
    await page.goto(base + path); await page.waitForTimeout(Number(process.env.WAIT || 900));
    await page.screenshot({ path: `${out}/${name}${path.replace(/[^a-z0-9]+/gi, '_')}.png` });
  }
  await context.close();
}
await browser.close();
