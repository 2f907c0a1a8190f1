import { measure, send } from './client.mjs';
import { prepare, READS, WRITES } from './rows.mjs';
import { readFileSync } from 'node:fs';
const [,, port, pid, token, cookieFile, ...want] = process.argv;
const each = Number(process.env.EACH ?? 2), at = Number(process.env.AT ?? 8);
const ctx = { port: Number(port), token: { authorization: `Bearer ${token}` }, writer: { authorization: `Bearer ${token}` }, page: { cookie: readFileSync(cookieFile, 'utf8').split('\n').map(l => l.replace(/^cookie: /, '')).filter(Boolean).join('; ') } };
const about = await prepare(ctx);
for (const { name, make } of [...READS, ...WRITES]) {
  if (!want.some(w => name.includes(w)) || !make || name.includes('share')) continue;
  const go = () => make(ctx, about);
  await measure(Number(pid), go, 4, each / 2);
  const r = await measure(Number(pid), go, at, each);
  console.log(`${name}: ${r.cpu.toFixed(2)} (app ${r.app.toFixed(2)}, db ${r.db.toFixed(2)}) p50 ${r.p50.toFixed(1)} p99 ${r.p99.toFixed(1)} ${r.rate.toFixed(0)}/s`);
}
process.exit(0);
