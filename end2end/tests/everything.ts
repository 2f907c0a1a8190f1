// A workspace with something of everything that pages show.
import { expect, type Page } from '@playwright/test';
import { importAll, make, signUp } from './kit';

const COLORS = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'];

/** Signs somebody up, brings in a sales history, and answers the id that each route with one is opened with. */
export async function everything(page: Page): Promise<Record<string, string>> {
  await signUp(page, 'Pages');
  await importAll(page);
  const first = async (path: string) => (await (await page.request.get(path)).json()).data[0].id as string;
  await page.goto('/new/contact');
  await page.getByLabel('First name').fill('Ana');
  await page.locator('#main').getByRole('button', { name: 'Add', exact: true }).click();
  await page.waitForURL(/people\/[0-9a-f-]{36}/);
  const contact = await first('/api/v1/contacts');
  await make(page, 'tasks', { title: 'Send the offer', dueDate: '2026-01-05', priority: 'high', recurrence: 'FREQ=WEEKLY', contactId: contact });
  await make(page, 'interactions', { type: 'call', contactId: contact, subject: 'Demo', description: 'Went well.', outcome: 'positive', sentiment: 'positive', nextStep: 'Offer', followUpRequired: true, followUpDate: '2026-01-06' });
  for (const color of COLORS) await make(page, 'tags', { name: color, color, category: 'Colours' });
  await make(page, 'notes', { body: '**They** like tea, @Pages\n\n- one\n- `two`\n\n> three', contactId: contact, pinned: true });
  await make(page, 'notes', { body: 'Not pinned', contactId: contact });
  const { version } = (await (await page.request.get(`/api/v1/contacts/${contact}`)).json()).data;
  const tagged = await page.request.patch(`/api/v1/contacts/${contact}`, { data: { tags: COLORS, version }, headers: { origin: new URL(page.url()).origin } });
  expect(tagged.status(), await tagged.text()).toBe(200);
  await make(page, 'tasks', { title: 'Ring', remindAt: '2026-01-05T09:00' });
  await make(page, 'shares', { title: 'Figures', shows: ['figures'] });
  await make(page, 'leads', { firstName: 'Lena', companyName: 'Initech', status: 'qualified', quality: 'hot', source: 'referral', followUpDate: '2026-01-07' });
  return {
    '/leads/:id': await first('/api/v1/leads'),
    '/notes/:id': await first('/api/v1/notes'),
    '/tasks/:id': await first('/api/v1/tasks'),
    '/interactions/:id': await first('/api/v1/interactions'),
    '/deals/:id': await first('/api/v1/deals'),
    '/people/:id': await first('/api/v1/contacts'),
    '/companies/:id': await first('/api/v1/companies'),
    '/import/:id': await first('/api/v1/imports'),
    '/settings/:plural/:id': await first('/api/v1/products'),
    '/edit/:kind/:id': await first('/api/v1/companies'),
  };
}
