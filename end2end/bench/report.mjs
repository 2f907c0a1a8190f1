// docs/bench.md from the runs: medians with their spread, every row with its budget. Exits with an error when a row exceeds it.
// node bench/report.mjs RUN.json… > docs/bench.md
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { READS, REFERENCE, STATEMENTS, WRITES } from './rows.mjs';

const all = process.argv.slice(2).map(f => JSON.parse(readFileSync(f, 'utf8')));
const runs = all.filter(r => r.rows);
const imports = all.filter(r => r.import);
const statements = new Map(all.filter(r => r.counted).map(r => [r.size, r.counted]));
const sizes = [...new Set(runs.map(r => r.size))];
const median = all => [...all].sort((a, b) => a - b)[all.length >> 1];
const digits = x => (x >= 100 ? 0 : x >= 10 ? 1 : 2);
const figure = all => { const m = median(all); return all.length < 2 ? m.toFixed(digits(m)) : `${m.toFixed(digits(m))} (${Math.min(...all).toFixed(digits(m))}–${Math.max(...all).toFixed(digits(m))})`; };
const over = [];
const out = [];
const say = line => out.push(line);

const goals = new Map([...READS, ...WRITES].map(goal => [goal.name, goal]));

say('# Figures');
say('');
say(`Made by \`make bench\` at ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}, ${new Date().toISOString().slice(0, 10)}, on ${execFileSync('nproc', { encoding: 'utf8' }).trim()} cores (load at the start of each run: ${runs.map(r => r.load).join(', ')}). Processor time is app and database together, in milliseconds per request, eight at once; medians of ${runs.length / sizes.length} runs, the spread in brackets. Answers are asked for compressed, as browsers do. The generator runs on the same machine.`);
say('');
say('The figures that stood here until November 2026 were divided by a “machine index” of 3.5 that compared two different queries; like for like it was 1.0 to 1.3, and nearly every row was over its budget. There is no index any more: the bare handler (axum and sqlx, no session, role, policy or permission) runs the project\'s own list query and a lighter one in the same run, and a goal is a multiple of the former.');
for (const size of sizes) {
  const mine = runs.filter(r => r.size === size), key = size === '10k' ? 'small' : 'large';
  const bareOf = run => run.bare.flat().filter(b => b.name === 'bare /contacts').reduce((sum, b, _, all) => sum + b.cpu / all.length, 0);
  const bare = median(mine.map(bareOf));
  say('');
  say(`## ${size === '10k' ? '10,000 contacts, 2,100 deals, 55,000 events' : '300,000 contacts, 64,000 deals, 1,500,000 events'}`);
  say('');
  say('| what | app | database | **together** | ÷ bare | goal | ÷ bare | | p50 ms at 1 | p50 · p99 ms at 8 | statements | kB |');
  say('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const path of ['/hello', '/light', '/contacts']) {
    const all = mine.map(r => r.bare.flat().filter(b => b.name === `bare ${path}`)).flat();
    say(`| bare handler, ${{ '/hello': 'hello', '/light': 'a light list', '/contacts': 'our list' }[path]} | ${figure(all.map(b => b.app))} | ${figure(all.map(b => b.db))} | ${figure(all.map(b => b.cpu))} | ${(median(all.map(b => b.cpu)) / bare).toFixed(2)} | | | | | ${figure(all.map(b => b.p50))} · ${figure(all.map(b => b.p99))} | | ${(median(all.map(b => b.bytes)) / 1000).toFixed(1)} |`);
  }
  for (const name of [...new Set(mine.flatMap(r => r.rows.map(x => x.name)))]) {
    const at = n => mine.map(r => r.rows.find(x => x.name === name && x.at === n)).filter(Boolean);
    const eight = at(8), goal = goals.get(name)?.[key], ratio = median(eight.map(r => r.cpu)) / bare;
    const late = goal !== undefined && ratio > goal / REFERENCE;
    if (late) over.push(`${size}: ${name} costs ${ratio.toFixed(2)} × the bare list, ${(goal / REFERENCE).toFixed(2)} are allowed (${(100 * (ratio * REFERENCE / goal - 1)).toFixed(0)} % over)`);
    const most = STATEMENTS[goals.get(name)?.statements];
    const asked = statements.get(size)?.[name];
    if (asked > most) over.push(`${size}: ${name} sends ${asked.toFixed(1)} statements, ${most} are allowed`);
    say(`| ${name} | ${figure(eight.map(r => r.app))} | ${figure(eight.map(r => r.db))} | **${figure(eight.map(r => r.cpu))}** | ${ratio.toFixed(2)} | ${goal ?? ''} | ${goal === undefined ? '' : (goal / REFERENCE).toFixed(2)} | ${goal === undefined ? '' : late ? '**over**' : 'within'} | ${figure(at(1).map(r => r.p50))} | ${figure(eight.map(r => r.p50))} · ${figure(eight.map(r => r.p99))}${goals.get(name)?.p99 ? ` (≤ ${goals.get(name).p99})` : ''} | ${asked === undefined ? '' : `${asked.toFixed(1)}${most ? ` (≤ ${most})` : ''}`} | ${(median(eight.map(r => r.bytes)) / 1000).toFixed(1)} |`);
  }
  say('');
  say('| other | figure | goal | |');
  say('| --- | --- | --- | --- |');
  const hold = (what, all, unit, goal, least) => {
    const m = median(all), late = goal !== undefined && (least ? m < goal : m > goal);
    if (late) over.push(`${size}: ${what} is ${m.toFixed(digits(m))}${unit}, ${least ? 'at least' : 'at most'} ${goal} wanted`);
    say(`| ${what} | ${figure(all)}${unit} | ${goal === undefined ? '' : `${least ? '≥' : '≤'} ${goal}`} | ${goal === undefined ? '' : late ? '**over**' : 'within'} |`);
  };
  for (const [name, { rate }] of goals) if (rate) hold(`${name}, durable, 32 at once`, mine.map(r => r.rows.find(x => x.name === name && x.at === 32).rate), '/s', rate, true);
  for (const { name } of mine[0].serial) hold(`${name}, one after the other on fresh connections`, mine.map(r => r.serial.find(s => s.name === name).p50), ' ms');
  const imported = imports.filter(r => r.size === size);
  hold('import of 100,000 contacts', imported.map(r => r.import.rows / r.import.seconds), ' rows/s', 8000, true);
  hold('server fresh, PSS', mine.map(r => r.fresh.pss), ' MB', 35);
  hold('… of it heap', mine.map(r => r.fresh.heap), ' MB', 8);
  hold('server after load, PSS', mine.map(r => r.loaded.pss), ' MB', 50);
  hold('… of it heap', mine.map(r => r.loaded.heap), ' MB', 20);
  hold('server after 100 sign-ins, PSS', mine.map(r => r.signedIn.pss), ' MB');
  hold('server after load, sign-ins and an import, PSS', mine.map(r => r.imported.pss), ' MB', size === '10k' ? 60 : 70);
  hold('peak during an import, over the fresh server', imported.map(r => r.import.peak - r.fresh.pss), ' MB', 20);
  hold('start to the first good answer, cold', mine.map(r => r.cold), ' ms', 6000);
  hold('… warm', mine.map(r => r.warm), ' ms', 500);
  if (mine[0].pgbench) hold('pgbench -S, prepared, 8 clients', mine.map(r => r.pgbench), ' /s');
}
say('');
const files = readdirSync('dist/pkg').filter(f => f.endsWith('.br')).map(f => [f, statSync(`dist/pkg/${f}`).size]);
const kb = test => (files.filter(([f]) => test(f)).reduce((sum, [, s]) => sum + s, 0) / 1000).toFixed(0);
say(`Files: program ${(statSync(process.env.PROGRAM).size / 1e6).toFixed(0)} MB; first wasm file and its glue ${kb(f => /^(frontend-|__wasm_split)/.test(f))} kB, style sheet ${kb(f => f.startsWith('app-'))} kB, both compressed; what a first visit loads is counted by \`loads.hydrate.spec.ts\`.`);
console.log(out.join('\n'));
if (over.length) { console.error(`\nOver the goal:\n${over.map(o => `- ${o}`).join('\n')}`); process.exitCode = 1; }
