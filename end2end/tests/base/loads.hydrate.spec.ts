// What a first visit loads, counted: every byte and request from the navigation until the network is silent and a tap on
// the first row acts. The ceilings only fall; the figures are in the log.
import type { Browser, Page } from '@playwright/test';
import { everything } from '../everything';
import { expect, hydrated, SIZES, test, watched, type Watched } from '../kit';

type Ceiling = { kilobytes: number; requests: number; tap: string; acted: string };
/** Most bytes (as they travel, bodies and heads) and requests of a first visit; a control of its first row and what that shows. */
const CEILINGS: Record<string, Ceiling> = {
  '/': { kilobytes: 560, requests: 10, tap: '#main .today-row [aria-label="Later"]', acted: '.menu:popover-open' },
  '/people': { kilobytes: 457, requests: 10, tap: '#main input[aria-label^="Select "]:not([data-all])', acted: '.bulk.is-shown' },
  '/deals': { kilobytes: 532, requests: 10, tap: '#main .deal-card .icon-button', acted: '.menu:popover-open' },
  '/people/:id': { kilobytes: 583, requests: 10, tap: '#main .pane--details .fact__button', acted: '#main .pane--details .fact__value input' },
  '/deals/:id': { kilobytes: 581, requests: 10, tap: '#main .pane--details .fact__button', acted: '#main .pane--details .fact__value input' },
};
/** How long nothing must come or go until a visit is over, in milliseconds. */
const SILENCE = 2_000;

/** Reads other pages ahead for a time without a network: no part of a visit. */
const AHEAD = '/fn/sync/working_set';

type Load = { path: string; bytes: number };

/** Counts what a page loads, by the browser's own account; a stream that stays open counts as far as it came. */
async function counted(page: Page): Promise<{ loads: Map<string, Load>; silent: () => Promise<void> }> {
  const session = await page.context().newCDPSession(page);
  const loads = new Map<string, Load>();
  let last = Date.now();
  const add = (id: string, bytes: number) => {
    const load = loads.get(id);
    if (load) load.bytes += bytes;
    last = Date.now();
  };
  session.on('Network.requestWillBeSent', e => {
    const url = new URL(e.request.url);
    if (url.protocol.startsWith('http')) loads.set(e.requestId, { path: url.pathname, bytes: 0 });
    last = Date.now();
  });
  session.on('Network.responseReceived', e => add(e.requestId, e.response.encodedDataLength));
  session.on('Network.dataReceived', e => add(e.requestId, e.encodedDataLength));
  session.on('Network.loadingFinished', e => {
    const load = loads.get(e.requestId);
    if (load) load.bytes = e.encodedDataLength;
    last = Date.now();
  });
  await session.send('Network.enable');
  const silent = async () => { while (Date.now() - last < SILENCE) await page.waitForTimeout(100); };
  return { loads, silent };
}

/** The page is only there once a control of its first row acts. */
async function tapFirst(page: Page, { tap, acted }: Ceiling): Promise<void> {
  await page.locator(tap).first().click();
  await expect(page.locator(acted).first()).toBeVisible();
}

async function visit(browser: Browser, from: Watched, path: string, most: Ceiling): Promise<{ loads: Load[]; later: Load[] }> {
  const cold = await watched(browser);
  await cold.page.context().addCookies(await from.page.context().cookies());
  await cold.page.setViewportSize(SIZES.desktop);
  const { loads, silent } = await counted(cold.page);
  await cold.page.goto(path);
  await hydrated(cold.page);
  await silent();
  const before = [...loads.values()].filter(l => l.path !== AHEAD).length;
  await tapFirst(cold.page, most);
  await silent();
  const all = [...loads.values()].filter(l => l.path !== AHEAD);
  expect(cold.said, 'messages on the console').toEqual([]);
  await cold.page.context().close();
  return { loads: all.slice(0, before), later: all.slice(before) };
}

let from: Watched;
let ids: Record<string, string>;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  from = await watched(browser);
  ids = await everything(from.page);
});

test.afterAll(async () => from.page.context().close());

for (const [route, most] of Object.entries(CEILINGS)) {
  test(`a first visit to ${route} loads no more than it did`, async ({ browser }) => {
    const { loads, later } = await visit(browser, from, route.replace(':id', ids[route] ?? ''), most);
    const kilobytes = loads.reduce((sum, l) => sum + l.bytes, 0) / 1000;
    console.log(`${route}: ${kilobytes.toFixed(0)} kB in ${loads.length} requests; a tap brings ${(later.reduce((sum, l) => sum + l.bytes, 0) / 1000).toFixed(0)} kB in ${later.length}`);
    for (const l of [...loads].sort((a, b) => b.bytes - a.bytes)) console.log(`  ${(l.bytes / 1000).toFixed(1)}\t${l.path}`);
    expect.soft(kilobytes).toBeLessThanOrEqual(most.kilobytes);
    expect.soft(loads.length).toBeLessThanOrEqual(most.requests);
  });
}
