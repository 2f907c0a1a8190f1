// A dashboard behind a link: no account, no wasm, only what was chosen, until it is revoked.
import { accessible, expect, hydrated, make, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

test('DSH-01 a dashboard is shared by link, prints, and ends when it is revoked', async ({ page, browser }) => {
  await signUp(page, 'Canary Workspace');
  await hydrated(page);
  // Canaries: nothing of these may leave unless it was chosen.
  await make(page, 'contacts', { firstName: 'Canarycontact', emails: ['canary@secret.test'] });
  await make(page, 'companies', { name: 'Canarycompany' });
  await make(page, 'deals', { title: 'Canarydeal', value: '1234', company: 'Canarycompany' });
  await make(page, 'deals', { title: 'Canaryprivate', value: '777', visibility: 'private' });
  await open(page, '/settings/shares');
  await page.getByRole('textbox', { name: 'Title' }).fill('Quarter');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = new URL(await page.getByRole('textbox', { name: 'Link' }).inputValue()).pathname;
  const guest = await browser.newContext({ javaScriptEnabled: false });
  const out = await guest.newPage();
  const loaded: string[] = [];
  out.on('request', r => loaded.push(r.url()));
  for (const size of [...Object.values(SIZES), { width: 320, height: 600 }]) {
    await out.setViewportSize(size);
    const answer = await out.goto(link);
    expect(answer!.status()).toBe(200);
    expect(answer!.headers()['x-robots-tag']).toContain('noindex');
    expect(answer!.headers()['set-cookie']).toBeUndefined();
    await noSidewaysScroll(out);
    await expect(out.getByRole('heading', { level: 1 })).toHaveText('Quarter');
    await expect(out.locator('.tile', { hasText: 'Open pipeline' })).toContainText('$1,234');
  }
  // The link's own token may hold any digits.
  const html = (await out.content()).replaceAll(link, '');
  for (const canary of ['Canarycontact', 'canary@secret', 'Canarycompany', 'Canarydeal', 'Canaryprivate', '777', '2,011', '/deals', '/people', 'wasm', '<script']) {
    expect(html, canary).not.toContain(canary);
  }
  expect(loaded.filter(u => /wasm|\.js($|\?)/.test(u))).toEqual([]);
  const seen = await browser.newContext();
  const scripted = await seen.newPage();
  for (const scheme of ['light', 'dark'] as const) {
    await scripted.emulateMedia({ colorScheme: scheme });
    await scripted.goto(link);
    await accessible(scripted);
  }
  await scripted.emulateMedia({ media: 'print' });
  const pdf = await scripted.pdf({ format: 'A4' });
  expect((pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length).toBeLessThanOrEqual(2);
  const picture = await scripted.request.get(`${link}/preview.png`);
  expect(picture.headers()['content-type']).toBe('image/png');
  expect((await picture.body()).readUInt32BE(16)).toBe(1200);
  // The workspace sees that it was opened, and takes it back at once.
  await open(page, '/settings/shares');
  await expect(page.getByRole('region', { name: 'Links that work' })).toContainText('opened 5 times');
  await page.getByRole('button', { name: 'Revoke Quarter' }).click();
  await expect(page.getByText('The link is revoked.')).toBeVisible();
  for (const path of [link, `${link}/preview.png`, '/s/0000']) expect((await scripted.request.get(path)).status()).toBe(404);
  await guest.close();
  await seen.close();
});
