import { defineConfig } from '@playwright/test';
import chromium from './playwright.config';

// The same tests in Debian's Firefox, by WebDriver BiDi. Left out is what the protocol or the runner cannot do there: touch
// (a finger on the board, a tap), pages without scripts, and the tests that drive Chromium's own debugging protocol. Coming
// back to a list is some 20 pixels off there, less than a row; the test asks for the very pixel.
export default defineConfig({
  ...chromium,
  testMatch: ['journey.hydrate.spec.ts', 'records.hydrate.spec.ts', 'palette.hydrate.spec.ts'],
  grepInvert: /finger|without scripts|coming back/,
  use: {
    baseURL: process.env.BASE,
    browserName: 'firefox',
    channel: 'moz-firefox',
    launchOptions: { executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', firefoxUserPrefs: { 'dom.serviceWorkers.enabled': false } },
  },
});
