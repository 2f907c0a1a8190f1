// One measured run against a server that `bench.sh` started on a seeded folder; the figures go into a file as JSON.
// node bench/run.mjs OUT   (environment: see bench.sh)
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { importFile, json, measure, send } from './client.mjs';
import { cpu, load, memory } from './machine.mjs';
import { READS, WRITES, prepare } from './rows.mjs';

const { SERVER, BARE, PORT, DATA, SIZE, TOKEN, WRITER, IMPORTER, FILE, COLD, WARM } = process.env;
const port = Number(PORT), each = Number(process.env.EACH ?? 2);
const bearer = token => ({ authorization: `Bearer ${token}` });
const ctx = { port, token: bearer(TOKEN), writer: bearer(WRITER) };
const out = { size: SIZE, load: load(), cold: Number(COLD), warm: Number(WARM), rows: [], serial: [] };
const say = row => console.error(`${SIZE} ${row.name} @${row.at}: ${row.cpu.toFixed(2)} ms (app ${row.app.toFixed(2)}, database ${row.db.toFixed(2)}), p50 ${row.p50.toFixed(1)}, p99 ${row.p99.toFixed(1)}, ${row.rate.toFixed(0)}/s`);

// The import's peak is counted from the server as it started.
if (process.env.IMPORT) {
  const fresh = memory(SERVER);
  writeFileSync(process.argv[2], JSON.stringify({ size: SIZE, fresh, import: await importFile(port, SERVER, FILE, bearer(IMPORTER)) }));
  process.exit(0);
}

// Sequential calls on fresh connections, before the pool and its plans are warm.
const about = await prepare(ctx);
for (const { name, make } of WRITES) {
  const times = [];
  for (let n = 0; n < 20; n += 1) {
    const began = performance.now();
    const answer = await make(ctx, about, true);
    if (answer.status >= 400) throw new Error(`${name}: ${answer.status} ${answer.body}`);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  out.serial.push({ name, p50: times[10], worst: times[19] });
}
out.fresh = memory(SERVER);

// A browser session and a share link.
const signIn = () => send(port, 'POST', '/sign-in', {
  body: Buffer.from('email=bench%40rapport.test&password=correct+horse+battery'),
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
});
ctx.page = { cookie: (await signIn()).headers['set-cookie'].map(c => c.split(';')[0]).join('; ') };
const share = await json(port, 'POST', '/api/v1/shares', { body: { title: 'Bench', shows: ['figures', 'pipeline', 'forecast', 'won_by_month', 'top_deals'] }, headers: ctx.token });
ctx.share = share.data.path;

// Statements executed so far, from pg_stat_statements.
const statements = () => {
  return Number(execFileSync('psql', [process.env.COUNT, '-XAtqc', 'select coalesce(sum(calls), 0) from pg_stat_statements where query not like \'%pg_stat_statements%\''], { encoding: 'utf8' }));
};
async function asked(make) {
  const before = statements();
  for (let n = 0; n < 20; n += 1) await make();
  return (statements() - before) / 20;
}

if (process.env.COUNT) {
  const counted = {};
  for (const { name, make, statements: most } of [...READS, ...WRITES]) {
    if (!most) continue;
    await make(ctx, about);
    counted[name] = await asked(() => make(ctx, about));
  }
  writeFileSync(process.argv[2], JSON.stringify({ size: SIZE, counted }));
  process.exit(0);
}

// The bare handler is measured before and after the rows, because the machine drifts.
const bare = spawn(BARE, [DATA, 'Bench', String(port + 1)], { stdio: 'ignore' });
for (;;) { try { await send(port + 1, 'GET', '/hello'); break; } catch { await new Promise(r => setTimeout(r, 50)); } }
// Its queries run in the server's Postgres; the CPU time of the handler's process is added.
async function bareRow(path, at) {
  const make = () => send(port + 1, 'GET', path);
  await measure(SERVER, make, 4, each / 4);
  const before = cpu(bare.pid).app;
  const row = await measure(SERVER, make, at, each);
  const own = (cpu(bare.pid).app - before) / (row.rate * each);
  return { ...row, name: `bare ${path}`, app: own, cpu: own + row.db };
}
const bareNow = async () => { const rows = []; for (const path of ['/hello', '/light', '/contacts']) rows.push(await bareRow(path, 8)); rows.forEach(say); return rows; };
out.bare = [await bareNow()];

const levels = { read: [1, 8], write: [1, 8, 32] };
for (const [kind, list] of [['read', READS], ['write', WRITES]]) {
  for (const { name, make: asking } of list) {
    const make = () => asking(ctx, about);
    await measure(SERVER, make, 4, each / 4);
    for (const at of levels[kind]) {
      const row = { name, ...(await measure(SERVER, make, at, each)) };
      say(row);
      out.rows.push(row);
    }
  }
}
out.bare.push(await bareNow());
bare.kill();
if (process.env.PGBENCH) {
  const tps = execFileSync(process.env.PGBENCH_PROGRAM, ['-nSM', 'prepared', '-c', '8', '-T', String(Math.max(1, each)), process.env.PGBENCH], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  out.pgbench = Number(/tps = ([\d.]+)/.exec(tps)?.[1]);
}
out.loaded = memory(SERVER);
for (let n = 0; n < 100; n += 1) {
  const status = (await signIn()).status;
  if (status === 429) break;
}
out.signedIn = memory(SERVER);
await importFile(port, SERVER, FILE, bearer(IMPORTER));
await new Promise(r => setTimeout(r, 5000));
out.imported = memory(SERVER);
writeFileSync(process.argv[2], JSON.stringify(out));
process.exit(0);
