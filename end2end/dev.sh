#!/usr/bin/env bash
# `make dev`: build, serve, and do both again when a source changed. Ctrl-C ends it.
cd "$(dirname "$0")/.." || exit 1
tool=$1 target=$2
seen=""
trap '[ -n "${server:-}" ] && kill $server 2>/dev/null; exit 0' INT TERM
while true; do
  now=$(find app server frontend style public migrations -type f \( -name '*.rs' -o -name '*.css' -o -name '*.sql' -o -name '*.svg' -o -name '*.js' -o -name '*.json' -o -name '*.html' \) -printf '%T@ %p\n' | sort | sha1sum)
  if [ "$now" != "$seen" ]; then
    seen=$now
    if "$tool" build && cargo build -p server; then
      [ -n "${server:-}" ] && { kill -TERM $server; wait $server 2>/dev/null; }
      "$target/debug/rapport" serve & server=$!
    fi
  fi
  sleep 1
done
