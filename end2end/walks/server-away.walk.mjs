// Changes wait while the server cannot be reached, one cannot be saved, and all of it comes through in the end.
export default async ({ page, open, shot, make }) => {
  const ana = await make('contacts', { firstName: 'Ana', lastName: 'Diaz', jobTitle: 'Buyer' });
  await open(`/people/${ana.id}`);
  const details = page.getByRole('link', { name: 'Details' });
  if (await details.isVisible()) await details.click();
  const change = async (label, text) => {
    await page.getByRole('button', { name: new RegExp(`^${label}`) }).click();
    await page.getByRole('textbox', { name: label }).fill(text);
    await page.keyboard.press('Enter');
  };
  await page.route('**/fn/commands/dispatch', route => route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: '' }));
  await page.route('**/readyz', route => route.fulfill({ status: 503, body: '' }));
  await change('Job title', 'Head of purchasing');
  await page.getByText('1 change waits').waitFor();
  await shot('waits');
  await page.locator('.offline__more').first().click();
  await page.getByText('Head of purchasing').last().waitFor();
  await shot('what waits');
  await page.unroute('**/readyz');
  await page.unroute('**/fn/commands/dispatch');
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText('Everything is saved.').or(page.getByText('Nothing is waiting.')).waitFor();
  await shot('saved');
};
