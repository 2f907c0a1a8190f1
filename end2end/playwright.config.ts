import { defineConfig } from '@playwright/test';

// What needs the machine and a whole browser for itself: a browser killed, an installed program, a push service. `ALONE=1`
// runs these, one after the other; without it all the others run, two at once, in the browser without a window.
const ALONE = ['pwa', 'push'].map(name => new RegExp(`/${name}\\.`));
const alone = !!process.env.ALONE;

// One real server, two browsers: the tests of a file share a signed-up workspace, files run beside each other.
export default defineConfig({
  testDir: 'tests',
  ...(alone ? { testMatch: ALONE } : { testIgnore: ALONE }),
  fullyParallel: false,
  workers: alone ? 1 : Number(process.env.WORKERS ?? 2),
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
      executablePath: alone ? process.env.CHROMIUM : process.env.CHROMIUM_SHELL ?? process.env.CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
