# shellcheck shell=bash
# Sourced by every script: where the checkout is and where compiled things go.
#
# Compiled dependencies live in a cache folder outside the checkout when one is there, so that a
# fresh clone need not compile the world again. Without the folder everything works the same.

zt_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ZT_ROOT=$zt_root

if [ -z "${CARGO_TARGET_DIR:-}" ]; then
  zt_cache=${ZHENGTONG_CACHE:-/var/cache/zhengtong}
  # When target/ already leads into the cache, keep the one name: two names for a folder make
  # cargo run build scripts again.
  if [ -d "$zt_cache" ] && [ -w "$zt_cache" ] && [ ! "$zt_root/target" -ef "$zt_cache/target" ]; then
    CARGO_TARGET_DIR=$zt_cache/target
  else
    CARGO_TARGET_DIR=$zt_root/target
  fi
  export CARGO_TARGET_DIR
fi

export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

# Programs that only tests need, each in a folder of its own and version: zt_tool NAME VERSION → its folder.
zt_tool() {
  local cache=${ZHENGTONG_CACHE:-/var/cache/zhengtong}
  if [ -d "$cache" ] && [ -w "$cache" ]; then printf '%s/tools/%s-%s\n' "$cache" "$1" "$2"
  else printf '%s/.data/tools/%s-%s\n' "$zt_root" "$1" "$2"; fi
}
zt_schemathesis=$(zt_tool schemathesis 4.32.5)
zt_sqlmap=$(zt_tool sqlmap 1.10.10)
zt_spiff=$(zt_tool spiffworkflow 3.2.0)
zt_splink=$(zt_tool splink 5.0.0)
zt_pyshacl=$(zt_tool pyshacl 0.40.1)
zt_portal=$(zt_tool portal-clients ckanapi-4.11-frictionless-5.21.0-ckan)
export zt_schemathesis zt_sqlmap zt_spiff zt_splink zt_pyshacl zt_portal

# Results for machines always go below target/ of the checkout, wherever cargo puts its own.
zt_out() {
  mkdir -p "$zt_root/target/$1"
  printf '%s\n' "$zt_root/target/$1"
}

zt_now() { printf '%s' "${EPOCHREALTIME/./}"; }

# zt_since START → seconds with one decimal
zt_since() {
  local tenths=$((($(zt_now) - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

zt_free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return 0
    fi
  done
  return 1
}
