// `make walks`: replays every walk under end2end/walks against a server of its own and takes its pictures, at both sizes in
// light and dark. A walk is a file `NAME.walk.mjs` with one function, which gets a signed-up page and takes pictures:
//   export default async ({ page, shot, make, offline }) => { … await shot('what it shows'); }
// It fails when a step does not work, and when the page writes to its console.
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [program, only = ''] = process.argv.slice(2);
const out = join(import.meta.dirname, '..', 'shots', 'walks');
mkdirSync(out, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'rapport-walks-'));
const port = await new Promise(done => { const s = createServer().listen(0, '127.0.0.1', () => { const { port: free } = s.address(); s.close(() => done(free)); }); });
const base = `http://127.0.0.1:${port}`;
const server = spawn(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { env: { ...process.env, RAPPORT_TRUSTED_PROXY: 'loopback' }, stdio: 'ignore' });
const ready = async () => (await fetch(`${base}/readyz`).catch(() => null))?.ok;
for (let i = 0; i < 150 && !await ready(); i += 1) await new Promise(done => setTimeout(done, 200));

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let failed = 0, walked = 0;

async function walk(name, steps, size, colorScheme) {
  const context = await browser.newContext({ baseURL: base, viewport: SIZES[size], colorScheme, reducedMotion: 'reduce', hasTouch: size === 'phone' });
  const page = await context.newPage();
  const said = [];
  // What the network says is the walk's own doing.
  page.on('console', m => { if (!m.text().startsWith('Failed to load resource')) said.push(m.text()); });
  page.on('pageerror', e => said.push(e.message));
  const form = { email: `w${Date.now()}-${walked}@walks.test`, password: 'correct horse battery', workspace: 'Walks', time_zone: 'Europe/Berlin' };
  await page.request.post('/sign-up', { form, headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 });
  const open = async path => { await page.goto(path); await page.waitForFunction(() => document.documentElement.dataset.hydrated === 'yes'); };
  let n = 0;
  const shot = async what => { n += 1; await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}-${n}-${what.replace(/[^a-z0-9]+/gi, '-')}.png`) }); };
  const make = async (plural, data) => (await (await page.request.post(`/api/v1/${plural}`, { data, headers: { origin: base } })).json()).data;
  try {
    await open('/');
    await steps({ page, context, base, open, shot, make, offline: on => context.setOffline(on) });
    if (said.length) throw new Error(`on the console: ${said.join(' | ')}`);
    console.log(`ok      ${name} (${size}, ${colorScheme}): ${n} pictures`);
  } catch (e) {
    failed += 1;
    await shot('failed').catch(() => undefined);
    console.log(`FAILED  ${name} (${size}, ${colorScheme}): ${e.message}`);
  }
  walked += 1;
  await context.close();
}

for (const file of readdirSync(import.meta.dirname).filter(f => f.endsWith('.walk.mjs') && f.includes(only)).sort()) {
  const { default: steps } = await import(`./${file}`);
  for (const size of Object.keys(SIZES)) for (const scheme of ['light', 'dark']) await walk(file.replace('.walk.mjs', ''), steps, size, scheme);
}
await browser.close();
server.kill('SIGTERM');
await new Promise(done => server.once('exit', done));
rmSync(data, { recursive: true, force: true });
console.log(`${walked - failed} walks, ${failed} failed; pictures in end2end/shots/walks`);
process.exit(failed ? 1 : 0);
