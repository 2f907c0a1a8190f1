// API tokens and the password that is asked for again, from a Rapport of its own that asks every time.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { accessible, expect, hydrated, newEmail, noSidewaysScroll, PASSWORD, SIZES, test } from '../kit';

let program: ChildProcess;
let base: string;
let data: string;

test.beforeAll(async () => {
  test.setTimeout(60_000);
  const port = await new Promise<number>(done => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address() as { port: number }; s.close(() => done(port)); }); });
  base = `http://127.0.0.1:${port}`;
  data = mkdtempSync(join(tmpdir(), 'rapport-tokens-'));
  program = spawn(process.env.RAPPORT_PROGRAM!, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--password-minutes', '0'], { cwd: resolve('..'), stdio: 'ignore' });
  await expect.poll(async () => (await fetch(`${base}/readyz`).catch(() => null))?.status, { timeout: 30_000 }).toBe(200);
});

test.afterAll(async () => {
  program.kill('SIGTERM');
  await new Promise(done => program.once('exit', done));
  rmSync(data, { recursive: true, force: true });
});

/** A browser of its own: that the password is asked for is an answer with a status, which a browser writes on its console. */
async function signedUp(browser: Browser, javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({ baseURL: base, javaScriptEnabled, viewport: SIZES.phone, permissions: javaScriptEnabled ? ['clipboard-read', 'clipboard-write'] : [] });
  const page = await context.newPage();
  await page.goto('/sign-up');
  await page.getByLabel('E-mail').fill(newEmail());
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(u => u.pathname === '/');
  return page;
}

for (const scripts of [true, false]) {
  test(`a token is made behind the password, shown once, used and revoked, ${scripts ? 'with' : 'without'} scripts`, async ({ browser }) => {
    const page = await signedUp(browser, scripts);
    await page.goto('/settings/tokens');
    if (scripts) await hydrated(page);
    await expect(page.getByText('No active tokens.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Name' }).fill('Nightly "sync" <x>');
    await page.getByLabel('Expiry').selectOption('30');
    await page.getByRole('button', { name: 'Make a token' }).click();
    // Asked again: wrong, given up, and right. What was typed is not typed again.
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm your password');
    for (const size of Object.values(SIZES)) {
      await page.setViewportSize(size);
      await noSidewaysScroll(page);
    }
    if (scripts) await accessible(page);
    await page.locator('[name=confirm_password]').fill('not the password');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('This password is wrong.')).toBeVisible();
    if (scripts) {
      await page.getByRole('link', { name: 'Cancel' }).click();
      await hydrated(page);
      await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Nightly "sync" <x>');
      await page.getByRole('button', { name: 'Make a token' }).click();
    }
    await page.locator('[name=confirm_password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('Here is the token. It is shown this once.')).toBeVisible();
    const shown = page.getByRole('textbox', { name: 'API token' });
    const token = await shown.inputValue();
    expect(token).toMatch(/^rap_[0-9a-f]{64}$/);
    if (scripts) {
      await hydrated(page);
      await page.getByRole('button', { name: 'Copy' }).click();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
      await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('');
    }
    const answer = await fetch(`${base}/api/v1/contacts`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    await page.goto('/settings/tokens');
    await expect(shown).toHaveCount(0);
    const line = page.getByRole('region', { name: 'Active tokens' }).getByRole('listitem');
    await expect(line).toContainText('Nightly "sync" <x>');
    await expect(line).toContainText(`rap_…${token.slice(-4)}`);
    await expect(line).toContainText('last used');
    for (const size of [...Object.values(SIZES), { width: 320, height: 600 }]) {
      await page.setViewportSize(size);
      await noSidewaysScroll(page);
    }
    if (scripts) {
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await accessible(page);
      }
    }
    await page.getByRole('button', { name: 'Revoke Nightly' }).click();
    await expect(page.getByText('The token is revoked.')).toBeVisible();
    await expect(page.getByRole('region', { name: 'Ended' })).toContainText('revoked');
    expect((await fetch(`${base}/api/v1/contacts`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    await page.context().close();
  });
}
