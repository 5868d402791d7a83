# shellcheck shell=bash
# Steps with a name, a time and an end: sourced by scripts/test and scripts/lint.
#
# Every step runs even when an earlier one failed (FAIL_FAST=1 stops at the first), except a step
# that needs a broken one, which counts as failed. `finish` prints the table and the verdict.

steps=()
failed_steps=()

step() { # step NAME COMMAND...
  local name=$1 started status=0 log running teller
  shift
  if [ "${FAIL_FAST:-0}" = 1 ] && [ "${#failed_steps[@]}" -gt 0 ]; then
    steps+=("$(printf '%-12s %8s   not run' "$name" -)")
    return 0
  fi
  printf '\n── %s\n' "$name"
  # Into a file that is read along, never into a pipe: a server that outlives its step (the database
  # that all tests share) would hold the pipe open, and its reader would wait for ever.
  log=$(zt_out steps)/$name.log
  : >"$log"
  sleep 4h &
  running=$!
  tail -n +1 -s 0.2 -f --pid="$running" "$log" &
  teller=$!
  started=$(zt_now)
  "$@" >>"$log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    steps+=("$(printf '%-12s %7ss   passed' "$name" "$(zt_since "$started")")")
  else
    steps+=("$(printf '%-12s %7ss   FAILED (%s)' "$name" "$(zt_since "$started")" "$status")")
    failed_steps+=("$name")
  fi
  kill "$running"
  wait "$running" "$teller" 2>/dev/null || true
}

broken() { # broken NAME: has this step failed?
  local name
  for name in "${failed_steps[@]}"; do [ "$name" = "$1" ] && return 0; done
  return 1
}

after() { # after STEP COMMAND...: fails at once when STEP has failed
  local needed=$1
  shift
  if broken "$needed"; then
    echo "cannot run: $needed has failed"
    return 1
  fi
  "$@"
}

complaints() { # complaints LOG: what a runner complained of, in the words of all runners used here
  [ -e "$1" ] || return 0
  grep -E 'BROKEN|^  [A-Z][0-9]+ |^ +FAIL|panicked|^error|[Aa]ssert|Error:|✖|failed:|cannot run|FAILED' "$1" | awk '!seen[$0]++' | tail -n 12
}

finish() {
  local name
  printf '\n── summary\n'
  printf '%s\n' "${steps[@]}"
  if [ "${#failed_steps[@]}" -gt 0 ]; then
    # Said once more at the end: who reads only the last lines still reads why.
    for name in "${failed_steps[@]}"; do
      printf '\n── %s failed\n' "$name"
      complaints "$(zt_out steps)/$name.log"
    done
    printf '%d steps, %d failed: %s\n' "${#steps[@]}" "${#failed_steps[@]}" "${failed_steps[*]}"
    exit 1
  fi
  printf '%d steps, all passed\n' "${#steps[@]}"
}
