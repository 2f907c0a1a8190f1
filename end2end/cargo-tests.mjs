// Runs every Rust test of the workspace, binary by binary. Cargo builds them with one feature set; the binaries run here
// because only then each test's seconds are known: `node cargo-tests.mjs RESULT -- CARGO_ARGUMENTS`. RESULT becomes JSON.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [, , result, , ...args] = process.argv;
const filter = process.env.FILTER ? [process.env.FILTER] : [];
const start = Date.now();
const built = spawnSync('cargo', ['test', '--no-run', '--message-format=json-render-diagnostics', ...args], {
  env: { ...process.env, RUSTC_WORKSPACE_WRAPPER: 'clippy-driver' }, // same as in test.sh, for the same artifacts
  stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 30,
});
const out = { build: (Date.now() - start) / 1000, passed: [], failed: [], skipped: 0, tests: [], binaries: [] };
const binaries = built.status === 0
  ? built.stdout.split('\n').filter(l => l.startsWith('{')).map(l => JSON.parse(l)).filter(m => m.profile?.test && m.executable)
  : [];
if (built.status !== 0) out.failed.push('the tests do not compile');
// Small ones first: what is wrong in the rules is said before servers are started.
const ORDER = ['domain', 'ui', 'base', 'figures', 'app', 'embedded_postgres', 'tools', 'store', 'server'];
const name = m => m.package_id.replace(/.*[/#]([\w-]+)[#@].*/, '$1').replace('postgres', 'embedded_postgres');
const rank = m => { const at = ORDER.indexOf(name(m)); return at < 0 ? 0 : at; };
binaries.sort((a, b) => rank(a) - rank(b));

async function run(binary) {
  const label = `${name(binary)} ${binary.target.kind[0] === 'test' ? binary.target.name : binary.target.kind[0]}`;
  const began = Date.now();
  const threads = process.env.TEST_THREADS ? [`--test-threads=${process.env.TEST_THREADS}`] : [];
  const child = spawn(binary.executable, ['-Zunstable-options', '--report-time', ...threads, ...filter], {
    cwd: dirname(binary.manifest_path), env: { ...process.env, RUSTC_BOOTSTRAP: '1', RUST_BACKTRACE: '0' }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', d => { text += d; });
  const code = await new Promise(done => child.on('close', c => done(c ?? -1)));
  const lines = text.split('\n');
  let passed = 0, failed = 0;
  for (const line of lines) {
    const [, test, verdict, seconds] = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)(?: <([\d.]+)s>)?/.exec(line) ?? [];
    if (verdict === 'ok') { passed += 1; out.passed.push(test); out.tests.push([`${label}: ${test}`, Number(seconds)]); }
    if (verdict === 'FAILED') { failed += 1; out.failed.push(`${label}: ${test}`); }
    if (verdict === 'ignored') out.skipped += 1;
  }
  // A test that cannot run here says so in a line of its own and passes.
  const skipped = lines.filter(l => l.startsWith('SKIPPED: '));
  skipped.forEach(l => console.log(l));
  out.skipped += skipped.length;
  if (code !== 0 && failed === 0) { failed = 1; out.failed.push(`${label} ended with ${code}`); }
  const seconds = (Date.now() - began) / 1000;
  out.binaries.push([label, seconds, passed]);
  if (passed + failed > 0) console.log(`${label}: ${passed} passed, ${failed} failed in ${seconds.toFixed(0)} s`);
  if (failed) console.log(lines.filter(l => !/^ +\d+: |^ +at |\.\.\. ok/.test(l)).slice(-80).join('\n'));
}

// Two at once: they wait for timers, processes and disks more than they compute.
const turns = binaries[Symbol.iterator]();
const worker = async () => { for (const binary of turns) await run(binary); };
await Promise.all([worker(), worker()]);

const skips = out.skipped;
out.counts = [out.passed.length - skips, out.failed.length, skips];
if (!out.failed.length && out.counts[0] <= 0) { out.failed.push('no test ran'); out.counts[1] = 1; }
writeFileSync(result, JSON.stringify(out));
process.exit(out.failed.length ? 1 : 0);
