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
cargo build -q --release -p store --example bare
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
