// HTTP requests, single and concurrent, with their CPU time and latency.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { cpu, memory } from './machine.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** One request; `body` is sent as JSON, bytes and forms as they are. Compressed as browsers ask for it. */
export function send(port, method, path, { body, headers = {}, fresh = false } = {}) {
  const raw = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const typed = raw && !headers['content-type'] && !Buffer.isBuffer(body) ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const request = http.request({
      port, method, path, agent: fresh ? new http.Agent() : agent,
      headers: { 'accept-encoding': 'br, gzip', ...typed, ...(raw ? { 'content-length': raw.length } : {}), ...headers },
    }, answer => {
      const parts = [];
      answer.on('data', d => parts.push(d));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end(raw);
  });
}

export async function json(port, method, path, options = {}) {
  const answer = await send(port, method, path, { ...options, headers: { 'accept-encoding': 'identity', ...options.headers } });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body);
}

/** `make` again and again, `at` at once, for so many seconds: rate, latencies, processor milliseconds per request. */
export async function measure(server, make, at, seconds) {
  const times = [];
  let failed = 0, bytes = 0;
  const before = cpu(server), end = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: at }, async () => {
    while (performance.now() < end) {
      const began = performance.now();
      const answer = await make();
      times.push(performance.now() - began);
      bytes += answer.body.length;
      if (answer.status >= 400) failed += 1;
    }
  }));
  const after = cpu(server);
  if (failed) throw new Error(`${failed} of ${times.length} requests failed`);
  times.sort((a, b) => a - b);
  const quantile = q => times[Math.min(times.length - 1, Math.floor(q * times.length))];
  const app = (after.app - before.app) / times.length, db = (after.db - before.db) / times.length;
  return { at, rate: times.length / seconds, p50: quantile(0.5), p99: quantile(0.99), app, db, cpu: app + db, bytes: bytes / times.length };
}

/** Brings a CSV file in; the memory of the server on the way, by its share of rows. */
export async function importFile(port, server, file, headers) {
  const name = file.split('/').pop();
  const draft = await json(port, 'POST', `/api/v1/imports?fileName=${name}`, { body: readFileSync(file), headers });
  const id = draft.data.id, began = performance.now();
  let peak = 0;
  await json(port, 'POST', `/api/v1/imports/${id}/start`, { body: null, headers });
  for (;;) {
    const { data } = await json(port, 'GET', `/api/v1/imports/${id}`, { headers });
    peak = Math.max(peak, memory(server).pss);
    if (data.status === 'done') return { rows: data.rowsDone, seconds: (performance.now() - began) / 1000, peak };
    if (data.status === 'failed') throw new Error(data.error);
    await new Promise(r => setTimeout(r, 50));
  }
}
