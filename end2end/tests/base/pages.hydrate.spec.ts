// Every page of the router, one test per page and size: quiet, alive, accessible, no sideways scroll, pictured. A new page
// is a line in PAGES and with it a new test, not a longer one.
import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { accessible, expect, noSidewaysScroll, open, SIZES, test, watched, type Watched } from '../kit';
import { everything } from '../everything';

const shots = process.env.SHOTS ?? 'shots';
mkdirSync(shots, { recursive: true });

// The routes of the program, with what stands for their variables; then the same pages in other states.
const ROUTES = [
  '/', '/log', '/tasks', '/tasks/:id', '/interactions/:id', '/deals', '/deals/:id', '/leads', '/leads/:id', '/people', '/people/:id', '/companies', '/companies/:id', '/feed',
  '/notes/:id', '/notifications', '/dashboard', '/analytics', '/import', '/import/:id', '/settings', '/settings/people', '/settings/tags',
  '/settings/workspace', '/settings/shares', '/settings/tokens', '/settings/notifications', '/settings/profile', '/settings/:plural/:id', '/new/:kind',
  '/edit/:kind/:id', '/kit',
];
const STATES = [
  '/tasks?as=board', '/dashboard?period=all', '/settings?q=tag', '/deals?as=list', '/deals?as=forecast', '/deals?group=ownerId',
  '/people?group=companyId', '/people?q=nobody-of-this-name', '/not-a-page',
];
const LOOKS = [
  { name: 'phone', size: SIZES.phone, scheme: 'light', other: 'dark', widths: [320] },
  // The narrowest, those between and those beyond (UX §12.4).
  { name: 'desktop', size: SIZES.desktop, scheme: 'dark', other: 'light', widths: [320, 768, 1920] },
] as const;
// What moves by itself and how much there is to keep up with (UX §11).
const SHIFT = 0.02;
const NODES = { most: 2_500, board: 1_800 };

// One signed-in page for all of them: each test would load the program anew otherwise.
let walk: Watched;
let ids: Record<string, string>;

/** Runs before the page's own scripts: notes a document that loses its title and content that moves by itself. */
function observe(): void {
  new MutationObserver(() => {
    if (document.readyState !== 'loading' && document.title === '') document.documentElement.dataset.untitled = 'yes';
  }).observe(document, { childList: true, subtree: true, characterData: true });
  const felt = { shift: 0, by: [] as string[] };
  Object.assign(globalThis, { felt });
  type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] };
  new PerformanceObserver(list => {
    for (const entry of (list.getEntries() as Shift[]).filter(e => !e.hadRecentInput)) {
      felt.shift += entry.value;
      felt.by.push(...entry.sources.map(s => s.node?.outerHTML?.slice(0, 100) ?? ''));
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  walk = await watched(browser);
  ids = await everything(walk.page);
  await walk.page.addInitScript(observe);
});

test.afterAll(async () => walk.page.context().close());

function place(route: string): string {
  const id = ids[route] ?? '';
  return route.replace(':plural', 'products').replace('/edit/:kind', '/edit/company').replace(':kind', 'deal').replace(':id', id);
}

/** Opens a page; the browser notes the 404 of an unknown one itself. */
async function visit(page: Page, path: string): Promise<void> {
  if (path !== '/not-a-page') return open(page, path);
  await page.goto(path);
  walk.said.splice(0);
}

async function isCalm(page: Page, path: string): Promise<void> {
  expect(await page.locator('html').getAttribute('data-untitled'), path).toBeNull();
  const felt = await page.evaluate(() => ({ nodes: document.querySelectorAll('*').length, ...(globalThis as unknown as { felt: { shift: number; by: string[] } }).felt }));
  expect.soft(felt.shift, `${path} moves by itself: ${felt.by.join('\n')}`).toBeLessThanOrEqual(SHIFT);
  expect.soft(felt.nodes, `nodes of ${path}`).toBeLessThanOrEqual(path === '/deals' ? NODES.board : NODES.most);
}

/** A control that only works after hydration. */
async function isAlive(page: Page, add: string): Promise<void> {
  await page.locator(add).click();
  await expect(page.locator('dialog[open]')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

test('every route of the program is walked', async ({ request }) => {
  const routes = ((await (await request.get('/public/routes.json')).json()) as string[]).map(r => r.replace(/\{(\w+)\}/g, ':$1') || '/');
  expect([...ROUTES].sort()).toEqual(routes.sort());
});

for (const route of [...ROUTES, ...STATES]) for (const { name, size, scheme, other, widths } of LOOKS) {
  test(`${route} (${name})`, async () => {
    const { page } = walk;
    const path = place(route);
    const picture = (look: string) => page.screenshot({ path: `${shots}/${name}-${look}${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'id').replace(/[^a-z]+/gi, '-')}.png` });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'no-preference' });
    await page.setViewportSize(size);
    await visit(page, path);
    await page.waitForTimeout(150);
    await picture(scheme);
    await noSidewaysScroll(page);
    await accessible(page);
    await isCalm(page, path);
    // Without motion: a picture in the middle of a transition shows colours that do not exist.
    await page.emulateMedia({ colorScheme: other, reducedMotion: 'reduce' });
    await picture(other);
    if (path !== '/not-a-page') await isAlive(page, name === 'phone' ? '.tabbar__add' : '.sidebar__add');
    for (const width of widths) {
      await page.setViewportSize({ width, height: 640 });
      await noSidewaysScroll(page);
    }
    expect(walk.said.splice(0), 'messages on the console').toEqual([]);
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
