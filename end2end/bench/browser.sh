#!/usr/bin/env bash
# Measures the interface in a browser on the seeded workspace: browser.sh BASE → two tables.
set -eu
cd "$(dirname "$0")/.."
base=$1 runs=${RUNS:-3}
[ -d node_modules ] || npm ci --silent --no-fund --no-audit
[ -d measure/node_modules ] || (cd measure && npm ci --silent --no-fund --no-audit --ignore-scripts)
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v google-chrome)}
jar=$(mktemp)
curl -s -o /dev/null -c "$jar" -H "origin: $base" -H 'sec-fetch-site: same-origin' --data-urlencode email=bench@rapport.test --data-urlencode 'password=correct horse battery' "$base/sign-in"
cookie=$(awk '$6 == "rapport" {print $6 "=" $7}' "$jar" | tail -n 1)
rm -f "$jar"
contact=$(curl -s -b "$cookie" "$base/api/v1/contacts?limit=1" | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' | head -n 1)
deal=$(curl -s -b "$cookie" "$base/api/v1/deals?limit=1" | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' | head -n 1)
printf '\n## In the browser\n\nChromium on the same machine; medians of %s. Where it says 4×, the processor is slowed four times.\n\n| what | figure | budget |\n| --- | --- | --- |\n' "$runs"
node measure/interface.mjs "$base" "$cookie" "$runs"
printf '\nLighthouse 12, mobile, every page cold, median of %s:\n\n| page | performance ≥ 95 | accessibility 100 | best practices 100 | largest paint s | blocked ms ≤ 150 | shift |\n| --- | --- | --- | --- | --- | --- | --- |\n' "$runs"
(cd measure && node lighthouse.mjs "$base" "$cookie" "$runs" / /people /deals "/people/$contact" "/deals/$deal" /tasks /feed /dashboard /settings /new/contact) |
  node -e 'for (const l of require("fs").readFileSync(0, "utf8").trim().split("\n")) { const r = JSON.parse(l); console.log(`| ${r.path.replace(/[0-9a-f-]{36}/, "…")} | ${r.performance} | ${r.accessibility} | ${r["best-practices"]} | ${(r.lcp / 1000).toFixed(2)} | ${Math.round(r.tbt)} | ${r.cls.toFixed(3)} |`); }'
