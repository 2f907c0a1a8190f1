// Every page of the router, at both sizes, in light and dark: quiet, alive, accessible, no sideways scroll, pictured.
import { mkdirSync } from 'node:fs';
import { accessible, expect, importAll, noSidewaysScroll, open, SIZES, signIn, signUp, test } from './kit';

test.describe.configure({ mode: 'serial' });
const shots = process.env.SHOTS ?? 'shots';
mkdirSync(shots, { recursive: true });
let email: string;
let paths: string[];

test('the routes are known', async ({ page }) => {
  test.setTimeout(120_000);
  email = await signUp(page, 'Pages');
  await importAll(page);
  const routes = ((await (await page.request.get('/public/routes.json')).json()) as string[]).map(r => r.replace(/\{(\w+)\}/g, ':$1'));
  expect(routes.length).toBeGreaterThan(17);
  const first = async (path: string) => (await (await page.request.get(path)).json()).data[0].id as string;
  await page.goto('/new/contact');
  await page.getByLabel('First name').fill('Ana');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await page.waitForURL(/people\/[0-9a-f-]{36}/);
  // Something of everything that Today and the timelines show.
  const contact = await first('/api/v1/contacts');
  const make = (plural: string, data: object) => page.request.post(`/api/v1/${plural}`, { data, headers: { origin: new URL(page.url()).origin } });
  await make('tasks', { title: 'Send the offer', dueDate: '2026-01-05', priority: 'high', recurrence: 'FREQ=WEEKLY', contactId: contact });
  await make('interactions', { type: 'call', contactId: contact, subject: 'Demo', description: 'Went well.', outcome: 'positive', sentiment: 'positive', nextStep: 'Offer', followUpRequired: true, followUpDate: '2026-01-06' });
  const colors = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'];
  for (const color of colors) await make('tags', { name: color, color, category: 'Colours' });
  await make('notes', { body: '**They** like tea, @Pages\n\n- one\n- `two`\n\n> three', contactId: contact, pinned: true });
  await make('notes', { body: 'Not pinned', contactId: contact });
  const ana = (await (await page.request.get(`/api/v1/contacts/${contact}`)).json()).data;
  await page.request.patch(`/api/v1/contacts/${contact}`, { data: { tags: colors, version: ana.version }, headers: { origin: new URL(page.url()).origin } });
  await make('tasks', { title: 'Ring', remindAt: '2026-01-05T09:00' });
  await make('shares', { title: 'Figures', shows: ['figures'] });
  const ids: Record<string, string> = {
    '/notes/:id': await first('/api/v1/notes'),
    '/tasks/:id': await first('/api/v1/tasks'), '/interactions/:id': await first('/api/v1/interactions'),
    '/deals/:id': await first('/api/v1/deals'), '/people/:id': await first('/api/v1/contacts'), '/companies/:id': await first('/api/v1/companies'),
    '/import/:id': await first('/api/v1/imports'), '/settings/:plural/:id': await first('/api/v1/products'), '/edit/:kind/:id': await first('/api/v1/companies'),
  };
  paths = routes.map(r => r.replace(':plural', 'products').replace('/edit/:kind', '/edit/company').replace(':kind', 'deal').replace(':id', ids[r] ?? '')).map(r => r || '/');
  paths.push('/tasks?as=board', '/dashboard?period=all', '/settings?q=tag', '/deals?as=list', '/deals?as=forecast', '/deals?group=ownerId', '/people?group=companyId', '/people?q=nobody-of-this-name', '/not-a-page');
});

