// What a queue waits for: a change stays in the browser until an answer decides it.
import type { BrowserContext, Page, Route } from '@playwright/test';
import { line, type Line } from '../between';
import { accessible, expect, hydrated, make, newPage, open, PASSWORD, signUp, SIZES, test } from '../kit';

const DISPATCH = '**/fn/commands/dispatch';

/** Answers every change, or those that `which` names, with a status of the test's own, and counts them. */
async function answer(page: Page | BrowserContext, status: number, options: { headers?: Record<string, string>; body?: string; which?: (command: { do: string; set?: Record<string, unknown> }) => boolean } = {}) {
  const seen: number[] = [];
  const handle = async (route: Route) => {
    if (options.which && !options.which(route.request().postDataJSON().envelope.command)) return route.continue();
    seen.push(Date.now());
    return route.fulfill({ status, body: options.body ?? 'no', headers: options.headers });
  };
  await page.route(DISPATCH, handle);
  return { seen, stop: () => page.unroute(DISPATCH, handle) };
}

const change = async (page: Page, field: string, words: string) => {
  await page.getByRole('button', { name: new RegExp(`^${field}`) }).click();
  await page.getByRole('textbox', { name: field }).fill(words);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: new RegExp(`^${field}`) })).toContainText(words);
};
const bar = (page: Page) => page.locator('.offline__more').first();
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Unsaved changes' });
/** Ends the pause: the network is said to be back. */
const goOn = (page: Page) => page.evaluate(() => { dispatchEvent(new Event('online')); });
const waiting = (page: Page) => page.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith('outbox:')).length);
const contact = async (page: Page, id: string) => (await (await page.request.get(`/api/v1/contacts/${id}`)).json()).data;

/** A person, and a page of theirs on which changes are made. */
async function begin(page: Page, workspace: string): Promise<{ ana: string; email: string }> {
  await page.setViewportSize(SIZES.desktop);
  const email = await signUp(page, workspace);
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee', jobTitle: 'Buyer' });
  await open(page, `/people/${ana}?tab=details`);
  return { ana, email };
}

test('a server that is away for long takes nothing away, over a reload too, and gets everything in order', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Away');
  const away = await answer(page, 503);
  for (const words of ['Boss', 'Chief', 'Head']) await change(page, 'Job title', words);
  await expect(bar(page)).toHaveText('Server unavailable · 3 changes wait');
  await bar(page).click();
  // More often than a change that fails is tried.
  for (let n = 0; n < 7; n += 1) {
    const before = away.seen.length;
    await sheet(page).getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => away.seen.length).toBeGreaterThan(before);
  }
  await page.reload();
  await hydrated(page);
  await expect(bar(page)).toHaveText('Server unavailable · 3 changes wait');
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Head');
  // Failing is not deciding, as long as the server is not well. The later route answers first: no retry gets through in between.
  await page.route('**/readyz', route => route.fulfill({ status: 503 }));
  const ill = await answer(page, 500);
  await away.stop();
  await bar(page).click();
  for (let n = 0; n < 6; n += 1) {
    const before = ill.seen.length;
    await sheet(page).getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => ill.seen.length).toBeGreaterThan(before);
  }
  expect(await waiting(page)).toBe(3);
  await ill.stop();
  await sheet(page).getByRole('button', { name: 'Try now' }).click();
  await expect(page.locator('.toast')).toContainText('3 earlier changes were saved.');
  expect((await contact(page, ana)).jobTitle).toBe('Head');
  const events = (await (await page.request.get('/api/v1/events')).json()).data as { changes?: unknown }[];
  expect(JSON.stringify(events)).toMatch(/Head.*Chief.*Boss/s);
  expect(await waiting(page)).toBe(0);
  quiet.splice(0);
});

test('the network, the stream or the person ends a pause; no answer at all is waited for as well', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Woken');
  let tries = 0;
  await page.route(DISPATCH, route => { tries += 1; return route.abort(); });
  await change(page, 'Job title', 'Boss');
  await expect.poll(() => tries, { timeout: 10_000 }).toBe(4);
  await expect(bar(page)).toHaveText(/^Offline · 1 change waits/);
  await page.unroute(DISPATCH);
  // The next attempt would come in two to four seconds.
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(async () => (await contact(page, ana)).jobTitle, { timeout: 1_500 }).toBe('Boss');
  await expect(bar(page)).toBeHidden();
  quiet.splice(0);
});

