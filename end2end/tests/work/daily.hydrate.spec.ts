// Daily work: log in four taps, follow up, tasks, Today and its rules.
import { expect, hydrated, make, newPage, open, SIZES, signUp, test } from '../kit';
import type { Page } from '@playwright/test';

const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

test('INT-01 INT-03 a call is logged from a person in four taps, moves last contacted, and is undone', async ({ browser }) => {
  const { context, page } = await newPage(browser, SIZES.phone, true);
  await signUp(page, 'Taps');
  await hydrated(page);
  const ana = await make(page, 'contacts', { firstName: 'Ana', lastName: 'Lee', warmnessScore: 7 });
  await open(page, `/people/${ana}`);
  let taps = 0;
  const tap = async (what: ReturnType<Page['getByRole']>) => { taps += 1; await what.tap(); };
  await tap(page.getByRole('navigation', { name: 'Tabs' }).getByRole('button', { name: 'Add' }));
  await tap(page.getByRole('dialog').getByRole('link', { name: 'Log an interaction' }));
  // The page one comes from has such a form too.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log an interaction');
  await expect(page.getByRole('button', { name: 'with Ana Lee' })).toBeVisible();
  await tap(page.getByText('Meeting', { exact: true }));
  await tap(page.getByRole('button', { name: 'Log it' }));
  expect(taps).toBeLessThanOrEqual(4);
  await expect(page).toHaveURL(new RegExp(`/people/${ana}$`));
  await expect(page.locator('.toast')).toContainText('Logged: Meeting with Ana Lee.');
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('logged Meeting');
  const last = () => page.evaluate(async id => (await (await fetch(`/api/v1/contacts/${id}`)).json()).data.lastContacted, ana);
  expect(await last()).toContain(day(0).slice(0, 4));
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).tap();
  await expect(page.locator('.toast').last()).toContainText('Undone.');
  expect(await last()).toBeNull();
  await context.close();
});

for (const [name, size] of Object.entries(SIZES)) {
  test(`Today names its rules, acts in place, and takes back what is undone (${name})`, async ({ page }) => {
    await page.setViewportSize(size);
    await signUp(page, 'Today');
    await hydrated(page);
    await make(page, 'tasks', { title: 'Write the offer', dueDate: day(-3) });
    const bea = await make(page, 'contacts', { firstName: 'Bea', nextFollowUp: day(-1), emails: ['bea@x.test'] });
    await make(page, 'contacts', { firstName: 'Carl', warmnessScore: 5 });
    await make(page, 'deals', { title: 'Idle deal' });
    await open(page, '/');
    const waiting = page.getByRole('region', { name: 'Waiting for you' });
    const row = (where: ReturnType<Page['getByRole']>, title: string) => where.locator('.today-row', { hasText: title });
    await expect(row(waiting, 'Write the offer')).toContainText('Task overdue');
    await expect(row(waiting, 'Write the offer')).toContainText('3 d late');
    await expect(row(waiting, 'Bea')).toContainText('Follow-up due');
    const touch = page.getByRole('region', { name: 'Get in touch' });
    // The reason in words; the reckoning stands where the weights are set.
    await expect(row(touch, 'Carl')).toContainText('never contacted');
    await expect(row(touch, 'Carl')).not.toContainText('×');
    // Done leaves, undo returns.
    await row(waiting, 'Write the offer').getByRole('button', { name: 'Done' }).click();
    await expect(row(waiting, 'Write the offer')).toBeHidden();
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await expect(row(waiting, 'Write the offer')).toBeVisible();
    // Put off until tomorrow.
    await row(waiting, 'Write the offer').getByRole('button', { name: 'Later' }).click();
    await page.getByRole('menuitem', { name: 'Tomorrow' }).click();
    await expect(row(waiting, 'Write the offer')).toBeHidden();
    // Logging answers a follow-up.
    await row(waiting, 'Bea').getByRole('button', { name: 'Log' }).click();
    await row(waiting, 'Bea').getByLabel('What happened?').fill('Called back');
    await row(waiting, 'Bea').getByRole('button', { name: 'Log it' }).click();
    await expect(row(waiting, 'Bea')).toBeHidden();
    await expect.poll(() => page.evaluate(async id => (await (await fetch(`/api/v1/contacts/${id}`)).json()).data.nextFollowUp, bea)).toBeNull();
    // A deal gets its next step where it is missed.
    const idle = page.getByRole('region', { name: 'Deals without a next step' });
    await row(idle, 'Idle deal').getByLabel('Next step for Idle deal').fill('Call the buyer');
    await page.keyboard.press('Enter');
    await expect(row(idle, 'Idle deal')).toBeHidden();
    await page.reload();
    await hydrated(page);
    await expect(page.getByText('Write the offer')).toHaveCount(0);
    await expect(page.getByText('Idle deal')).toHaveCount(0);
    // Other weights, tried before they are used.
    await page.getByText('How these are chosen').click();
    await page.getByRole('slider', { name: /^Warmth/ }).fill('20');
    await expect(page.locator('.weights')).toContainText('5 × 0.2 + never × 0.3 = 0.40');
    await page.getByRole('button', { name: 'Use these weights' }).click();
    await expect(page.locator('.toast', { hasText: 'weighed anew' })).toBeVisible();
  });
}

