// Memory of the release program before and after what used to stay: sign-ins (19 MiB of Argon2 each) and large bodies.
// Usage: node memory.mjs path/to/rapport
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.argv[2];
const port = 3188;
const base = `http://127.0.0.1:${port}`;
/** What a burst may leave behind, in megabytes (DESIGN §12: + ≤ 10 MB after 100 sign-ins). */
const MOST = 10;
const data = mkdtempSync(join(tmpdir(), 'rapport-memory-'));
const server = spawn(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });

/** Proportional set size of the server alone, in megabytes. */
const pss = () => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
const pause = ms => new Promise(done => setTimeout(done, ms));
const form = fields => ({ method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers: { 'sec-fetch-site': 'same-origin' } });
const account = { email: 'ana@memory.test', password: 'three unrelated words' };

async function ready() {
  for (let n = 0; n < 300; n++) {
    if (await fetch(`${base}/readyz`).then(r => r.ok, () => false)) return;
    await pause(100);
  }
  throw new Error('the server did not start');
}

/** Memory once it has settled: the lowest of some seconds, longer than freed memory is cached for reuse. A loaded machine gives it
 * back later, so a value over `most` is read again for a minute. */
async function settled(most = Infinity) {
  let least = Infinity;
  for (let n = 0; n < 16 || (least > most && n < 120); n++) {
    await pause(500);
    least = Math.min(least, pss());
  }
  return least;
}

/** A busy machine may answer "not now"; the same again is another attempt. */
async function signIn() {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { status } = await fetch(`${base}/sign-in`, form(account));
    if (status === 303) return;
    if (status !== 503) throw new Error(`sign-in answered ${status}`);
    await pause(500);
  }
  throw new Error('no sign-in came through');
}

async function signIns(count, atOnce) {
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, signIn));
  }
}

async function largeBodies(cookie) {
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const bodies = [
    JSON.stringify({ firstName: 'x'.repeat(1_000_000) }),
    JSON.stringify({ firstName: 'Ana', tags: Array.from({ length: 100_000 }, (_, n) => `t${n}`) }),
    JSON.stringify(Array.from({ length: 100_000 }, (_, n) => n)),
  ];
  for (let n = 0; n < 60; n++) {
    const body = bodies[n % bodies.length];
    const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(`${base}/api/v1/contacts`, { method: 'POST', headers, body })));
    for (const answer of answers) {
      await answer.arrayBuffer();
      if (answer.status < 400 || answer.status >= 500) throw new Error(`a body that is refused answered ${answer.status}`);
    }
  }
}

let over = false;
function row(what, before, after) {
  const more = after - before;
  console.log(`${what}: ${before.toFixed(1)} → ${after.toFixed(1)} MB (at most ${MOST} more)`);
  over ||= !(more <= MOST);
}

try {
  await ready();
  const made = await fetch(`${base}/sign-up`, form({ ...account, workspace: 'Memory' }));
  if (made.status !== 303) throw new Error(`sign-up answered ${made.status}`);
  const cookie = made.headers.getSetCookie().map(c => c.split(';')[0]).join('; ');
  // Pages, words and connections are loaded once; they are no leak.
  for (const path of ['/', '/people', '/deals', '/sign-in']) await fetch(base + path, { headers: { cookie } }).then(r => r.text());
  const fresh = await settled();
  await signIns(60, 1);
  await signIns(40, 8);
  const signedIn = await settled(fresh + MOST);
  row('100 sign-ins', fresh, signedIn);
  await largeBodies(cookie);
  row('240 large bodies', signedIn, await settled(signedIn + MOST));
} finally {
  server.kill('SIGTERM');
  await new Promise(done => server.once('exit', done));
  rmSync(data, { recursive: true, force: true });
}
process.exit(over ? 1 : 0);