test('a change that the server fails on is set aside with its text, and what has nothing to do with it goes on', async ({ page, context, quiet }) => {
  const { ana } = await begin(page, 'Aside');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const bad = await answer(context, 500, { which: c => c.set?.jobTitle === 'Boss' });
  await change(page, 'Job title', 'Boss');
  await change(page, 'Last name', 'Long');
  await page.locator('.sidebar__add').click();
  await page.getByRole('textbox', { name: 'What is to be done, or what was' }).fill('Goes on');
  await page.keyboard.press('Enter');
  await expect(bar(page)).toHaveText('1 change could not be saved · 1 change waits for it', { timeout: 15_000 });
  expect(bad.seen.length).toBe(5);
  // The task has nothing to do with it; the name of the same person waits behind it, and is shown all the same.
  await expect.poll(async () => JSON.stringify(await (await page.request.get('/api/v1/tasks')).json())).toContain('Goes on');
  expect(await contact(page, ana)).toMatchObject({ jobTitle: 'Buyer', lastName: 'Lee' });
  await expect(page.getByRole('button', { name: /^Last name/ })).toContainText('Long');
  // Nor does it come to nothing by a reload, and it is not sent by itself.
  await page.reload();
  await hydrated(page);
  await expect(bar(page)).toHaveText('1 change could not be saved · 1 change waits for it');
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Boss');
  await bar(page).click();
  const item = sheet(page).getByRole('region', { name: 'Could not be saved' }).getByRole('listitem');
  await expect(item).toContainText('Job title: Boss');
  await expect(sheet(page).getByRole('region', { name: 'Waiting to be sent' })).toContainText('Waits for the change above');
  await accessible(page);
  await item.getByRole('button', { name: 'Copy' }).click();
  await expect(item.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Ana Lee\nChange contact: Job title\nJob title: Boss');
  expect(bad.seen.length).toBe(5);
  await bad.stop();
  await item.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(async () => contact(page, ana)).toMatchObject({ jobTitle: 'Boss', lastName: 'Long' });
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  expect(await waiting(page)).toBe(0);
  quiet.splice(0);
});

test('discarding what could not be saved takes it back, and what was built on it, saying so', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Discarded');
  const bad = await answer(page, 500, { which: c => c.set?.jobTitle === 'Boss' || c.set?.title === 'Never' });
  await change(page, 'Job title', 'Boss');
  await expect(bar(page)).toHaveText('1 change could not be saved', { timeout: 15_000 });
  await bar(page).click();
  await sheet(page).getByRole('button', { name: 'Discard' }).dblclick();
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Buyer');
  await expect(bar(page)).toBeHidden();
  // A record that could not be made, and a change of it that was made meanwhile: queued by an earlier version, under the member alone.
  await page.evaluate(async () => {
    const member = JSON.parse(localStorage.getItem('rapport:session')!).member as string;
    const task = '01890000-0000-7000-8000-000000000001';
    const put = (n: number, job: object, more: object) => localStorage.setItem(`outbox:${member}:00000000000000${n}:000000000:01890000-0000-7000-8000-00000000001${n}`,
      JSON.stringify({ at: 1, job: { id: `01890000-0000-7000-8000-00000000001${n}`, entity: task, base: null, ...job }, ...more }));
    put(1, { words: 'Add task Never', what: { Send: { do: 'create', kind: 'task', id: task, set: { title: 'Never' } } } }, { failed: 5, aside: true });
    put(2, { words: 'Delete task', what: { Send: { do: 'delete', kind: 'task', id: task } } }, {});
  });
  await page.reload();
  await hydrated(page);
  await bar(page).click();
  const item = sheet(page).getByRole('region', { name: 'Could not be saved' }).getByRole('listitem');
  await expect(item).toContainText('1 later change builds on this one and would be discarded too.');
  await item.getByRole('button', { name: 'Discard' }).dblclick();
  await expect(page.locator('.toast').first()).toContainText('1 change that builds on it was discarded too.');
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  expect(await waiting(page)).toBe(0);
  await bad.stop();
  expect((await contact(page, ana)).jobTitle).toBe('Buyer');
  expect((await (await page.request.get('/api/v1/tasks')).json()).data).toEqual([]);
  quiet.splice(0);
});

