// docs/coverage.md: which ids of the specification are named by a test that passed. `node coverage.mjs NAMES`.
import { readFileSync } from 'node:fs';

const found = new Map();
for (const name of new Set(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean))) {
  const words = name.split('::').at(-1);
  for (const [, letters, digits] of words.matchAll(/(?<![a-z0-9])([a-z]{1,4})[-_](\d{2}[a-z]?)(?![0-9])/gi)) {
    const id = `${letters.toUpperCase()}-${digits}`;
    if (/^(UTF|ISO|RFC|SHA|SPEC)-/.test(id)) continue;
    found.set(id, [...(found.get(id) ?? []), words.replaceAll('_', ' ')]);
  }
  for (const [, example] of words.matchAll(/spec[_ ]21[_ ]example[_ ](\d)/gi)) found.set(`§21.${example}`, [...(found.get(`§21.${example}`) ?? []), words.replaceAll('_', ' ')]);
}
console.log('# Coverage\n\nIds of the specification that a passing test names, made by `make test` from its own report.\n\n| id | test |\n| --- | --- |');
for (const id of [...found.keys()].sort()) console.log(`| ${id} | ${[...new Set(found.get(id))].join('<br>')} |`);
