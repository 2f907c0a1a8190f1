// CPU time and memory of the server and of the Postgres it started, from /proc.
import { readFileSync, readdirSync } from 'node:fs';

const TICKS = 100; // clock ticks per second

const stat = pid => { const s = readFileSync(`/proc/${pid}/stat`, 'utf8'); return s.slice(s.lastIndexOf(')') + 2).split(' '); };

/** A process and all its descendants. */
export function family(root) {
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter(n => /^\d+$/.test(n))) try { parents.set(pid, stat(pid)[1]); } catch { /* gone */ }
  const mine = new Set([String(root)]);
  for (let more = true; more;) {
    more = false;
    for (const [pid, parent] of parents) if (mine.has(parent) && !mine.has(pid)) { mine.add(pid); more = true; }
  }
  return [...mine];
}

/** Processor milliseconds so far: of the server itself, and of everything it started. */
export function cpu(server) {
  const of = pid => { try { const f = stat(pid); return (Number(f[11]) + Number(f[12]) + Number(f[13]) + Number(f[14])) * 1000 / TICKS; } catch { return 0; } };
  const [, ...others] = family(server).sort((a, b) => (a === String(server) ? -1 : b === String(server) ? 1 : 0));
  // The server's own counters of terminated children are left out: they would count Postgres twice.
  const own = (() => { const f = stat(server); return (Number(f[11]) + Number(f[12])) * 1000 / TICKS; })();
  return { app: own, db: others.reduce((sum, pid) => sum + of(pid), 0) };
}

/** Memory in MB, each shared page divided by the number of its users (PSS); `heap` is the part without a file behind it. */
export function memory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { pss: mb('Pss'), heap: mb('Pss_Anon') };
}

export const load = () => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