test('a server that asks to be left alone for a while is left alone, over a reload too', async ({ page, context, quiet }) => {
  const { ana } = await begin(page, 'Busy');
  const busy = await answer(context, 429, { headers: { 'retry-after': '5' } });
  await change(page, 'Job title', 'Boss');
  await expect.poll(() => busy.seen.length).toBe(1);
  await expect(bar(page)).toHaveText('Server unavailable · 1 change waits');
  await busy.stop();
  const then: number[] = [];
  context.on('request', request => { if (request.url().includes('/fn/commands/dispatch')) then.push(Date.now()); });
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.reload();
  await hydrated(page);
  await expect.poll(async () => (await contact(page, ana)).jobTitle, { timeout: 12_000 }).toBe('Boss');
  expect(then.length).toBe(1);
  expect(then[0] - busy.seen[0]).toBeGreaterThanOrEqual(4_900);
  quiet.splice(0);
});

test('what a session that ended has left waits for the same person', async ({ page, context, quiet }) => {
  const { ana, email } = await begin(page, 'Signed out');
  await context.clearCookies();
  await change(page, 'Job title', 'Boss');
  await expect(page.locator('.toast--error')).toContainText('You are signed out here');
  await expect(bar(page)).toHaveText('Signed out · 1 change waits');
  await bar(page).click();
  await sheet(page).getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await expect(page.locator('.toast')).toContainText('1 earlier change was saved.');
  expect((await contact(page, ana)).jobTitle).toBe('Boss');
  quiet.splice(0);
});

test('what a session that ended has left is not sent as another person, nor shown to them', async ({ page, context, quiet }) => {
  await begin(page, 'Mine alone');
  await context.clearCookies();
  await change(page, 'Job title', 'Secret plan');
  await expect(bar(page)).toHaveText('Signed out · 1 change waits');
  const sent: string[] = [];
  const other = await context.newPage();
  context.on('request', request => { if (request.url().includes('/fn/commands/')) sent.push(request.postData() ?? ''); });
  await signUp(other, 'Theirs alone');
  await hydrated(other);
  await other.waitForTimeout(1_000);
  expect(sent.filter(body => body.includes('Secret plan'))).toEqual([]);
  await expect(bar(other)).toBeHidden();
  expect(await other.content()).not.toContain('Secret plan');
  // The page that was open is the other person's by now.
  await expect(page.getByText('Theirs alone').first()).toBeVisible();
  quiet.splice(0);
});

test('a page whose session is another person\'s by now sends them nothing when it tries again', async ({ page, context, quiet }) => {
  await begin(page, 'Mine before');
  await context.clearCookies();
  await change(page, 'Job title', 'Secret plan');
  await expect(bar(page)).toHaveText('Signed out · 1 change waits');
  const sent: string[] = [];
  context.on('request', request => { if (request.method() === 'POST') sent.push(request.postData() ?? ''); });
  // Without a page of theirs, no storage event reloads this one.
  const form = { email: `theirs-${Date.now()}@example.test`, password: PASSWORD, workspace: 'Theirs after' };
  const answer = await context.request.post('/sign-up', { form, headers: { origin: new URL(page.url()).origin } });
  expect(answer.status(), await answer.text()).toBe(200);
  // Twice: the second check starts after all that the first one led to.
  for (let n = 0; n < 2; n++) {
    const asked = page.waitForResponse(r => r.url().endsWith('/fn/session/same'));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    expect((await asked).status()).toBe(401);
  }
  expect(sent.filter(body => body.includes('Secret plan'))).toEqual([]);
  await expect(bar(page)).toHaveText('Signed out · 1 change waits');
  quiet.splice(0);
});

