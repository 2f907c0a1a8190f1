// Languages: every word comes from a catalogue, numbers and days are written as the language does, and the pages stand
// from right to left too.
import { mkdirSync } from 'node:fs';
import { accessible, expect, hydrated, make, newEmail, noSidewaysScroll, open, PASSWORD, SIZES, test } from '../kit';
import type { BrowserContext, Page } from '@playwright/test';

test.describe.configure({ mode: 'serial' });
const shots = process.env.SHOTS ?? 'shots';
mkdirSync(shots, { recursive: true });

const speak = (context: BrowserContext, language: string) => context.addCookies([{ name: 'rapport-language', value: language, url: process.env.BASE! }]);

async function join(page: Page, language: string): Promise<string> {
  const email = newEmail();
  await speak(page.context(), language);
  await page.goto('/sign-up');
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=workspace]').fill('Ж');
  await page.locator('form .button--primary').click();
  await page.waitForURL(u => u.pathname === '/');
  return email;
}

/** Words on the page, or said by it, that did not come out of a catalogue: those are in strange letters within brackets. */
function plainWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const look = (text: string | null | undefined) => {
      const dates = /\b(\d{1,2} )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*( \d{4})?\b|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b/g;
      const left = (text ?? '').replace(/⟦[^⟧]*⟧/g, '').replace(/⟦[^⟧]*|[^⟦]*⟧/g, '').replace(dates, '').replace(/[^\s]+@[^\s]+|https?:\S+|p\d+-\d+-\d+|Rapport|Chrome|Linux|Ctrl|UTC|CSV|EUR|USD/g, '');
      if (/[A-Za-z]{3,}/.test(left)) found.add(left.trim().slice(0, 80));
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement!;
      // What people wrote, codes, and names of days and months, which are data of the language and not of a catalogue.
      if (!parent.closest('script, style, noscript, kbd, code, pre, time, span[lang], .avatar, .sidebar__user, [data-own]')) look(node.textContent);
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
      if (element.closest('.avatar')) continue;
      for (const name of ['aria-label', 'placeholder', 'title']) look(element.getAttribute(name));
    }
    return [...found];
  });
}

test('no word passes the catalogues by', async ({ page }) => {
  test.setTimeout(240_000);
  await page.setViewportSize(SIZES.desktop);
  await join(page, 'en-XA');
  await hydrated(page);
  const contact = await make(page, 'contacts', { firstName: 'Жена', birthday: '1990-05-06' });
  const company = await make(page, 'companies', { name: 'Ж' });
  const deal = await make(page, 'deals', { title: 'Ж', value: '1234.50', companyId: company, contactIds: [contact] });
  const task = await make(page, 'tasks', { title: 'Ж', dueDate: '2026-01-05', priority: 'high', recurrence: 'FREQ=WEEKLY', contactId: contact });
  await make(page, 'interactions', { type: 'call', contactId: contact, subject: 'Ж', outcome: 'positive', sentiment: 'positive', nextStep: 'Ж', followUpRequired: true, followUpDate: '2026-01-06' });
  const tag = await make(page, 'tags', { name: 'Ж', color: 'teal' });
  const lead = await make(page, 'leads', { firstName: 'Ж', companyName: 'Ж', status: 'qualified', quality: 'hot', source: 'referral', followUpDate: '2026-01-07' });
  await make(page, 'notes', { body: 'Ж', contactId: contact, pinned: true });
  const routes = ((await (await page.request.get('/public/routes.json')).json()) as string[]).map(r => r.replace(/\{(\w+)\}/g, ':$1'));
  const paths = [...routes.filter(r => !r.includes(':') && r !== '/kit').map(r => r || '/'), `/people/${contact}`, `/companies/${company}`, `/deals/${deal}`, `/tasks/${task}`, `/leads/${lead}`,
    `/settings/tags/${tag}`, '/new/contact', '/new/deal', '/new/task', '/new/company', `/edit/contact/${contact}`, '/tasks?as=board', '/deals?as=list', '/deals?as=forecast', '/people?q=ж'];
  const missed: Record<string, string[]> = {};
  for (const path of paths) {
    await open(page, path);
    await page.waitForTimeout(100);
    const words = await plainWords(page);
    if (words.length) missed[path] = words;
  }
  // What is only there once it is opened.
  await open(page, '/people');
  await page.keyboard.press('Control+k');
  await expect(page.locator('dialog[open]')).toBeVisible();
  const palette = await plainWords(page);
  if (palette.length) missed.palette = palette;
  expect(missed).toEqual({});
});

