#!/usr/bin/env bash
# `make bench`: starts a release server on a fresh folder, loads it, measures, and writes docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
program=${CARGO_TARGET_DIR:-target}/release/rapport
tool=${CARGO_TARGET_DIR:-target}/debug/rapport-tools
data=$(mktemp -d)
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$data"' EXIT
now() { date +%s%N; }
until_ready() { until curl -fs http://127.0.0.1:3199/readyz >/dev/null 2>&1; do sleep 0.005; done; }
started=$(now); "$program" serve --data "$data/d" --listen 127.0.0.1:3199 >"$data/log" 2>&1 & server=$!
until_ready; cold=$((($(now) - started) / 1000000))
kill -TERM $server; wait $server 2>/dev/null || true
started=$(now); "$program" serve --data "$data/d" --listen 127.0.0.1:3199 >"$data/log" 2>&1 & server=$!
until_ready; warm=$((($(now) - started) / 1000000))
cargo build -q --profile dist -p store --example bare
bare=${CARGO_TARGET_DIR:-target}/release/examples/bare
echo "correct horse battery" | "$program" user add bench@rapport.test --workspace Bench --data "$data/d" >/dev/null
echo "correct horse battery" | "$program" user add big@rapport.test --workspace Big --data "$data/d" >/dev/null
big=$("$program" token create big@rapport.test --workspace Big --data "$data/d")
token=$("$program" token create bench@rapport.test --workspace Bench --data "$data/d")
"$tool" fixtures contacts "$data/people.csv" --rows "${CONTACTS:-10000}"
"$tool" fixtures contacts "$data/more.csv" --rows 100000
"$tool" fixtures contacts "$data/million.csv" --rows "${MILLION:-1000000}"
"$tool" fixtures sales "$data/sales" --deals "${DEALS:-10000}"
SERVER=$server BARE=$bare BIG=$big TOKEN=$token PROGRAM=$program DATA="$data/d" FILES="$data" COLD=$cold WARM=$warm node end2end/bench.mjs
# What is felt: in a browser, on the workspace with 10,000 deals.
[ -d end2end/node_modules ] || (cd end2end && npm ci --silent --no-fund --no-audit)
[ -d end2end/measure/node_modules ] || (cd end2end/measure && npm ci --silent --no-fund --no-audit --ignore-scripts)
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v google-chrome)}
base=http://127.0.0.1:3199
curl -s -o /dev/null -c "$data/jar" -H "origin: $base" -H 'sec-fetch-site: same-origin' --data-urlencode email=bench@rapport.test --data-urlencode 'password=correct horse battery' "$base/sign-in"
cookie=$(awk '/rapport/ {print $6 "=" $7}' "$data/jar" | tail -n 1)
index=$(sed -n 's/.*÷ \([0-9.]*\) (machine index).*/\1/p' docs/bench.md | head -n 1)
{
  printf '\n## In the browser\n\nChromium on the same machine (index %s: so many times as long as where DESIGN §12 was measured); medians of %s. Where it says 4×, the processor is slowed four times.\n\n| what | figure | budget |\n| --- | --- | --- |\n' "$index" "${RUNS:-5}"
  (cd end2end && node measure/interface.mjs "$base" "$cookie" "${RUNS:-5}")
  printf '\nLighthouse 12, mobile, every page cold, median of %s:\n\n| page | performance ≥ 95 | accessibility 100 | best practices 100 | largest paint s | blocked ms | shift |\n| --- | --- | --- | --- | --- | --- | --- |\n' "${RUNS:-5}"
  (cd end2end/measure && node lighthouse.mjs "$base" "$cookie" "${RUNS:-5}" / /people /deals /tasks /feed /dashboard /settings /new/contact) |
    node -e 'for (const l of require("fs").readFileSync(0, "utf8").trim().split("\n")) { const r = JSON.parse(l); console.log(`| ${r.path} | ${r.performance} | ${r.accessibility} | ${r["best-practices"]} | ${(r.lcp / 1000).toFixed(2)} | ${Math.round(r.tbt)} | ${r.cls.toFixed(3)} |`); }'
} | tee -a docs/bench.md
