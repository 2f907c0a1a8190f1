#!/usr/bin/env bash
# `make test`: formatting, lints, unit, store, HTTP and browser tests. Ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
# All native code has one profile. A debug front end requires a server with debug assertions: the markup differs.
if [ -n "${QUICK:-}" ]; then profile=dev programs=$target/debug; else profile=release programs=$target/release; fi
tool=$programs/rapport-tools
logs=$(mktemp -d)
PATH=${RAPPORT_TOOLS:-$PWD/.tools}/bin:$PATH
passed=0 failed=0 skipped=0
# What failed, and what passed only at its second try: said once more at the end, where it is read.
: >"$logs/failed"
say() { printf '\n== %s\n' "$*"; }
# Seconds of steps and tests for the summary of the slowest; steps with their CPU seconds.
: >"$logs/seconds"
TIMEFORMAT='%0U %0S'
took() { printf '%s\t%s%s\n' "$((SECONDS - $1))" "$2" "$([ -s "${3:-}" ] && tail -n 1 "$3" | awk '{ print " (processor: " $1 + $2 " s)" }')" >>"$logs/seconds"; }
count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }

# A step is one test: it passes or fails as a whole.
step() {
  local name=$1; shift
  say "$name"
  local began=$SECONDS
  if { time "$@" >"$logs/step" 2>&1; } 2>"$logs/processor"; then count 1 0 0; else tail -n 60 "$logs/step"; echo "FAILED: $name"; echo "FAILED: $name" >>"$logs/failed"; count 0 1 0; fi
  took $began "$name" "$logs/processor"
}

# A step of a program that takes minutes to compile: run where it is installed, named where it is not.
optional() {
  local program=$1 name=$2; shift 2
  if command -v "$program" >/dev/null; then step "$name" "$@"; return; fi
  echo "No $program here, so “$name” is left out. Install it with: cargo install --root ${RAPPORT_TOOLS:-.tools} $program"
  count 0 0 1
}

# A step that runs beside the next ones, in a process group of its own, whose id is in `group`. `ended` counts it.
beside() {
  local name=$1 began=$SECONDS; shift
  set -m
  (
    { time "$@" >"$logs/beside.$name" 2>&1; } 2>"$logs/beside.$name.processor"
    code=$?
    took $began "$name" "$logs/beside.$name.processor"
    echo $code >"$logs/beside.$name.code"
  ) &
  group=$!
  set +m
  groups+=("$group")
}
groups=()
trap 'for g in "${groups[@]}"; do kill -- "-$g" 2>/dev/null; done; exit 130' INT TERM
ended() {
  local name=$1
  say "$name"
  while [ ! -s "$logs/beside.$name.code" ]; do sleep 1; done
  if [ "$(cat "$logs/beside.$name.code")" = 0 ]; then count 1 0 0; else tail -n 60 "$logs/beside.$name"; echo "FAILED: $name"; echo "FAILED: $name" >>"$logs/failed"; count 0 1 0; fi
}
front_end() { "$tool" build --release; }

# All Rust tests of the workspace, with the one feature set that is linted and built too. `rust_ended` counts them.
rust() { node end2end/cargo-tests.mjs "$logs/rust.json" -- "${native[@]}"; }
rust_ended() {
  say "Rust tests"
  while [ ! -s "$logs/beside.Rust tests.code" ]; do sleep 1; done
  cat "$logs/beside.Rust tests"
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1])), [, , logs] = process.argv, fs = require("fs");
    fs.appendFileSync(`${logs}/passed`, r.passed.map(n => `${n}\n`).join(""));
    fs.appendFileSync(`${logs}/failed`, r.failed.map(n => `FAILED: ${n}\n`).join(""));
    fs.appendFileSync(`${logs}/seconds`, r.binaries.map(([n, s]) => `${s.toFixed(0)}\tRust tests of ${n}\n`).join(""));
    fs.appendFileSync(`${logs}/tests`, r.tests.map(([n, s]) => `${s.toFixed(1)}\t${n}\n`).join(""));
    fs.writeFileSync(`${logs}/counts`, r.counts.join(" "));' "$logs/rust.json" "$logs" || echo 0 1 0 >"$logs/counts"
  local p f s
  read -r p f s <"$logs/counts"
  echo "$p passed, $f failed, $s skipped"
  count "$p" "$f" "$s"
}