test('a form that is open in a row of Today stays while the page reads itself again', async ({ page }) => {
  await signUp(page, 'Undisturbed');
  await make(page, 'contacts', { firstName: 'Bea', nextFollowUp: day(-1) });
  await open(page, '/');
  await hydrated(page);
  let answer = () => {};
  const held = new Promise<void>(done => { answer = done; });
  await page.route('**/fn/today/read*', async route => { await held; await route.continue(); });
  // Asked for before the form is open, answered while something is typed.
  const asked = page.waitForRequest('**/fn/today/read*');
  await make(page, 'tasks', { title: 'Of a colleague', dueDate: day(-1) });
  await asked;
  const row = page.locator('.today-row', { hasText: 'Bea' });
  await row.getByRole('button', { name: 'Log' }).click();
  await row.getByLabel('What happened?').fill('Called back');
  const answered = page.waitForResponse('**/fn/today/read*');
  answer();
  await (await answered).finished();
  await page.evaluate(() => new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))); }));
  await expect(row.getByLabel('What happened?')).toHaveValue('Called back');
  await row.getByRole('button', { name: 'Log it' }).click();
  await expect(row).toBeHidden();
  // What came meanwhile is shown once the form is gone.
  await expect(page.locator('.today-row', { hasText: 'Of a colleague' })).toBeVisible();
});

test('TSK-01 a task is added, ticked, comes back, and repeats', async ({ page }) => {
  await signUp(page, 'Tasks');
  await open(page, '/tasks');
  await page.getByLabel('New task').fill('Water the plants');
  await page.getByLabel('Due on').fill(day(1));
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  const today = page.getByRole('region', { name: 'Tomorrow' });
  await today.getByRole('link', { name: 'Water the plants' }).click();
  await page.getByRole('button', { name: /^Show \d+ more fields$/ }).click();
  await page.getByRole('button', { name: /^Repeats:/ }).click();
  await page.getByRole('combobox', { name: 'Repeats' }).selectOption({ label: 'Every week' });
  await expect(page.getByRole('button', { name: /^Repeats: Every week/ })).toBeVisible();
  await open(page, '/tasks');
  await page.getByRole('checkbox', { name: 'Done: Water the plants' }).click();
  await expect(page.getByRole('region', { name: 'Later' }).getByText('Water the plants')).toBeVisible();
  await expect(today).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(today.getByText('Water the plants')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Later' })).toHaveCount(0);
});

test('rows of Today stay interactive during consecutive reloads', async ({ page }) => {
  await signUp(page, 'Twice');
  await make(page, 'contacts', { firstName: 'Bea', nextFollowUp: day(-1) });
  await open(page, '/');
  await hydrated(page);
  const answers: (() => void)[] = [];
  await page.route('**/fn/today/read*', async route => { await new Promise<void>(done => answers.push(done)); await route.continue(); });
  await make(page, 'tasks', { title: 'First', dueDate: day(-1) });
  await expect.poll(() => answers.length).toBe(1);
  // A second live message during the first reload: the next reload starts when the first completes.
  const heard = page.evaluate(() => new Promise(done => {
    const source = new EventSource('/live?after=0');
    let tasks = 0;
    source.onmessage = ({ data }) => { if (data.includes('task') && ++tasks === 2) { source.close(); requestAnimationFrame(() => requestAnimationFrame(done)); } };
  }));
  await make(page, 'tasks', { title: 'Second', dueDate: day(-1) });
  await heard;
  answers[0]!();
  await expect.poll(() => answers.length).toBe(2);
  await expect(page.locator('.today-row', { hasText: 'First' })).toBeVisible();
  const row = page.locator('.today-row', { hasText: 'Bea' });
  await row.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('menuitem', { name: 'Tomorrow' }).click();
  await expect(row).toBeHidden();
  answers[1]!();
  await expect(page.locator('.today-row', { hasText: 'Second' })).toBeVisible();
});
