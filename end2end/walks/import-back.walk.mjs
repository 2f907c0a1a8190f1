// An import is taken back while others stand on what it brought, and brought back again.
const FILE = 'First name,Last name,E-mail,Company\nAna,Diaz,ana@x.test,Acme\nBo,Lee,bo@x.test,Acme\nCy,Fox,cy@x.test,Globex\n';

export default async ({ page, open, shot, make }) => {
  await open('/import');
  await page.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('button', { name: /^Import 3 rows/ }).click();
  await page.getByText('3 added').first().waitFor();
  await shot('imported');
  const people = (await (await page.request.get('/api/v1/contacts?q=bo')).json()).data;
  await make('notes', { body: 'Met at the fair', contactId: people[0].id });
  await page.getByRole('button', { name: 'Undo this import' }).click();
  await page.getByText('stays').first().waitFor();
  await shot('what goes and what stays');
  await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click();
  await page.getByText('Taken back').waitFor();
  await shot('taken back');
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await page.getByRole('button', { name: 'Undo this import' }).waitFor();
  await shot('back again');
};
