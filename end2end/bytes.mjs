// The bytes of the release build against their budgets; the figures are for the log.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

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
// Pieces that few groups share lie in the pack of each of them. Their sizes are those of the wasm, before compression.
const loader = files.find(([f]) => f.startsWith('__wasm_split'))?.[0];
const packs = loader ? brotliDecompressSync(readFileSync(`${folder}/${loader}`)).toString().matchAll(/(\w+):\{file:"[^"]+",parts:(\[\[.*?\]\])\}/g) : [];
const [once, twice] = [new Map(), new Map()];
for (const [, pack, pieces] of packs) {
  for (const [piece, size] of JSON.parse(pieces)) once.has(piece) ? twice.set(pack, (twice.get(pack) ?? 0) + size) : once.set(piece, size);
}
console.log(`pieces held twice: ${[...twice].map(([pack, size]) => `${pack} ${(size / 1000).toFixed(0)} kB`).join(', ') || 'none'}`);
let over = false;
for (const [what, is, most] of rows) {
  console.log(`${what}: ${is} of at most ${most}`);
  // Nothing found is a name that has changed.
  over ||= is > most || !(is > 0);
}
process.exit(over ? 1 : 0);
