// The bytes of the release build against their budgets; the figures are for the log.
import { readdirSync, statSync } from 'node:fs';

const folder = process.argv[2] ?? 'dist/pkg';
const files = readdirSync(folder).filter(f => f.endsWith('.br')).map(f => [f, statSync(`${folder}/${f}`).size]);
const sum = test => files.filter(([f]) => test.test(f)).reduce((a, [, size]) => a + size, 0);
const parts = files.filter(([f]) => /^(split|chunk|pack)/.test(f));
const rows = [
  ['wasm and glue of the first load', sum(/^(frontend-|__wasm_split)/), 290_000],
  ['largest part', Math.max(...parts.map(p => p[1])), 120_000],
  ['style sheet', sum(/^app-/), 30_000],
  ['parts in all', parts.length, 20],
];
let over = false;
for (const [what, is, most] of rows) {
  console.log(`${what}: ${is} of at most ${most}`);
  // Nothing found is a name that has changed.
  over ||= is > most || !(is > 0);
}
process.exit(over ? 1 : 0);
