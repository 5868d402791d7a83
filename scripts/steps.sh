# shellcheck shell=bash
# Steps with a name, a time and an end: sourced by scripts/test and scripts/lint.
#
# Every step runs even when an earlier one failed (FAIL_FAST=1 stops at the first), except a step
# that needs a broken one, which counts as failed. `finish` prints the table and the verdict.

steps=()
failed_steps=()

step() { # step NAME COMMAND...
  local name=$1 started status=0
  shift
  if [ "${FAIL_FAST:-0}" = 1 ] && [ "${#failed_steps[@]}" -gt 0 ]; then
    steps+=("$(printf '%-12s %8s   not run' "$name" -)")
    return 0
  fi
  printf '\n── %s\n' "$name"
  started=$(zt_now)
  "$@" || status=$?
  if [ "$status" = 0 ]; then
    steps+=("$(printf '%-12s %7ss   passed' "$name" "$(zt_since "$started")")")
  else
    steps+=("$(printf '%-12s %7ss   FAILED (%s)' "$name" "$(zt_since "$started")" "$status")")
    failed_steps+=("$name")
  fi
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

finish() {
  printf '\n── summary\n'
  printf '%s\n' "${steps[@]}"
  if [ "${#failed_steps[@]}" -gt 0 ]; then
    printf '%d steps, %d failed: %s\n' "${#steps[@]}" "${#failed_steps[@]}" "${failed_steps[*]}"
    exit 1
  fi
  printf '%d steps, all passed\n' "${#steps[@]}"
}
