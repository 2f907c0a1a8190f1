// The browser tests that failed, with the first lines of why, and those that passed only at their second try.
import { readFileSync } from 'node:fs';

const [, , file, suite] = process.argv;
const walk = (node, path) => [...(node.suites ?? []).flatMap(s => walk(s, s.file ?? path)), ...(node.specs ?? []).map(spec => ({ spec, path }))];
const plain = text => text.replace(/\u001b\[[0-9;]*m/g, '').split('\n').filter(l => l.trim()).slice(0, 4).join('\n    ');
try {
  for (const { spec, path } of walk(JSON.parse(readFileSync(file)), '')) {
    for (const test of spec.tests) {
      if (test.status !== 'unexpected' && test.status !== 'flaky') continue;
      const first = test.results.find(r => r.status !== 'passed');
      const where = `${suite}, ${path}:${spec.line} \u203a ${spec.title}`;
      console.log(test.status === 'flaky' ? `SECOND TRY: ${where}` : `FAILED: ${where}`);
      if (first?.error?.message) console.log(`    ${plain(first.error.message)}`);
    }
  }
} catch (e) { console.log(`FAILED: ${suite} left no report (${e.message})`); }