test('each answer that decides takes the change back, with its reason', async ({ page, quiet }) => {
  await begin(page, 'Refused');
  const reasons: [number, string, RegExp][] = [
    [400, 'what?', /could not be read/], [403, '"NotAllowed"', /role does not allow/],
    [409, '{"Conflict":"Bea was first."}', /Bea was first/], [409, '{"Changed":{"said":"Bea was faster.","version":2}}', /Bea was faster/], [413, '', /too large/],
    [422, '{"Invalid":[{"field":"jobTitle","code":"long","message":"Say it shorter."}]}', /Say it shorter/],
  ];
  for (const [status, body, reason] of reasons) {
    const no = await answer(page, status, { body });
    // What was refused before stands in its field again, as a draft.
    const edit = page.getByRole('button', { name: /^Job title/ });
    if (await edit.isVisible()) await edit.click();
    await page.getByRole('textbox', { name: 'Job title' }).fill(`Boss ${status}`);
    await page.keyboard.press('Enter');
    // An edit conflict is told where the edit was made, with its choices.
    await expect(page.locator(body.includes('Changed') ? '.conflict' : '.toast--error').last(), `${status}`).toContainText(reason);
    expect([status, no.seen.length, await waiting(page)]).toEqual([status, 1, 0]);
    await no.stop();
    await page.reload();
    await hydrated(page);
    await expect(page.getByRole('button', { name: /^Job title/ }).or(page.getByRole('textbox', { name: 'Job title' })).first()).toBeVisible();
  }
  // The same reason twice is one message.
  const no = await answer(page, 403, { body: '"NotAllowed"' });
  for (const words of ['Boss', 'Chief']) {
    const edit = page.getByRole('button', { name: /^Job title/ });
    if (await edit.isVisible()) await edit.click();
    const before = no.seen.length;
    await page.getByRole('textbox', { name: 'Job title' }).fill(words);
    await page.keyboard.press('Enter');
    await expect.poll(() => no.seen.length).toBe(before + 1);
    await expect(page.locator('.toast--error')).toHaveCount(1);
  }
  await expect(bar(page)).toBeHidden();
  quiet.splice(0);
});

test('what somebody else changed while a change waited is for the person to say: mine, or theirs', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Late');
  const origin = new URL(page.url()).origin;
  let version = (await contact(page, ana)).version as number;
  const theirs = async (data: object) => {
    const answer = await page.request.patch(`/api/v1/contacts/${ana}`, { data, headers: { 'If-Match': `"${version}"`, origin } });
    expect(answer.status(), await answer.text()).toBe(200);
    version = (await contact(page, ana)).version;
  };
  const item = sheet(page).getByRole('region', { name: 'Could not be saved' }).getByRole('listitem');
  const late = async (mine: string[], other: string) => {
    const away = await answer(page, 503);
    for (const words of mine) await change(page, 'Job title', words);
    await theirs({ jobTitle: other });
    await away.stop();
    await goOn(page);
    await expect(bar(page)).toContainText('could not be saved');
    await bar(page).click();
    await expect(item).toContainText(`changed Job title to “${other}” meanwhile.`);
  };
  await late(['Boss', 'Chief'], 'Director');
  await expect(item).toContainText(/Ana Lee.*Job title: Boss/);
  await page.keyboard.press('Escape');
  await expect(bar(page)).toHaveText('1 change could not be saved · 1 change waits for it');
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Chief');
  await bar(page).click();
  await expect(item).toContainText('“Director” meanwhile.');
  await accessible(page);
  await page.screenshot({ path: `${process.env.SHOTS}/use-mine.png` });
  // Mine, and what came after it.
  await item.getByRole('button', { name: 'Use mine' }).click();
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  await expect.poll(async () => (await contact(page, ana)).jobTitle).toBe('Chief');
  await page.keyboard.press('Escape');
  version = (await contact(page, ana)).version;
  // Theirs.
  await late(['Mine'], 'Head');
  await item.getByRole('button', { name: 'Keep theirs' }).click();
  await item.getByRole('button', { name: 'Discard for good' }).click();
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Head');
  expect((await contact(page, ana)).jobTitle).toBe('Head');
  quiet.splice(0);
});

