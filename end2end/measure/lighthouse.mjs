// Lighthouse on pages behind a session: every page cold, in a context of its own, the median of several runs.
// node lighthouse.mjs BASE COOKIE RUNS PATH… → one line of JSON per page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

const [base, cookie, runs, ...paths] = process.argv.slice(2);
const [name, value] = cookie.split('=');
const profile = mkdtempSync(join(tmpdir(), 'lighthouse-'));
const chromium = spawn(process.env.CHROMIUM ?? 'chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
  '--disable-extensions', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-port=0',
  `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
process.once('exit', () => chromium.kill());
const address = await new Promise((found, lost) => {
  let said = '';
  chromium.stderr.on('data', part => { const hit = /listening on (ws:\S+)/.exec(said += part); if (hit) found(hit[1]); });
  chromium.once('exit', code => lost(new Error(`chromium left: ${code}`)));
});
const browser = await puppeteer.connect({ browserWSEndpoint: address, defaultViewport: null });
for (const path of paths) {
  const got = [];
  for (let tries = 0; got.length < Number(runs) && tries < Number(runs) + 2; tries += 1) {
    const context = await browser.createBrowserContext();
    await context.setCookie({ name, value, domain: new URL(base).hostname, path: '/' });
    const { lhr } = await lighthouse(base + path, { logLevel: 'silent', onlyCategories: ['performance', 'accessibility', 'best-practices'] }, undefined, await context.newPage());
    await context.close();
    if (lhr.runtimeError) continue;
    if (lhr.finalDisplayedUrl !== base + path) throw new Error(`${path} led to ${lhr.finalDisplayedUrl}`);
    got.push(lhr);
  }
  got.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
  const median = got[got.length >> 1];
  const figure = id => median.audits[id].numericValue;
  const failed = Object.values(median.categories).flatMap(c => c.auditRefs.filter(r => r.weight > 0 && median.audits[r.id].score !== null && median.audits[r.id].score < 0.9).map(r => r.id));
  console.log(JSON.stringify({
    path, ...Object.fromEntries(Object.values(median.categories).map(c => [c.id, Math.round(c.score * 100)])),
    fcp: figure('first-contentful-paint'), lcp: figure('largest-contentful-paint'), cls: figure('cumulative-layout-shift'), tbt: figure('total-blocking-time'), failed,
    ...(process.env.WHY && { lcpElement: median.audits['largest-contentful-paint-element']?.details?.items?.[0]?.items?.[0]?.node?.snippet, shifts: median.audits['layout-shifts']?.details?.items?.map(i => [i.score, i.node?.snippet]), work: median.audits['mainthread-work-breakdown']?.details?.items?.map(i => [i.groupLabel, Math.round(i.duration)]), tasks: median.audits['long-tasks']?.details?.items?.map(i => [i.url?.slice(-40), Math.round(i.duration)]) }),
  }));
}
await browser.close().catch(() => {});
if (chromium.exitCode === null) { chromium.kill(); await once(chromium, 'exit'); }
rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
