// Restores modification times: cargo detects changes by them, a fresh clone resets them, and every crate of the workspace would
// be recompiled. `node mtimes.mjs MANIFEST` sets the recorded time on every tracked file and folder whose content hash is
// unchanged, then writes the new manifest. A changed file keeps the time of the checkout, which is later than any earlier build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [, , manifest] = process.argv;
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
if (git('status', '--porcelain', '--untracked-files=no').trim()) process.exit(0);

// Absolute paths are compiled in (CARGO_MANIFEST_DIR), so the manifest is valid for one path only.
const place = process.cwd();
let known = new Map();
try {
  const old = JSON.parse(readFileSync(manifest, 'utf8'));
  if (old.place === place) known = new Map(Object.entries(old.entries));
} catch { /* the first run */ }

// Files are compared by their blob hash, folders by the hash of their entries: cargo checks the times of both.
const hashes = new Map(), folders = new Map();
for (const line of git('ls-files', '-sz').split('\0')) {
  const [, hash, path] = /^\d+ ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
  if (!path) continue;
  hashes.set(path, hash);
  for (let at = path; at !== '.'; at = dirname(at)) {
    const folder = dirname(at);
    if (!folders.has(folder)) folders.set(folder, new Set());
    folders.get(folder).add(at);
  }
}
for (const [folder, names] of folders) {
  if (folder !== '.') hashes.set(folder, createHash('sha256').update([...names].sort().join('\0')).digest('hex'));
}

const entries = {};
for (const [path, hash] of hashes) {
  const was = known.get(path);
  if (was?.hash === hash) utimesSync(path, was.time, was.time);
  entries[path] = { hash, time: Math.floor(statSync(path).mtimeMs) / 1000 };
}
writeFileSync(manifest, JSON.stringify({ place, entries }));
