// The bytes of the release build against their budgets; the figures are for the log.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

const folder = process.argv[2] ?? 'dist/pkg';
const files = readdirSync(folder).filter(f => f.endsWith('.br')).map(f => [f, statSync(`${folder}/${f}`).size]);
const sum = test => files.filter(([f]) => test.test(f)).reduce((a, [, size]) => a + size, 0);
const loader = files.find(([f]) => f.startsWith('frontend-') && f.endsWith('.js.br'))?.[0];
const packs = loader ? [...brotliDecompressSync(readFileSync(`${folder}/${loader}`)).toString().matchAll(/(\w+):\{file:"\.\/([^"]+)",parts:(\[\[.*?\]\])\}/g)] : [];
// Pieces that few groups share lie in the pack of each of them. Their sizes are those of the wasm, before compression.
const [once, twice] = [new Set(), new Map()];
for (const [, pack, , pieces] of packs) {
  for (const [piece, size] of JSON.parse(pieces)) once.has(piece) ? twice.set(pack, (twice.get(pack) ?? 0) + size) : once.add(piece);
}
console.log(`pieces held twice: ${[...twice].map(([pack, size]) => `${pack} ${(size / 1000).toFixed(0)} kB`).join(', ') || 'none'}`);
const pack = name => files.find(([f]) => f.startsWith(`pack_${name}-`))?.[1] ?? NaN;
const first = sum(/^frontend-/);
/** What a page of a group loads at most: program, common pack, the group's. What fell is not to rise again, but for the page of a new kind (leads in `records`). */
const PAGES = { daily: 534_000, deals: 498_000, lists: 431_000, records: 552_000, forms: 420_000, figures: 480_000, settings: 533_000, more: 475_000 };
const rows = [
  ['wasm and glue of the first load', first, 286_000],
  ['style sheet', sum(/^app-/), 30_000],
  ['parts in all', files.filter(([f]) => /^(split|chunk|pack)/.test(f)).length, 12],
  ...Object.entries(PAGES).map(([group, most]) => [`a page of ${group}`, first + pack('common') + pack(group), most]),
  ['parts of the shell with what all parts share', pack('common') + pack('shell'), 170_000],
];
let over = false;
for (const [what, is, most] of rows) {
  console.log(`${what}: ${is} of at most ${most}`);
  // Nothing found is a name that has changed.
  over ||= is > most || !(is > 0);
}
process.exit(over ? 1 : 0);
