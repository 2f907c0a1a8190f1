// Names that look like markup: the pages they name show them as text, answer to the person, and break no policy.
import { expect, hydrated, make, open, signUp, test } from '../kit';

const NAME = 'Acme & Co</title></textarea></style></script><x-canary>';
const NOTE = `${NAME}\n\n--!>]]>"'><x-canary x-canary="\n\n**${NAME}** [x](javascript:alert(1)) [x](https://x.test/a) \`<x-canary>\``;

test('a record that is called like markup is a record like any other', async ({ page }) => {
  test.setTimeout(60_000);
  // What the policy refused, in every document from its first byte on.
  const refused: string[] = [];
  await page.exposeFunction('refused', (what: string) => refused.push(what));
  await page.addInitScript(() => addEventListener('securitypolicyviolation', e =>
    (globalThis as unknown as { refused(what: string): void }).refused(`${location.pathname}: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
  await signUp(page, NAME);
  const companyId = await make(page, 'companies', { name: NAME, industry: NAME, description: NOTE });
  const contactId = await make(page, 'contacts', { firstName: NAME, lastName: NAME, companyId, tags: [NAME], jobTitle: NAME, professionalNotes: NOTE });
  const dealId = await make(page, 'deals', { title: NAME, companyId, contactIds: [contactId], nextAction: NAME, description: NOTE });
  const taskId = await make(page, 'tasks', { title: NAME, contactId, dealId, dueDate: '2026-01-05', description: NOTE });
  const interactionId = await make(page, 'interactions', { type: 'call', subject: NAME, contactId, dealId, description: NOTE, nextStep: NAME });
  const noteId = await make(page, 'notes', { body: NOTE, contactId });
  const { importId, imported } = await page.evaluate(async name => {
    const cell = `"${name}"`;
    const text = `First name,Last name,Company,E-mail\n${cell},,${cell},a@x.test\n${cell},,${cell},${cell}\n`;
    const call = async (path: string, init?: RequestInit) => (await (await fetch(`/api/v1/${path}`, init)).json()).data;
    const draft = await call(`imports?fileName=${encodeURIComponent(`${name}.csv`)}`, { method: 'POST', body: text });
    await call(`imports/${draft.id}/start`, { method: 'POST' });
    for (let i = 0; i < 200 && (await call(`imports/${draft.id}`)).status !== 'done'; i += 1) await new Promise(done => setTimeout(done, 50));
    return { importId: draft.id as string, imported: (await call('contacts?q=a@x.test'))[0].id as string };
  }, NAME);

  const alive = async (path: string, title: string) => {
    await hydrated(page);
    await expect(page, path).toHaveTitle(`${title} · Rapport`);
    await expect(page.getByRole('heading', { level: 1 }), path).toHaveText(title);
    expect(await page.locator('x-canary, [x-canary], meta[http-equiv], [href^="javascript:"]').count(), path).toBe(0);
    await page.locator('.sidebar__add').click();
    await expect(page.locator('dialog[open]'), path).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator('dialog[open]'), path).toHaveCount(0);
  };
  const pages = [
    [`/companies/${companyId}`, NAME], [`/people/${contactId}`, `${NAME} ${NAME}`], [`/people/${imported}`, NAME], [`/deals/${dealId}`, NAME],
    [`/tasks/${taskId}`, NAME], [`/interactions/${interactionId}`, NAME], [`/import/${importId}`, `${NAME}.csv`],
  ] as const;
  for (const [path, title] of pages) {
    await page.goto(path);
    await alive(path, title);
  }
  // A note is called like its first line.
  await open(page, `/notes/${noteId}`);
  await expect(page).toHaveTitle(/^Acme & Co<\/title>.* · Rapport$/);
  await expect(page.locator('x-canary')).toHaveCount(0);

  // Pages that the browser makes by itself say the same, and a field takes such a text.
  await open(page, '/companies');
  await page.getByRole('link', { name: NAME }).first().click();
  await page.waitForURL(`**/companies/${companyId}`);
  await alive('/companies, then its company', NAME);
  const industry = page.getByRole('button', { name: /^Industry:/ });
  await industry.click();
  await page.getByRole('textbox', { name: 'Industry' }).fill(`${NAME} again`);
  await page.keyboard.press('Enter');
  await expect(industry).toHaveText(`${NAME} again`);
  expect(refused, 'what the policy refused').toEqual([]);
});