test('a change of a record that is out of sight by now keeps its text, and a late refusal names what it is about', async ({ page, context, quiet }) => {
  const { ana } = await begin(page, 'Out of sight');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const deal = await make(page, 'deals', { title: 'Renewal' });
  const origin = new URL(page.url()).origin;
  const away = await answer(page, 503);
  await change(page, 'Job title', 'Boss');
  expect((await page.request.delete(`/api/v1/contacts/${ana}`, { headers: { origin } })).ok()).toBe(true);
  await away.stop();
  await goOn(page);
  await expect(bar(page)).toContainText('could not be saved');
  await bar(page).click();
  const item = sheet(page).getByRole('listitem');
  await expect(item).toContainText('You can no longer see this record.');
  await expect(item.getByRole('button', { name: /Use mine|Try again/ })).toHaveCount(0);
  await item.getByRole('button', { name: 'Copy' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Job title: Boss');
  await page.keyboard.press('Escape');
  await expect(page.locator('#main')).toContainText('You can no longer see this record.');
  await bar(page).click();
  await item.getByRole('button', { name: 'Discard' }).dblclick();
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await page.waitForURL(u => u.pathname === '/people');
  // A move that comes too late.
  await open(page, '/deals');
  await answer(page, 503);
  await page.locator(`[data-card="${deal}"]`).getByRole('button', { name: 'Move to…' }).click();
  await page.getByRole('menuitem', { name: 'Proposal' }).click();
  await expect(bar(page)).toContainText('1 change waits');
  await answer(page, 409, { body: '{"Conflict":"Bea closed it."}' });
  await goOn(page);
  await expect(page.locator('.toast--error')).toContainText('Renewal · Move to Proposal: Bea closed it.');
  quiet.splice(0);
});

test('an entry that cannot be read is shown and not skipped, and a browser without room says so', async ({ page, quiet }) => {
  await begin(page, 'Odd');
  await page.evaluate(() => {
    const member = JSON.parse(localStorage.getItem('rapport:session')!).member as string;
    localStorage.setItem(`outbox:${member}:000000000000001:000000000:x`, '{"at":1,"job":{"format":9,"text":"From the future"}}');
  });
  await page.reload();
  await hydrated(page);
  await expect(bar(page)).toHaveText('1 change could not be saved');
  await bar(page).click();
  await expect(sheet(page).getByRole('listitem')).toContainText('From the future');
  await sheet(page).getByRole('button', { name: 'Discard' }).dblclick();
  await expect(sheet(page)).toContainText('Nothing is waiting.');
  expect(await waiting(page)).toBe(0);
  await page.keyboard.press('Escape');
  await expect(bar(page)).toBeHidden();
  // Full to the last letter.
  await page.evaluate(() => {
    for (let size = 1 << 23; size >= 1; size = size >> 1) {
      try { localStorage.setItem(`fill:${size}`, 'x'.repeat(size)); } catch { /* a smaller one */ }
    }
  });
  const away = await answer(page, 503);
  await change(page, 'Job title', 'Boss');
  await expect(page.locator('.toast--error')).toContainText('no room left');
  await expect(bar(page)).toContainText('no room left in this browser');
  await page.evaluate(() => { for (const key of Object.keys(localStorage)) if (key.startsWith('fill:')) localStorage.removeItem(key); });
  await away.stop();
  await bar(page).click();
  await sheet(page).getByRole('button', { name: 'Try now' }).click({ timeout: 2_000 }).catch(() => undefined);
  await expect(bar(page)).toBeHidden();
  quiet.splice(0);
});

test('a form that the server cannot take now is queued and sent once; what is wrong in it is told at once', async ({ page, quiet }) => {
  await begin(page, 'Form');
  await open(page, '/new/contact');
  const add = page.locator('#main').getByRole('button', { name: 'Add', exact: true });
  const away = await answer(page, 503);
  await page.getByLabel('First name').fill('Bea');
  await page.getByLabel('E-mail').fill('no address');
  await add.click();
  await expect(page.locator('#field-emails-error')).toContainText('must be an e-mail');
  expect(away.seen.length).toBe(0);
  await page.getByLabel('E-mail').fill('bea@globex.test');
  // What was mended is not said to be wrong any longer.
  await expect(page.locator('#field-emails-error')).toBeEmpty();
  await page.getByLabel('Company').fill('Globex');
  await add.click();
  await page.waitForURL(u => u.pathname === '/people');
  await expect(page.locator('.toast')).toContainText('Saved here, sent when you are online.');
  await expect(page.getByRole('region', { name: 'Waits for the network' })).toContainText('Bea');
  // The next form is empty, and is a form of its own.
  await open(page, '/new/contact');
  await expect(page.getByLabel('First name')).toHaveValue('');
  await page.getByLabel('First name').fill('Cleo');
  await add.click();
  await page.waitForURL(u => u.pathname === '/people');
  await away.stop();
  await goOn(page);
  await expect.poll(() => waiting(page)).toBe(0);
  const people = (await (await page.request.get('/api/v1/contacts')).json()).data as { fullName: string }[];
  expect(people.map(p => p.fullName).sort()).toEqual(['Ana Lee', 'Bea', 'Cleo']);
  expect(JSON.stringify(people)).toContain('bea@globex.test');
  expect((await (await page.request.get('/api/v1/companies')).json()).data).toMatchObject([{ name: 'Globex' }]);
  quiet.splice(0);
});

test('an edit form sends what was changed in it, waits with it, and keeps what is refused', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Edited');
  await open(page, `/edit/contact/${ana}`);
  const away = await answer(page, 503);
  await page.getByLabel('Job title').fill('Boss');
  await page.locator('#main').getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await page.goto(`/people/${ana}?tab=details`);
  await hydrated(page);
  await expect(page.getByRole('button', { name: /^Job title/ })).toContainText('Boss');
  await bar(page).click();
  await expect(sheet(page).getByRole('listitem')).toHaveText(/Ana Lee.*Job title: Boss/);
  await away.stop();
  await goOn(page);
  await expect.poll(async () => contact(page, ana)).toMatchObject({ jobTitle: 'Boss', lastName: 'Lee' });
  // Somebody else's word in another field is no conflict; one in the same is, and the form is still there.
  await open(page, `/edit/contact/${ana}`);
  const version = (await contact(page, ana)).version as number;
  const headers = (v: number) => ({ 'If-Match': `"${v}"`, origin: new URL(page.url()).origin });
  expect((await page.request.patch(`/api/v1/contacts/${ana}`, { data: { lastName: 'Long' }, headers: headers(version) })).status()).toBe(200);
  await page.getByLabel('Job title').fill('Chief');
  await page.locator('#main').getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await expect.poll(async () => contact(page, ana)).toMatchObject({ jobTitle: 'Chief', lastName: 'Long' });
  await open(page, `/edit/contact/${ana}`);
  expect((await page.request.patch(`/api/v1/contacts/${ana}`, { data: { jobTitle: 'Head' }, headers: headers(version + 2) })).status()).toBe(200);
  await page.getByLabel('Job title').fill('Mine');
  await page.locator('#main').getByRole('button', { name: 'Save' }).click();
  const conflict = page.locator('.conflict');
  await expect(conflict).toContainText('changed Job title to “Head” meanwhile');
  await expect(conflict).toBeFocused();
  await expect(page.getByLabel('Job title')).toHaveValue('Mine');
  await accessible(page);
  // Mine: sent again from the version that holds theirs.
  await conflict.getByRole('button', { name: 'Use mine' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await expect.poll(async () => (await contact(page, ana)).jobTitle).toBe('Mine');
  // Theirs: it stands in the form, and the other edits are saved.
  await open(page, `/edit/contact/${ana}`);
  const then = (await contact(page, ana)).version as number;
  expect((await page.request.patch(`/api/v1/contacts/${ana}`, { data: { jobTitle: 'Director', warmnessScore: 4 }, headers: headers(then) })).status()).toBe(200);
  await page.getByLabel('Job title').fill('Mine again');
  await page.getByLabel('Warmth').fill('9');
  await page.getByLabel('Last name').fill('Short');
  await page.locator('#main').getByRole('button', { name: 'Save' }).click();
  await expect(conflict.getByRole('listitem')).toHaveText(['Job title: Director', 'Warmth: 4'], { useInnerText: true });
  await conflict.getByRole('button', { name: 'Keep theirs' }).click();
  await expect(conflict).toBeHidden();
  await expect(page.getByLabel('Job title')).toHaveValue('Director');
  await expect(page.getByLabel('Warmth')).toHaveValue('4');
  await expect(page.getByLabel('Last name')).toHaveValue('Short');
  await page.locator('#main').getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await expect.poll(async () => contact(page, ana)).toMatchObject({ jobTitle: 'Director', warmnessScore: 4, lastName: 'Short' });
  quiet.splice(0);
});

test('a field that somebody else saved while its editor was open is not overwritten in silence', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Typing');
  const theirs = async (data: object) => {
    const headers = { 'If-Match': `"${(await contact(page, ana)).version}"`, origin: new URL(page.url()).origin };
    expect((await page.request.patch(`/api/v1/contacts/${ana}`, { data, headers })).status()).toBe(200);
  };
  const field = page.getByRole('button', { name: /^Job title/ });
  const edit = async (words: string, meanwhile: object, name: string) => {
    await field.click();
    await page.getByRole('textbox', { name: 'Job title' }).fill(words);
    await theirs(meanwhile);
    // The live update is here, and the page's version with it.
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    await page.getByRole('textbox', { name: 'Job title' }).press('Enter');
  };
  const conflict = page.locator('.conflict');
  // Another field is no conflict.
  await edit('Boss', { lastName: 'Long' }, 'Ana Long');
  await expect.poll(async () => (await contact(page, ana)).jobTitle).toBe('Boss');
  await expect(conflict).toHaveCount(0);
  await edit('Mine', { jobTitle: 'Head', lastName: 'Short' }, 'Ana Short');
  await expect(conflict).toContainText('changed Job title to “Head” meanwhile.');
  await expect(conflict).toContainText('You entered “Mine”.');
  await expect(field).toContainText('Head');
  expect((await contact(page, ana)).jobTitle).toBe('Head');
  await accessible(page);
  await conflict.getByRole('button', { name: 'Use mine' }).click();
  await expect(conflict).toHaveCount(0);
  await expect(field).toContainText('Mine');
  await expect.poll(async () => (await contact(page, ana)).jobTitle).toBe('Mine');
  // Theirs, and nothing of it is left as a draft.
  await edit('Mine again', { jobTitle: 'Director', lastName: 'Lee' }, 'Ana Lee');
  await conflict.getByRole('button', { name: 'Keep theirs' }).click();
  await expect(conflict).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(field).toContainText('Director');
  // One's own quick changes rest on each other; left as it was, an editor sends nothing.
  for (const words of ['One', 'Two', 'Three']) await change(page, 'Job title', words);
  await expect.poll(async () => (await contact(page, ana)).jobTitle).toBe('Three');
  await expect(conflict).toHaveCount(0);
  await edit('Three', { jobTitle: 'Four', lastName: 'Ray' }, 'Ana Ray');
  await expect(field).toContainText('Four');
  await expect(conflict).toHaveCount(0);
  expect((await contact(page, ana)).jobTitle).toBe('Four');
  // Nor are two changes of one's own in each other's way where somebody else changed another field before them.
  const away = await answer(page, 503);
  for (const words of ['Five', 'Six']) await change(page, 'Job title', words);
  await theirs({ lastName: 'Lee' });
  await away.stop();
  await goOn(page);
  await expect.poll(async () => contact(page, ana)).toMatchObject({ jobTitle: 'Six', lastName: 'Lee' });
  await expect(bar(page)).toBeHidden();
  quiet.splice(0);
});

test('what is logged, noted or planned while the server is away clears its form and stands in the timeline as waiting', async ({ page, quiet }) => {
  const { ana } = await begin(page, 'Composers');
  await open(page, `/people/${ana}`);
  const away = await answer(page, 503);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await page.getByLabel('What happened?').fill('Talked long');
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(timeline.getByRole('listitem').first()).toHaveText(/Call.*Talked long/);
  await expect(page.getByLabel('What happened?')).toHaveValue('');
  await expect(page.getByRole('button', { name: 'Log it' })).toHaveAttribute('aria-busy', 'false');
  await page.getByText('Write a note').click();
  await page.getByRole('textbox', { name: 'Note', exact: true }).fill('Likes tea');
  await page.getByRole('button', { name: 'Save note' }).click();
  await expect(timeline.getByRole('listitem').first()).toHaveText(/Note.*Likes tea/);
  await expect(page.getByRole('textbox', { name: 'Note', exact: true })).toHaveValue('');
  await page.getByRole('textbox', { name: 'New task' }).fill('Ring her');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Tasks' })).toContainText('Ring her');
  await expect(page.getByRole('textbox', { name: 'New task' })).toHaveValue('');
  await page.reload();
  await hydrated(page);
  await expect(timeline).toContainText('Talked long');
  await expect(timeline.locator('.pending-dot')).toHaveCount(2);
  // A page of its own leads back at once.
  await open(page, `/log?contact=${ana}`);
  await page.getByLabel('What happened?').fill('And again');
  await page.getByRole('button', { name: 'Log it' }).click();
  await page.waitForURL(u => u.pathname === `/people/${ana}`);
  await expect(timeline).toContainText('And again');
  await away.stop();
  await goOn(page);
  await expect.poll(() => waiting(page)).toBe(0);
  await expect(timeline.locator('.pending-dot')).toHaveCount(0);
  await expect(timeline).toContainText('Talked long');
  expect((await (await page.request.get('/api/v1/interactions')).json()).data.length).toBe(2);
  quiet.splice(0);
});

test.describe('offline', () => {
  test.use({ serviceWorkers: 'allow' });
  let way: Line;
  test.beforeEach(async () => { way = await line(process.env.BASE!); });
  test.afterEach(async () => { await way.cut().catch(() => undefined); });

  test('a form that is opened from the stored copy again and again makes a record of its own each time', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow', viewport: SIZES.phone });
    const page = await context.newPage();
    await signUp(page, 'Stored form');
    await hydrated(page);
    await expect(page.locator('html')).toHaveAttribute('data-kept', 'yes', { timeout: 15_000 });
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await way.cut();
    for (const name of ['Bea', 'Cleo']) {
      await page.goto('/new/contact');
      await expect(page.getByLabel('First name')).toBeVisible({ timeout: 30_000 });
      await page.getByLabel('First name').fill(name);
      await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
      await page.waitForURL(u => u.pathname === '/people');
    }
    await expect(bar(page)).toHaveText(/^Offline · 2 changes wait/);
    await way.mend();
    await expect.poll(async () => ((await (await page.request.get('/api/v1/contacts')).json()).data as { fullName: string }[]).map(p => p.fullName).sort(), { timeout: 40_000 }).toEqual(['Bea', 'Cleo']);
    // A page that reads nothing anew does not say that it is offline for ever.
    await page.goto('/new/contact');
    await way.cut();
    await page.goto('/new/contact');
    await expect(bar(page)).toHaveText(/^Offline/, { timeout: 30_000 });
    await way.mend();
    await expect(bar(page)).toBeHidden({ timeout: 30_000 });
    await context.close();
  });

  test('a session that was ended elsewhere leaves nothing to open without a network, and what waits is sent after signing in', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: way.url, serviceWorkers: 'allow', viewport: SIZES.desktop });
    const page = await context.newPage();
    const email = await signUp(page, 'Ended');
    await hydrated(page);
    const ana = await make(page, 'contacts', { firstName: 'Secretive', jobTitle: 'Buyer' });
    await page.goto(`/people/${ana}?tab=details`);
    await expect(page.locator('html')).toHaveAttribute('data-kept', 'yes', { timeout: 15_000 });
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await way.cut();
    await change(page, 'Job title', 'Boss');
    await expect(bar(page)).toHaveText(/^Offline · 1 change waits/);
    // Elsewhere, all other sessions are ended by a new password.
    const elsewhere = await newPage(browser, SIZES.desktop);
    await elsewhere.page.goto('/sign-in');
    await elsewhere.page.getByLabel('E-mail').fill(email);
    await elsewhere.page.locator('[name=password]').fill(PASSWORD);
    await elsewhere.page.getByRole('button', { name: 'Sign in' }).click();
    await elsewhere.page.waitForURL(u => u.pathname === '/');
    const ended = await elsewhere.page.request.post('/do/account/password', {
      form: { old: PASSWORD, new: `${PASSWORD} two` }, headers: { origin: process.env.BASE! }, maxRedirects: 0,
    });
    expect(ended.status()).toBe(303);
    await elsewhere.context.close();
    await way.mend();
    await page.goto('/people');
    await page.waitForURL(u => u.pathname === '/sign-in');
    const left = () => page.evaluate(async () => [
      (await indexedDB.databases()).length, localStorage.getItem('rapport:session'), Object.keys(localStorage).filter(k => k.startsWith('outbox:')).length,
    ]);
    await expect.poll(left).toEqual([0, null, 1]);
    await way.cut();
    for (const path of ['/people', '/', `/people/${ana}`]) {
      await page.goto(path);
      await expect(page.getByText('nobody is signed in on this browser')).toBeVisible();
      await expect(page.locator('body')).not.toContainText('Secretive');
    }
    await way.mend();
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(email);
    await page.locator('[name=password]').fill(`${PASSWORD} two`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(u => u.pathname === '/');
    await expect(page.locator('.toast')).toContainText('1 earlier change was saved.', { timeout: 15_000 });
    expect((await contact(page, ana)).jobTitle).toBe('Boss');
    await context.close();
  });
});