test('words of an area come with its pages, by navigation too', async ({ page, quiet }) => {
  await page.setViewportSize(SIZES.desktop);
  await join(page, 'en-XA');
  await make(page, 'deals', { title: 'Ж' });
  for (const [path, file] of Object.entries({ '/deals?as=list': 'sales', '/companies': 'people', '/settings/tags': 'setup', '/analytics': 'figures' })) {
    const files: string[] = [];
    page.on('request', request => { const name = new URL(request.url()).pathname.match(/words\.(\w+)\.de\.json/)?.[1]; if (name) files.push(name); });
    await page.goto('/nowhere');
    await hydrated(page);
    // The words of this page are in the file of all pages.
    expect(files).toEqual([]);
    await page.evaluate(href => {
      const link = Object.assign(document.createElement('a'), { href });
      document.querySelector('#main')!.append(link);
      link.click();
    }, path);
    await page.waitForURL(u => u.pathname === path.split('?')[0]);
    await expect(page.locator('#main .skeleton')).toHaveCount(0);
    await expect.poll(() => plainWords(page)).toEqual([]);
    expect(files).toContain(file);
    page.removeAllListeners('request');
  }
  quiet.splice(0, quiet.length, ...quiet.filter(message => !message.includes('404 (Not Found)')));
});

test('German and Spanish: words, numbers and days, chosen by hand or asked for by the browser', async ({ page, browser }) => {
  test.setTimeout(120_000);
  await page.setViewportSize(SIZES.phone);
  await join(page, 'de');
  await hydrated(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.locator('h1')).toHaveText('Heute');
  const deal = await make(page, 'deals', { title: 'Werk Süd', value: '1234567.50', expectedCloseDate: '2030-03-09' });
  await open(page, `/deals/${deal}`);
  await expect(page.locator('#main')).toContainText('1.234.567,50\u00a0$');
  await expect(page.locator('#main')).toContainText('9. März 2030');
  // What is typed is read as it is written: a point between thousands is none before cents.
  await page.locator('.tabs__item').nth(1).click();
  await page.getByRole('button', { name: /^Wert:/ }).click();
  await expect(page.getByRole('textbox', { name: 'Wert' })).toHaveValue('1234567,50');
  await page.getByRole('textbox', { name: 'Wert' }).fill('2.500');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Wert:/ })).toHaveText('2.500\u00a0$');
  await expect.poll(async () => (await (await page.request.get(`/api/v1/deals/${deal}`)).json()).data.value).toBe('2500.00');
  // The stages of a workspace that was made in German have German names.
  await open(page, '/deals');
  await expect(page.locator('.column h2').first()).toContainText('Akquise');
  // A refusal is told in German, where the form is sent without the program too.
  await page.goto('/settings/profile');
  await hydrated(page);
  await page.locator('[name=old]').fill('wrong wrong wrong');
  await page.locator('[name=new]').fill('four unrelated little words');
  await page.locator('form[action="/do/account/password"] button[type=submit]').click();
  await expect(page.locator('.error-box')).toContainText('Passwort');
  await hydrated(page);
  await page.getByRole('button', { name: 'Español' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await hydrated(page);
  await page.goto('/');
  await expect(page.locator('h1')).toHaveText('Hoy');
  await open(page, `/deals/${deal}`);
  await expect(page.locator('#main')).toContainText('2500\u00a0$');
  await expect(page.locator('#main')).toContainText('9 mar 2030');
  await open(page, '/dashboard?period=all');
  await expect(page.locator('#main')).not.toContainText(/\b(Jan|Apr|Aug|Dec) \d{4}/);
  // Nothing chosen: as the browser asks.
  const stranger = await browser.newContext({ locale: 'es-MX' });
  const theirs = await stranger.newPage();
  await theirs.goto('/sign-in');
  await expect(theirs.locator('html')).toHaveAttribute('lang', 'es');
  await theirs.goto('/help');
  await expect(theirs.locator('h1')).toHaveText('Ayuda');
  await stranger.close();
});

test('from right to left every page stands', async ({ page }) => {
  test.setTimeout(240_000);
  await join(page, 'ar-XB');
  await hydrated(page);
  const contact = await make(page, 'contacts', { firstName: 'Жена' });
  const deal = await make(page, 'deals', { title: 'Ж', value: '1234.50', contactIds: [contact] });
  const paths = ['/', '/people', `/people/${contact}`, '/deals', '/deals?as=list', '/deals?as=forecast', `/deals/${deal}`, '/tasks', '/feed', '/dashboard', '/analytics', '/settings', '/settings/profile', '/new/contact', '/kit'];
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    for (const path of paths) {
      await open(page, path);
      expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe('rtl');
      await noSidewaysScroll(page);
      await page.screenshot({ path: `${shots}/${name}-rtl${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'id').replace(/[^a-z]+/gi, '-')}.png` });
    }
    await accessible(page);
  }
});
