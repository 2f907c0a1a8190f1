// docs/screens.md: every screen that exists, as the browser tests pictured it: phone and desktop, light and dark.
// node screens.mjs SHOTS (a folder that `pages.hydrate.spec.ts` filled)
import { chromium } from '@playwright/test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const shots = process.argv[2];
const notes = JSON.parse(readFileSync(new URL('screens.json', import.meta.url)));
mkdirSync('docs/screens', { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1720, height: 420 } });
const out = ['# Screens', '', 'Each as the browser tests pictured it at 360 × 740 and 1280 × 800, light and dark (`node end2end/screens.mjs SHOTS` joins them), and what was mended after looking.', ''];
const data = file => `data:image/png;base64,${readFileSync(file).toString('base64')}`;
for (const [name, path, file, mended] of notes) {
  const files = ['phone-light', 'phone-dark', 'desktop-light', 'desktop-dark'].map(kind => `${shots}/${kind}${file}.png`);
  if (!files.every(f => existsSync(f))) { console.error(`no pictures of ${name} (${file})`); continue; }
  await page.setContent(`<style>body{margin:0;display:flex;gap:10px;background:#8886;padding:10px}img{height:400px;border-radius:6px}</style>${files.map(f => `<img src="${data(f)}">`).join('')}`);
  const slug = name.toLowerCase().replace(/[^a-z]+/g, '-');
  await page.screenshot({ path: `docs/screens/${slug}.jpg`, type: 'jpeg', quality: 62, clip: { x: 0, y: 0, width: 1720, height: 420 } });
  out.push(`## ${name}`, '', `\`${path}\`${mended ? ` · ${mended}` : ''}`, '', `![${name}](screens/${slug}.jpg)`, '');
}
await browser.close();
writeFileSync('docs/screens.md', out.join('\n'));
