import { defineConfig } from '@playwright/test';

// One real server and one browser: the tests of a file share a signed-up workspace, files run one after another.
export default defineConfig({
  testDir: 'tests',
  fullyParallel: false,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  // The machines of CI are shared: what fails once runs again, and a pass at the second try is named at the end of the run.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list'], ['json', { outputFile: process.env.REPORT ?? 'report/report.json' }]],
  use: {
    baseURL: process.env.BASE,
    trace: 'off',
    // Kept files would hide what a page asks for; the tests of offline work switch them on.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
