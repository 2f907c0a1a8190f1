// What a phone of the middle feels (CPU slowed four times): painting, pressing, typing, coming back. Medians of several runs.
// node measure/interface.mjs BASE COOKIE RUNS → lines of a table.
import { chromium } from '@playwright/test';

const [base, cookie, runs] = process.argv.slice(2);
const [name, value] = cookie.split('=');
const SLOW = 4;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const median = all => [...all].sort((a, b) => a - b)[all.length >> 1];
const p95 = all => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * 0.95))];
const ready = page => page.waitForFunction(() => document.documentElement.dataset.hydrated === 'yes' && !document.querySelector('.board:not([data-ready])'), null, { timeout: 60_000, polling: 20 });

async function visit(path, { slow = 1, viewport = { width: 360, height: 740 }, serviceWorkers = 'block' } = {}) {
  const context = await browser.newContext({ viewport, serviceWorkers });
  await context.addCookies([{ name, value, url: base }]);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; }).observe({ type: 'layout-shift', buffered: true });
    window.presses = [];
    new PerformanceObserver(list => { for (const e of list.getEntries()) if (e.interactionId) window.presses.push([e.name, e.duration]); }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  if (slow > 1) await cdp.send('Emulation.setCPUThrottlingRate', { rate: slow });
  await page.goto(base + path, { waitUntil: 'commit' });
  const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find(m => m.name === 'TaskDuration').value * 1000;
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0, null, { polling: 'raf' });
  const visible = await busy();
  await ready(page);
  await page.waitForTimeout(300 * slow);
  return { context, page, cdp, busy, visible };
}
const figures = { visible: [], cpu: [], shift: [], nodes: [], inp: [], drop: [], palette: [], filter: [], again: [], listNodes: [] };
for (let run = 0; run < Number(runs); run += 1) {
  // The whole work of the main thread for a board of 240 cards, from nothing to ready.
  {
    const { context, page, busy, visible } = await visit('/deals', { viewport: { width: 1280, height: 800 } });
    figures.visible.push(visible);
    figures.cpu.push(await busy());
    figures.nodes.push(await page.evaluate(() => document.querySelectorAll('*').length));
    figures.shift.push(await page.evaluate(() => window.shift));
    // A card is dropped: how long until the frame with it in its new place.
    const card = page.locator('.column [data-card]').first();
    const from = await card.boundingBox();
    const to = await page.locator('.column').nth(1).boundingBox();
    await page.mouse.move(from.x + 40, from.y + 60);
    await page.mouse.down();
    await page.mouse.move(from.x + 80, from.y + 70, { steps: 4 });
    await page.mouse.move(to.x + 100, to.y + 120, { steps: 8 });
    await page.waitForTimeout(200);
    await page.evaluate(() => {
      addEventListener('pointerup', () => { const at = performance.now(); requestAnimationFrame(() => requestAnimationFrame(() => { window.dropped = performance.now() - at; })); }, { capture: true, once: true });
    });
    await page.mouse.up();
    await page.waitForFunction(() => window.dropped);
    figures.drop.push(await page.evaluate(() => window.dropped));
    await context.close();
  }
  {
    const { context, page } = await visit('/people', { slow: SLOW });
    figures.listNodes.push(await page.evaluate(() => document.querySelectorAll('*').length));
    const timed = async (press, done) => {
      await page.evaluate(() => { window.presses.length = 0; });
      await press();
      await done();
      await page.waitForTimeout(400);
      return page.evaluate(() => Math.max(16, ...window.presses.map(p => p[1])));
    };
    const taps = [];
    taps.push(await timed(() => page.locator('.tabbar__add').click(), () => page.locator('dialog[open]').waitFor()));
    taps.push(await timed(() => page.keyboard.press('Escape'), () => page.locator('dialog[open]').waitFor({ state: 'detached' })));
    await page.waitForTimeout(1500);
    const opened = await timed(() => page.keyboard.press('Control+k'), () => page.getByRole('dialog').getByRole('combobox').waitFor());
    const typed = await timed(() => page.keyboard.type('set', { delay: 120 }), () => page.getByRole('option').first().waitFor());
    figures.palette.push(typed);
    taps.push(opened, typed);
    taps.push(await timed(() => page.keyboard.press('Escape'), () => page.locator('dialog[open]').waitFor({ state: 'detached' })));
    const search = page.locator('main input[type=search]').first();
    const filter = await timed(async () => { await search.click(); await page.keyboard.type('ana', { delay: 120 }); }, () => page.waitForTimeout(300));
    figures.filter.push(filter);
    taps.push(filter);
    taps.push(await timed(() => page.locator('.tabbar .nav-link').nth(2).click(), () => page.waitForURL(u => u.pathname === '/deals')));
    figures.inp.push(...taps);
    await context.close();
  }
  // Somebody comes back: the program's files are kept by then.
  {
    const { context, page } = await visit('/people', { serviceWorkers: 'allow' });
    await page.waitForFunction(() => navigator.serviceWorker.ready.then(r => !!r.active));
    await page.waitForTimeout(3000);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
    await page.goto(`${base}/people`, { waitUntil: 'commit' });
    await ready(page);
    figures.again.push(await page.evaluate(() => performance.now()));
    await context.close();
  }
}
await browser.close();
const row = (what, figure, budget) => console.log(`| ${what} | ${figure} | ${budget} |`);
const ms = x => `${Math.round(x)} ms`;
row('board of 240 cards at 1280: work of the main thread until it is visible', ms(median(figures.visible)), '≤ 250 ms');
row('… until it answers, and 0.3 s beyond', ms(median(figures.cpu)), '');
row('nodes of that page', median(figures.nodes), '≤ 1,800');
row('nodes of a list of 50', median(figures.listNodes), '≤ 2,500');
row('layout shift of it', median(figures.shift).toFixed(3), '≤ 0.02');
row('a card dropped → two frames later', ms(median(figures.drop)), 'one frame + 16 ms');
row(`press to paint at ${SLOW}× CPU, the slowest twentieth`, ms(p95(figures.inp)), '≤ 100 ms');
row(`key in the palette at ${SLOW}× CPU`, ms(median(figures.palette)), '≤ 50 ms');
row(`key in a filter at ${SLOW}× CPU`, ms(median(figures.filter)), '≤ 50 ms');
row(`people again, until it answers, at ${SLOW}× CPU`, ms(median(figures.again)), '≤ 800 ms');
