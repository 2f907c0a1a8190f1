// Mail over a real SMTP server, from a Rapport of its own: forgotten passwords and notifications.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, hydrated, make, newEmail, PASSWORD, test } from '../kit';

let program: ChildProcess;
let smtp: SMTPServer;
let base: string;
let data: string;
const mails: { to: string; text: string }[] = [];
/** Mails that the server says "later" to before it takes one. */
let busy = 0;

async function freePort(): Promise<number> {
  return new Promise(done => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address() as { port: number }; s.close(() => done(port)); }); });
}

test.beforeAll(async () => {
  test.setTimeout(60_000);
  smtp = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (p: Buffer) => parts.push(p));
      stream.on('end', () => {
        if (busy > 0) { busy -= 1; done(Object.assign(new Error('try later'), { responseCode: 451 })); return; }
        const raw = Buffer.concat(parts).toString('utf8').replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, h: string) => String.fromCharCode(parseInt(h, 16)));
        mails.push({ to: session.envelope.rcptTo[0]!.address, text: raw });
        done();
      });
    },
  });
  const mailPort = await freePort();
  await new Promise<void>(done => smtp.listen(mailPort, '127.0.0.1', done));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  data = mkdtempSync(join(tmpdir(), 'rapport-mail-'));
  program = spawn(process.env.RAPPORT_PROGRAM!, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--smtp-url', `smtp://127.0.0.1:${mailPort}`, '--mail-from', 'Rapport <crm@rapport.test>'], { cwd: resolve('..'), stdio: 'ignore' });
  await expect.poll(async () => (await fetch(`${base}/readyz`).catch(() => null))?.status, { timeout: 30_000 }).toBe(200);
});

test.afterAll(async () => {
  program.kill('SIGTERM');
  await new Promise(done => program.once('exit', done));
  smtp.close();
  rmSync(data, { recursive: true, force: true });
});

async function next(to: string, subject: string): Promise<string> {
  await expect.poll(() => mails.some(m => m.to === to && m.text.includes(`Subject: ${subject}`)), { timeout: 20_000 }).toBe(true);
  return mails.find(m => m.to === to && m.text.includes(`Subject: ${subject}`))!.text;
}

test('a forgotten password comes back by mail, and what one wished to hear of too', async ({ page }) => {
  // A mail that is put off waits half a minute.
  test.setTimeout(150_000);
  const email = newEmail();
  await page.goto(`${base}/sign-up`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  await page.goto(/https?:\/\/\S+\/sign-up\/[0-9a-f]+/.exec(await next(email, 'Finish your account'))![0]);
  await expect(page.getByText(email)).toBeVisible();
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(`${base}/`);
  // A reminder, wished for by mail too.
  await page.goto(`${base}/settings/notifications`);
  const reminder = page.locator('.person', { hasText: 'reminds you' });
  await hydrated(page);
  await reminder.getByLabel(/by mail/).check();
  await expect(page.locator('.toast', { hasText: 'Noted.' })).toBeVisible();
  await make(page, 'tasks', { title: 'Send the offer', remindAt: new Date(Date.now() - 60_000).toISOString().slice(0, 16) });
  expect(await next(email, 'Reminder: Send the offer')).toContain(`${base}/tasks/`);
  // Whoever reads German pages reads German mails.
  await page.context().addCookies([{ name: 'rapport-language', value: 'de', url: base }]);
  await page.goto(`${base}/tasks`);
  await hydrated(page);
  // The password. The page that is left would ask on without its cookies.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(`${base}/sign-in`);
  await page.getByRole('link', { name: 'Forgot the password?' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  const link = /https?:\/\/\S+\/reset\/[0-9a-f]+/.exec(await next(email, 'Neues Passwort festlegen'))![0];
  expect(await next(email, 'Neues Passwort festlegen')).toContain('Dieser Link gilt einmal');
  await page.goto(link);
  await page.locator('[name=password]').fill('three unrelated words');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByRole('heading', { name: 'The password is set' })).toBeVisible();
  await page.goto(`${base}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.locator('[name=password]').fill('three unrelated words');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${base}/`);
  // Told "later", the mail is kept and comes once.
  busy = 1;
  await page.goto(`${base}/settings/profile`);
  await page.getByLabel('New e-mail').fill(`new-${email}`);
  await page.getByLabel('Password, to confirm').fill('three unrelated words');
  await page.getByRole('button', { name: 'Send a link to it' }).click();
  await next(email, 'Your address is about to change');
  await expect.poll(() => mails.filter(m => m.to === `new-${email}`).length, { timeout: 60_000 }).toBe(1);
});