for (const [name, size] of Object.entries(SIZES)) for (const scheme of ['light', 'dark'] as const) {
  test(`every page (${name}, ${scheme})`, async ({ page, quiet }) => {
    test.setTimeout(240_000);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    // A document never loses its title, not even between what the server sent and the page's own code.
    await page.addInitScript(() => new MutationObserver(() => {
      if (document.readyState !== 'loading' && document.title === '') document.documentElement.dataset.untitled = 'yes';
    }).observe(document, { childList: true, subtree: true, characterData: true }));
    // What moves by itself while somebody reads, and how much there is to keep up with (UX §11).
    await page.addInitScript(() => {
      const felt = { shift: 0, by: [] as string[] };
      Object.assign(globalThis, { felt });
      new PerformanceObserver(list => {
        for (const e of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] })[]) if (!e.hadRecentInput) {
          felt.shift += e.value;
          felt.by.push(...e.sources.map(s => s.node?.outerHTML?.slice(0, 100) ?? ''));
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await signIn(page, email);
    for (const path of paths) {
      if (path === '/not-a-page') {
        await page.goto(path);
        quiet.splice(0); // the browser notes the 404 itself
      } else {
        await open(page, path);
      }
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${shots}/${name}-${scheme}${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'id').replace(/[^a-z]+/gi, '-')}.png` });
      await noSidewaysScroll(page);
      await accessible(page);
      expect(await page.locator('html').getAttribute('data-untitled'), path).toBeNull();
      const felt = await page.evaluate(() => ({ nodes: document.querySelectorAll('*').length, ...(globalThis as unknown as { felt: { shift: number; by: string[] } }).felt }));
      expect.soft(felt.shift, `${path} moves by itself: ${felt.by.join('\n')}`).toBeLessThanOrEqual(0.02);
      expect.soft(felt.nodes, `nodes of ${path}`).toBeLessThanOrEqual(path === '/deals' ? 1_800 : 2_500);
      // The canary: a control that only works after hydration.
      if (path !== '/not-a-page') {
        const add = page.locator(name === 'phone' ? '.tabbar__add' : '.sidebar__add');
        await add.click();
        await expect(page.locator('dialog[open]')).toBeVisible();
        await page.keyboard.press('Escape');
        await expect(page.locator('dialog[open]')).toHaveCount(0);
      }
    }
    // The narrowest, and once those between and beyond (UX §12.4).
    const widths = name === 'desktop' && scheme === 'light' ? [320, 768, 1920] : [320];
    for (const path of paths.filter(p => p !== '/not-a-page')) {
      await open(page, path);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 640 });
        await noSidewaysScroll(page);
      }
    }
  });
}

test('public pages load no wasm, and one small script that they can do without', async ({ page }) => {
  const loaded: string[] = [];
  page.on('request', r => loaded.push(new URL(r.url()).pathname));
  for (const path of ['/sign-in', '/sign-up']) for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    await page.goto(path);
    expect(loaded.filter(p => /wasm|\.js$/.test(p) && p !== '/public/plain.js')).toEqual([]);
    expect(await page.locator('script').evaluateAll(all => all.map(s => s.getAttribute('src')))).toEqual(['/public/plain.js']);
    await page.getByRole('button', { name: 'Show password' }).click();
    await expect(page.locator('[name=password]')).toHaveAttribute('type', 'text');
    await noSidewaysScroll(page);
    await accessible(page);
    await page.screenshot({ path: `${shots}/${size.width}${path.replace('/', '-')}.png` });
  }
});

// The kit in whatever a browser or a person may ask of it, and with everything open that opens.
const ASKS = {
  light: {}, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' }, 'more contrast': { contrast: 'more' }, 'no motion': { reducedMotion: 'reduce' },
} as const;
for (const [name, size] of Object.entries(SIZES)) {
  test(`the kit as it may be asked for (${name})`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize(size);
    await signIn(page, email);
    for (const [ask, media] of Object.entries(ASKS)) {
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', contrast: 'no-preference', reducedMotion: 'no-preference', ...media });
      await open(page, '/kit');
      await noSidewaysScroll(page);
      await accessible(page);
      await page.screenshot({ path: `${shots}/kit-${name}-${ask.replace(' ', '-')}.png`, fullPage: true });
      // Every state that opens.
      await page.getByRole('button', { name: 'Menu', exact: true }).click();
      await expect(page.getByRole('menuitem').first()).toBeVisible();
      await accessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Choose a company' }).click();
      await expect(page.locator('.picker').getByRole('option').first()).toBeVisible();
      await accessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Show a message' }).click();
      await page.getByRole('button', { name: 'Show an error' }).click();
      await expect(page.locator('.toast')).toHaveCount(2);
      await accessible(page);
      await page.locator('[data-card="1"]').focus();
      await page.keyboard.press('Space');
      await accessible(page);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Space');
      await expect(page.locator('[data-column="b"] [data-card="1"]')).toBeVisible();
      await page.getByRole('button', { name: 'Open sheet' }).click();
      await expect(page.locator('dialog[open]')).toBeVisible();
      await accessible(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog').getByRole('combobox')).toBeVisible();
      await accessible(page);
      await page.keyboard.press('Escape');
    }
  });
}

test('text of twice the size and the other direction leave nothing cut off or beside the page', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, email);
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    for (const path of ['/kit', '/', '/people', '/deals', '/deals?as=list', '/tasks', '/settings', '/new/contact', ...paths.filter(p => /\/(deals|people)\/[0-9a-f]/.test(p))]) {
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
