#!/usr/bin/env bash
# House rules that a search can see. Each prints what it found; any find fails.
cd "$(dirname "$0")/.." || exit 1
bad=0
rule() {
  local what=$1; shift
  local found
  found=$("$@" 2>/dev/null)
  if [ -n "$found" ]; then echo "$what:"; echo "$found" | head -n 10; bad=1; fi
}
# At most as many finds as today; fewer are the new ceiling.
ceiling() {
  local most=$1 what=$2; shift 2
  local found n
  found=$("$@" 2>/dev/null)
  n=$(printf '%s' "$found" | grep -c .)
  if [ "$n" -gt "$most" ]; then echo "$what: $n, at most $most:"; echo "$found" | head -n 30; bad=1; fi
  if [ "$n" -lt "$most" ]; then echo "$what: $n now; lower the ceiling of $most in end2end/rules.sh"; bad=1; fi
}
# Every crate of pages and parts.
pages=('app/*.rs' ':!app/domain' ':!app/store' ':!*/tests/*')
rule "SQL outside app/store" git grep -nE 'sqlx::(query|raw_sql)' -- 'app' ':!app/store' 'server/src' 'frontend'
# Outside the tenant tables nothing but the key says whose something is (decision 0016). 0023 makes the keys of `Use::Rights`.
rule "a key of a job or a lock that is made outside store::keys" git grep -nE 'pg_(try_)?advisory|hashtext|job_key|add_job' -- '*.rs' 'migrations' ':!app/store/src/keys.rs' ':!migrations/0023_rights_while_writing.sql' ':!*/tests/*'
# Names in built SQL are quoted in one place, with the quotes in them doubled.
rule "a name between quotes by hand in SQL" git grep -nE 'AssertSqlSafe\(format!\(.*\\"\{|(copy_(in|out)_raw)\(&format!\(.*\\"\{' -- '*.rs' ':!*/tests/*'
rule "a raw textarea" git grep -nF '<textarea' -- '*.rs' ':!app/ui/src/text_area'
rule "an inline style in server-rendered markup" git grep -nE '^\s+style=|[^-]style:' -- "${pages[@]}" ':!app/src/shell.rs' ':!app/src/sign_in' ':!app/figures/src/shares.rs' ':!app/src/help/mod.rs'
# Besides the kit's text area: titles, which escape their words, notes, which markdown.rs has sanitised, and the help, whose words are ours.
rule "an owner below the thread's current one, which may be another request's" git grep -nE '\bOwner::new\(\)' -- '*.rs'
rule "inner_html outside the kit's TextArea" git grep -nE 'inner_html' -- "${pages[@]}" 'server/src' ':!app/ui/src/text_area' ':!app/base/src/title.rs' ':!app/records/src/notes/note_card.rs' ':!app/src/help/mod.rs'
rule "words in the head that are not escaped" git grep -nE '<(title|Title|Meta|Link|Style|Script)\b' -- "${pages[@]}" ':!app/ui/src/charts' ':!app/base/src/title.rs' ':!app/src/routes.rs' ':!app/base/src/page.rs'
rule "floats for money" git grep -nE 'minor: f(32|64)|f64.*minor' -- 'app/domain/src/money.rs' 'app/domain/src/deals.rs'
# A written wait proves that something does not happen; anything else is asked for. Lower the number when one goes.
ceiling 19 "waitForTimeout" git grep -nF 'waitForTimeout' -- 'end2end/tests'
rule "todo or unimplemented" git grep -nE 'todo!\(|unimplemented!\(|#\[ignore' -- '*.rs'
rule "a file over 400 lines without its tests" bash -c 'git ls-files "*.rs" | grep -v /tests/ | while read -r f; do n=$(sed "/#\[cfg(test)\]/,\$d" "$f" | wc -l); [ "$n" -gt 400 ] && echo "$f: $n"; done; true'
exit $bad
