// Told although no page is open: a real push service stands in for the browser maker's, which cannot be reached from here.
// What arrives is opened with nothing but the standards (RFC 8291, 8292), and handed to the real service worker.
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from '@playwright/test';
import { accessible, colleague, expect, hydrated, make, newPage, noSidewaysScroll, open, SIZES, signUp, test } from '../kit';

test.use({ serviceWorkers: 'allow' });

type Told = { path: string; headers: IncomingHttpHeaders; body: Buffer };
let service: Server;
let told: Told[] = [];
let answer = 201;
const device = () => ({ keys: createECDH('prime256v1'), auth: randomBytes(16) });

test.beforeEach(async () => {
  told = [];
  answer = 201;
  service = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', p => parts.push(p));
    request.on('end', () => {
      told.push({ path: request.url!, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>(done => service.listen(0, '127.0.0.1', done));
});
test.afterEach(() => { service.close(); });

const address = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
const mac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();

/** Opens a message as a browser does (RFC 8291 §3.4, RFC 8188 §2). */
function opened(body: Buffer, { keys, auth }: ReturnType<typeof device>): { title: string; link: string; tag: string } {
  const [salt, length] = [body.subarray(0, 16), body[20]];
  const sender = body.subarray(21, 21 + length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]);
  const ikm = mac(mac(auth, keys.computeSecret(sender)), info, Buffer.from([1]));
  const prk = mac(salt, ikm);
  const key = mac(prk, Buffer.from('Content-Encoding: aes128gcm\0'), Buffer.from([1])).subarray(0, 16);
  const nonce = mac(prk, Buffer.from('Content-Encoding: nonce\0'), Buffer.from([1])).subarray(0, 12);
  const sealed = body.subarray(21 + length);
  const open = createDecipheriv('aes-128-gcm', key, nonce);
  open.setAuthTag(sealed.subarray(-16));
  const text = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
  expect(text.at(-1), 'the last record says that it is the last').toBe(2);
  return JSON.parse(text.subarray(0, -1).toString());
}

/** A browser whose push service is ours; everything else of it is real. */
async function withService(context: BrowserContext, path: string, d: ReturnType<typeof device>): Promise<void> {
  d.keys.generateKeys();
  await context.grantPermissions(['notifications'], { origin: process.env.BASE });
  const keys = { p256dh: d.keys.getPublicKey('base64url'), auth: d.auth.toString('base64url') };
  await context.addInitScript(({ endpoint, keys }) => {
    const subscription = { endpoint, toJSON: () => ({ endpoint, expirationTime: null, keys }), unsubscribe: async () => { localStorage.removeItem('there'); return true; } };
    // Chromium without a window takes every permission for denied.
    Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
    Notification.requestPermission = async () => 'granted';
    PushManager.prototype.subscribe = async (options: PushSubscriptionOptionsInit) => {
      localStorage.setItem('there', String(options.applicationServerKey));
      return subscription as unknown as PushSubscription;
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem('there') ? (subscription as unknown as PushSubscription) : null);
  }, { endpoint: address() + path, keys });
}

/** The service worker is there: without one no browser is told. */
async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
}

const post = (page: Page, path: string, data: object) => page.request.post(path, { data, headers: { origin: new URL(page.url()).origin } });

test('a device is told of a mention, in words that only it can read, signed by this installation; signed out, it is not', async ({ browser }) => {
  test.setTimeout(120_000);
  const { context, page } = await newPage(browser, SIZES.phone);
  const mine = device();
  await withService(context, '/mine', mine);
  const email = await signUp(page, 'Pushed');
  await hydrated(page);
  const bea = await colleague(browser, page);
  const members = (await (await page.request.get('/api/v1/members')).json()).data;
  const me = members.find((m: { name: string }) => email.startsWith(m.name)).name;
  await kept(page);
  await open(page, '/settings/notifications');
  await expect(page.getByRole('checkbox', { name: /on my devices/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Tell me on this device' }).click();
  await expect(page.getByText('This device', { exact: true })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'You are mentioned in a note: on my devices' })).toBeChecked();
  await accessible(page);
  await noSidewaysScroll(page);
  const key = await page.evaluate(() => localStorage.getItem('there')!);

  const contact = await make(bea.page, 'contacts', { firstName: 'Tom', lastName: 'Lee' });
  const note = async (body: string) => expect((await post(bea.page, '/api/v1/notes', { body, contactId: contact })).ok()).toBe(true);
  await note(`@${me} look at this`);
  await expect.poll(() => told.length, { timeout: 15_000 }).toBe(1);
  const { headers, body, path } = told[0];
  expect([path, headers['content-encoding'], Number(headers.ttl) > 3600]).toEqual(['/mine', 'aes128gcm', true]);
  expect(body.includes('look at this') || body.includes('mentioned'), 'nothing of it is readable on the way').toBe(false);
  const message = opened(body, mine);
  expect(message.title).toMatch(/mentioned you in/);
  expect(message.link).toMatch(/^\/notes\/[0-9a-f-]{36}$/);
  // The signature: for this service, not for long, by the key that the browser was given.
  const [, token, said] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization!)!;
  expect(said).toBe(key);
  const [head, claims, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  expect([aud, exp > Date.now() / 1000, exp < Date.now() / 1000 + 86_400, /^(https?|mailto):/.test(sub)]).toEqual([address(), true, true, true]);

  // A service that is busy is asked again, and is not told twice of what it took.
  answer = 503;
  await note(`@${me} again`);
  await expect.poll(() => told.length, { timeout: 15_000 }).toBe(2);
  answer = 201;
  await expect.poll(() => told.length, { timeout: 60_000 }).toBe(3);
  expect(opened(told[2].body, mine).tag).toBe(opened(told[1].body, mine).tag);

  // A wish not to hear of a kind on devices.
  await page.getByRole('checkbox', { name: 'You are mentioned in a note: on my devices' }).uncheck();
  await expect(page.locator('.toast', { hasText: 'Noted.' }).last()).toBeVisible();
  await note(`@${me} unheard`);
  await page.locator('.toast', { hasText: 'Noted.' }).last().getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('checkbox', { name: 'You are mentioned in a note: on my devices' })).toBeChecked();
  await note(`@${me} heard`);
  await expect.poll(() => told.length, { timeout: 15_000 }).toBe(4);

  // Signed out, nothing more goes to the device, whatever it is.
  await page.context().request.post('/sign-out', { headers: { origin: process.env.BASE! } });
  await note(`@${me} too late`);
  await bea.page.waitForTimeout(4_000);
  expect(told.length).toBe(4);
  await context.close();
  await bea.context.close();
});

test('a device that is gone is forgotten; one of one\'s own is taken off; an address of this network is none without leave', async ({ browser }) => {
  test.setTimeout(90_000);
  const { context, page } = await newPage(browser, SIZES.desktop);
  await withService(context, '/gone', device());
  await signUp(page, 'Pushed and gone');
  await hydrated(page);
  await kept(page);
  await open(page, '/settings/notifications');
  const tell = page.getByRole('button', { name: 'Tell me on this device' });
  await tell.click();
  await expect(page.getByText('This device', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: /^Stop telling/ }).click();
  await expect(page.getByText('This device is not told any more.')).toBeVisible();
  await hydrated(page);
  await tell.click();
  await expect(page.getByText('This device', { exact: true })).toBeVisible();
  answer = 410;
  await make(page, 'tasks', { title: 'Ring Tom', remindAt: '2026-01-05T09:00' });
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1);
  await expect(async () => {
    await page.reload();
    await expect(tell).toBeVisible({ timeout: 1_000 });
  }).toPass();
  for (const endpoint of ['ftp://127.0.0.1/x', 'nonsense', `https://push.example.com/${'x'.repeat(2000)}`]) {
    const refused = await post(page, '/do/account/push', { endpoint, keys: { p256dh: 'AAAA', auth: 'AAAA' } });
    expect(refused.status(), endpoint).toBe(422);
  }
  await context.close();
});

test('what arrives is shown by the service worker, and leads where it says', async ({ page, context }) => {
  test.setTimeout(60_000);
  await context.grantPermissions(['notifications'], { origin: process.env.BASE });
  await signUp(page, 'Shown');
  await hydrated(page);
  await kept(page);
  const cdp = await context.newCDPSession(page);
  const registrations: { registrationId: string; scopeURL: string }[] = [];
  cdp.on('ServiceWorker.workerRegistrationUpdated', e => registrations.push(...e.registrations));
  await cdp.send('ServiceWorker.enable');
  await expect.poll(() => registrations.length).toBeGreaterThan(0);
  const deliver = (data: string) => cdp.send('ServiceWorker.deliverPushMessage', { origin: new URL(page.url()).origin, registrationId: registrations[0].registrationId, data });
  const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(n => [n.title, n.tag, n.data.link]));
  await deliver(JSON.stringify({ title: 'Bea mentioned you in “Tea”', link: '/feed', tag: 'one' }));
  await expect.poll(shown).toEqual([['Bea mentioned you in “Tea”', 'one', '/feed']]);
  // The same again is the same; a link that leads elsewhere leads nowhere.
  await deliver(JSON.stringify({ title: 'Bea mentioned you in “Tea”', link: '/feed', tag: 'one' }));
  await deliver(JSON.stringify({ title: 'Odd', link: '//evil.test/', tag: 'two' }));
  await expect.poll(async () => (await shown()).map(n => n[2]).sort()).toEqual(['/', '/feed']);
});