need() {
  command -v cargo >/dev/null || { echo "Rust is missing. Install it with: curl https://sh.rustup.rs -sSf | sh"; exit 1; }
  command -v npm >/dev/null || { echo "npm is missing. Install Node.js 20 (Debian: apt-get install nodejs npm)"; exit 1; }
  chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  if [ -z "$chromium" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing chromium"
    { apt-get update -qq && apt-get install -y -qq chromium; } >"$logs/apt" 2>&1 || tail -n 5 "$logs/apt"
    chromium=$(command -v chromium || true)
  fi
  [ -n "$chromium" ] || { echo "Chromium is missing. Install it with: apt-get install chromium (or set CHROMIUM to its path)"; exit 1; }
  export CHROMIUM=$chromium
  # Chromium without its window takes half the time; what it lacks (installing, push, files) is tested in the whole one.
  export CHROMIUM_SHELL=${CHROMIUM_SHELL:-$(command -v chromium-headless-shell || echo "$chromium")}
  firefox=${FIREFOX:-$(command -v firefox-esr || command -v firefox || true)}
  if [ -z "$firefox" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing firefox-esr"
    apt-get install -y -qq firefox-esr >"$logs/apt" 2>&1 || tail -n 5 "$logs/apt"
    firefox=$(command -v firefox-esr || true)
  fi
  export FIREFOX=$firefox
  [ end2end/node_modules/.package-lock.json -nt end2end/package-lock.json ] || (cd end2end && npm ci --silent --no-fund --no-audit) || { echo "npm ci failed in end2end"; exit 1; }
}

# Starts a server on a fresh folder and runs the browser tests against it.
browser() {
  local name=$1 program=$2; shift 2
  say "browser tests, $name"
  local data port=3187 log="$logs/server"
  data=$(mktemp -d)
  # The push service of the tests is on this machine, and so is everybody who signs up: more of them than one address may be.
  RAPPORT_PRIVATE_TARGETS=true RAPPORT_TRUSTED_PROXY=loopback "$program" serve --data "$data" --listen 127.0.0.1:$port >"$log" 2>&1 &
  local server=$!
  for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/readyz" >/dev/null 2>&1 && break; sleep 0.2; done
  export BASE=http://127.0.0.1:$port REPORT="$logs/report.json" FIXTURES="$data/fixtures" TOOL="$PWD/$tool" RAPPORT_PROGRAM="$program" RAPPORT_DATA_DIR="$data"
  [ -x "$TOOL" ] || TOOL=$tool
  export SHOTS=${SHOTS:-$PWD/end2end/shots}
  mkdir -p "$FIXTURES"
  if [ -d ../shared/data/sales-opportunities ]; then export REAL_DATA=$PWD/../shared/data/sales-opportunities; fi
  rm -f "$REPORT"
  local began=$SECONDS
  { time (cd end2end && npx playwright test "$@") >"$logs/playwright" 2>&1; } 2>"$logs/processor"
  tail -n 200 "$logs/playwright"
  took $began "browser tests, $name" "$logs/processor"
  kill -TERM $server 2>/dev/null; wait $server 2>/dev/null
  local line
  line=$(node -e '
    try { const s = JSON.parse(require("fs").readFileSync(process.argv[1])).stats; console.log(s.expected + s.flaky, s.unexpected, s.skipped); }
    catch { console.log(0, 1, 0); }' "$REPORT")
  node -e '
    const walk = suite => [...(suite.suites ?? []).flatMap(walk), ...(suite.specs ?? []).filter(s => s.ok).map(s => s.title)];
    try { console.log(walk(JSON.parse(require("fs").readFileSync(process.argv[1]))).join("\n")); } catch { /* counted below */ }' "$REPORT" >>"$logs/passed"
  node -e '
    const walk = suite => [...(suite.suites ?? []).flatMap(walk), ...(suite.specs ?? [])];
    const seconds = spec => spec.tests.flatMap(t => t.results).reduce((sum, r) => sum + r.duration, 0) / 1000;
    try { for (const spec of walk(JSON.parse(require("fs").readFileSync(process.argv[1])))) console.log(`${seconds(spec).toFixed(1)}\t${spec.file}: ${spec.title}`); } catch { /* counted below */ }' "$REPORT" >>"$logs/tests"
  read -r p f s <<<"$line"
  node end2end/verdicts.mjs "$REPORT" "$name" >>"$logs/failed"
  [ "$p" -gt 0 ] || { echo "FAILED: $name ran no test" | tee -a "$logs/failed"; f=$((f > 0 ? f : 1)); }
  if grep -q panicked "$log"; then echo "FAILED: the server panicked ($name)" | tee -a "$logs/failed"; grep -A3 panicked "$log" | head -20; f=$((f + 1)); fi
  echo "$p passed, $f failed, $s skipped"
  count "$p" "$f" "$s"
  rm -rf "$data"
}

need
# One feature set for lints, tests and tools: every other one would compile the dependencies again.
own=(--profile "$profile" --workspace --exclude frontend --features app/ssr,ui/ssr)
native=("${own[@]}" --all-targets)
step "formatting" cargo fmt --all --check
step "house rules" ./end2end/rules.sh
step "types of the browser tests" end2end/node_modules/.bin/tsc -p end2end
# clippy-driver compiles and lints in one pass; a separate cargo clippy would check all dependencies again.
export CLIPPY_ARGS="-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"
linted=(env RUSTC_WORKSPACE_WRAPPER=clippy-driver cargo)
step "build tools" "${linted[@]}" build -q "${own[@]}" --bin rapport-tools
# The critical path starts first: it ends with the linker, minutes on a single core.
[ -n "${QUICK:-}" ] || beside "front end, release" front_end
front=${group:-}
step "build and lints" "${linted[@]}" build -q "${native[@]}"
step "lints, browser" cargo clippy -q -p frontend -p app -p ui --features app/hydrate,ui/hydrate --target wasm32-unknown-unknown -- -D warnings
step "fences" "$tool" fences
optional cargo-deny "licences, bans, sources" cargo deny --offline check licenses bans sources
optional cargo-machete "unused dependencies" cargo machete
# Tests have timeouts, so the front end's build gets the lowest priority from here on.
[ -z "$front" ] || renice -n 19 -g "$front" >/dev/null 2>&1
beside "Rust tests" rust
if [ -n "${QUICK:-}" ]; then
  rust_ended
  step "front end, debug" "$tool" build
  browser "debug, two at once" "$target/debug/rapport"
  ALONE=1 browser "debug, alone" "$target/debug/rapport"
else
  ended "front end, release"
  step "program, files inside" "${linted[@]:0:2}" "$tool" build --release --server release
  step "bytes" node end2end/bytes.mjs
  # Firefox runs with one worker, in parallel with the Rust tests if they are still running.
  if [ -n "$FIREFOX" ]; then
    browser "release, Firefox" "$target/release/rapport" --config firefox.config.ts
  else
    echo "No Firefox here, so its tests are left out. Install it with: apt-get install firefox-esr (or set FIREFOX to its path)"
    count 0 0 1
  fi
  rust_ended
  step "memory" node end2end/memory.mjs "$target/release/rapport"
  browser "release, two at once" "$target/release/rapport"
  ALONE=1 browser "release, alone" "$target/release/rapport"
fi
say "the slowest steps, in seconds"
sort -rn "$logs/seconds" | head -n 10
say "the slowest tests, in seconds"
sort -rn "$logs/tests" | head -n 10
[ "$failed" -ne 0 ] || node end2end/coverage.mjs "$logs/passed" >docs/coverage.md
echo
cat "$logs/failed"
rm -rf "$logs"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
