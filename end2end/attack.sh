#!/usr/bin/env bash
# `make attack`: the tests that kill, cut, fill and break in, with many more rounds than in `make test`. All of it on this
# machine alone. Takes a while; ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.."
export ATTACK=long
log=$(mktemp)
passed=0 failed=0 skipped=0
attack() {
  local name=$1; shift
  printf '\n== %s\n' "$name"
  "$@" >"$log" 2>&1
  local code=$?
  local p f s
  p=$(grep -o '[0-9]* passed' "$log" | awk '{n+=$1} END {print n+0}')
  f=$(grep -o '[0-9]* failed' "$log" | awk '{n+=$1} END {print n+0}')
  s=$(grep -c '^SKIPPED: ' "$log")
  grep '^SKIPPED: ' "$log"
  p=$((p - s))
  if [ $code -ne 0 ]; then tail -n 80 "$log"; [ "$f" -gt 0 ] || f=1; fi
  if [ $code -eq 0 ] && [ "$p" -le 0 ] && [ "$s" -eq 0 ]; then echo "FAILED: $name ran no test"; f=1; fi
  echo "$p passed, $f failed, $s skipped"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}
# The feature set of `make test`: every other one would compile the dependencies again.
native=(--workspace --exclude frontend --features app/ssr,ui/ssr --no-fail-fast)
attack "Postgres and its supervisor" cargo test "${native[@]}" --test supervisor
attack "isolation of workspaces" cargo test "${native[@]}" --test suite isolation::
attack "hostile input" cargo test "${native[@]}" --test suite hostile::
attack "the program killed" cargo test "${native[@]}" --test suite killed::
attack "the database away" cargo test "${native[@]}" --test suite away::
attack "Postgres dies, the disk is full" cargo test "${native[@]}" --test suite postgres_dies::
rm -f "$log"
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
