// Every area's code comes by either way: with a page loaded from the server, and by navigation from a page of another area.
import { expect, hydrated, open, signUp, test } from '../kit';

/** A page of each area (a crate, docs/architecture.md), and the heading that it has. */
const AREAS: Record<string, { path: string; heading: string }> = {
  records: { path: '/new/contact', heading: 'New contact' },
  work: { path: '/tasks', heading: 'Tasks' },
  sales: { path: '/deals', heading: 'Deals' },
  people: { path: '/companies', heading: 'Companies' },
  setup: { path: '/settings/tags', heading: 'Tags' },
  figures: { path: '/analytics', heading: 'Analytics' },
};

for (const [area, { path, heading }] of Object.entries(AREAS)) {
  test(`the area ${area} opens by a direct load and by navigation`, async ({ page, quiet }) => {
    await signUp(page, 'Areas');
    await open(page, path);
    await expect(page.locator('#main h1')).toHaveText(heading);
    // The 404 page lies in the first file: no area is loaded before the link is followed.
    await page.goto('/nowhere');
    await hydrated(page);
    await page.evaluate(href => {
      const link = Object.assign(document.createElement('a'), { href });
      document.querySelector('#main')!.append(link);
      link.click();
    }, path);
    await expect(page.locator('#main h1')).toHaveText(heading);
    // The document is still the one of the 404 page, which the browser notes.
    expect(await page.evaluate(() => performance.getEntriesByType('navigation')[0]?.name)).toContain('/nowhere');
    quiet.splice(0, quiet.length, ...quiet.filter(message => !message.includes('404 (Not Found)')));
  });
}
