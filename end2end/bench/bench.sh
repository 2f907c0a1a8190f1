#!/usr/bin/env bash
# `make bench`: measures the program that ships on seeded folders, RUNS times (3), and writes docs/bench.md. Fails when a row
# exceeds its budget. SIZES="10k" skips the large workspace, EACH is the seconds per measurement (2), BROWSER=no skips the browser.
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
export PROGRAM=$target/dist/rapport BARE=$target/dist/examples/bare EACH=${EACH:-2} PORT=3199
runs=${RUNS:-3} sizes=${SIZES:-10k 300k}
case $target in /*) ;; *) PROGRAM=$PWD/$PROGRAM BARE=$PWD/$BARE target=$PWD/$target ;; esac
base=http://127.0.0.1:$PORT work=$(mktemp -d)
server=
stop() { if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi; }
trap 'stop; rm -rf "$work"' EXIT
command -v psql >/dev/null || { echo "psql is missing. Install it with: apt-get install postgresql-client"; exit 1; }
now() { date +%s%N; }
cargo build -q --profile dist -p store --example bare --example seed
"$target/debug/rapport-tools" fixtures contacts "$work/people.csv" --rows 100000

# Starts the server; `took` is the time to its first successful response in milliseconds.
start() {
  local began; began=$(now)
  RAPPORT_TRUSTED_PROXY=loopback "$PROGRAM" serve --data "$1" --listen 127.0.0.1:$PORT >>"$work/log" 2>&1 & server=$!
  until curl -fs "$base/readyz" >/dev/null 2>&1; do sleep 0.005; kill -0 "$server" || { tail -n 20 "$work/log"; exit 1; }; done
  took=$((($(now) - began) / 1000000))
}
user() { echo "correct horse battery" | "$PROGRAM" user add "$1@rapport.test" --workspace "$2" --data "$data" >/dev/null; }
token() { "$PROGRAM" token create "$1@rapport.test" --workspace "$2" --data "$data"; }
# Runs SQL in the private Postgres of the data folder.
database() { PGPASSWORD=$(cat "$data/password") psql "host=$(cat "$data/socket") user=rapport dbname=$1" -XAtqc "$2"; }
counters=$(find /usr/lib/postgresql -name pg_stat_statements.so 2>/dev/null | head -n 1)
pgbench=$(command -v pgbench || find /usr/lib/postgresql -name pgbench -type f 2>/dev/null | head -n 1)

for size in $sizes; do
  data=$work/$size
  start "$data"; cold=$took
  user bench Bench; user writer Writes
  "$target/dist/examples/seed" --data "$data" --workspace Bench --size "$size" >&2
  "$target/dist/examples/seed" --data "$data" --workspace Writes --size 10k --seed 2 >&2
  TOKEN=$(token bench Bench) WRITER=$(token writer Writes)
  export TOKEN WRITER
  database rapport 'vacuum analyze'
  export PGPASSWORD; PGPASSWORD=$(cat "$data/password")
  # A database of its own: `pgbench` fills it with 2,000,000 rows, the scale of 20 of craft/PERFORMANCE.
  if [ -n "$pgbench" ]; then
    database postgres 'create database bench' >&2
    "$pgbench" -iqs 20 "host=$(cat "$data/socket") user=rapport dbname=bench" >/dev/null 2>&1
    export PGBENCH="host=$(cat "$data/socket") user=rapport dbname=bench"
  fi
  database rapport checkpoint
  stop
  for run in $(seq "$runs"); do
    start "$data"
    # A workspace per import: a file imported again updates rows and inserts none.
    user "importer$run" "Imports $run"; user "second$run" "Second imports $run"
    IMPORTER=$(token "importer$run" "Imports $run"); second=$(token "second$run" "Second imports $run"); export IMPORTER
    SERVER=$server DATA=$data SIZE=$size FILE=$work/people.csv COLD=$cold WARM=$took PGBENCH_PROGRAM=$pgbench node end2end/bench/run.mjs "$work/$size-$run.json"
    stop
    start "$data"
    IMPORT=yes IMPORTER=$second SERVER=$server SIZE=$size FILE=$work/people.csv node end2end/bench/run.mjs "$work/$size-$run-import.json"
    stop
  done
  # Statements are counted after the timed runs, because pg_stat_statements adds CPU time. Its settings need the loaded library.
  if [ -n "$counters" ]; then
    start "$data"; database rapport "alter system set shared_preload_libraries = 'pg_stat_statements'"; stop
    start "$data"
    database rapport 'create extension if not exists pg_stat_statements'
    database rapport 'alter system set pg_stat_statements.track_utility = off'
    database rapport 'select pg_reload_conf()' >&2
    COUNT="host=$(cat "$data/socket") user=rapport dbname=rapport" SERVER=$server DATA=$data SIZE=$size node end2end/bench/run.mjs "$work/$size-count.json"
    stop
  fi
done
code=0
node end2end/bench/report.mjs "$work"/*.json >docs/bench.md || code=$?
if [ "${BROWSER:-}" != no ]; then
  data=$work/${sizes%% *}
  start "$data"
  ./end2end/bench/browser.sh "$base" | tee -a docs/bench.md
fi
exit $code
