# shellcheck shell=sh
# Sourced by ./towpath and the scripts: installs what the lockfile pins, finds Node 24. Expects $towpath_root.
# Nothing is exported: what Towpath starts inherits the caller's environment, and with it the caller's PATH.

towpath_modules=$towpath_root/node_modules
towpath_stamp=$towpath_modules/.towpath-installed

towpath_fail() {
  printf 'towpath: %s\n' "$@" >&2
  exit 1
}

# Installs unless node_modules fits the lockfile. $1: `runtime` is content with either, `all` asks for the dev tools too.
towpath_install() {
  towpath_lockfile=$(cksum <"$towpath_root/package-lock.json")
  towpath_installed "$1" && return
  # The lock is the kernel's, on the checkout's folder: it is gone with the last process of an install that was killed.
  exec 9<"$towpath_root/."
  towpath_lock
  towpath_lockfile=$(cksum <"$towpath_root/package-lock.json")
  towpath_installed "$1" || towpath_reinstall "$1"
  exec 9<&-
}

# True when the stamp carries the lockfile's checksum and what is asked for. Starts no process.
towpath_installed() {
  [ -r "$towpath_stamp" ] && read -r towpath_stamped <"$towpath_stamp" || return 1
  case $towpath_stamped in
    "$towpath_lockfile all") return 0 ;;
    "$towpath_lockfile runtime") [ "$1" = runtime ] ;;
    *) return 1 ;;
  esac
}

towpath_lock() {
  if command -v flock >/dev/null; then
    flock -n 9 || { echo 'towpath: waiting for another install of this checkout' >&2 && flock 9; }
  else # macOS has no flock, but perl
    perl -e 'use Fcntl ":flock"; open(my $f, "<&=", 9) && flock($f, LOCK_EX) or exit 1'
  fi || towpath_fail "cannot lock $towpath_root for installing"
}

# Installs aside and swaps by renaming: what runs from this checkout keeps its modules until the new ones are whole.
towpath_reinstall() {
  towpath_what=$1
  [ -e "$towpath_modules/typescript" ] && towpath_what=all # dev tools that are there already stay
  command -v npm >/dev/null || towpath_fail 'npm is needed to install the dependencies, and it is not on the PATH.' \
    'It comes with Node: https://nodejs.org/en/download, or `apt-get install npm`.'
  towpath_aside=$towpath_root/.install
  rm -rf "$towpath_aside" && mkdir -p "$towpath_aside/replaced" || towpath_fail \
    "cannot write to $towpath_root: run this once as the user who owns it."
  echo "towpath: installing dependencies ($towpath_what); this happens once per version" >&2
  towpath_copy_manifests
  case $towpath_what in all) towpath_dev=--include=dev ;; *) towpath_dev=--omit=dev ;; esac
  # No dependency needs its install script, so none is run.
  (cd "$towpath_aside" &&
    npm ci --no-audit --no-fund --ignore-scripts --include=optional "$towpath_dev" </dev/null >npm.log 2>&1) || {
    grep -m 12 '^npm err' "$towpath_aside/npm.log" >&2 || tail -n 12 "$towpath_aside/npm.log" >&2
    towpath_fail "npm ci failed, as told above; its whole output is in $towpath_aside/npm.log." \
      'It needs the npm registry (or a mirror: `npm config get registry`). Then run the same command again.'
  }
  towpath_drop_foreign_node
  echo "$towpath_lockfile $towpath_what" >"$towpath_aside/node_modules/.towpath-installed"
  towpath_swap_modules
  rm -rf "$towpath_aside"
}

towpath_copy_manifests() {
  cp "$towpath_root/package.json" "$towpath_root/package-lock.json" "$towpath_aside"
  [ ! -e "$towpath_root/.npmrc" ] || cp "$towpath_root/.npmrc" "$towpath_aside"
  for towpath_manifest in "$towpath_root"/packages/*/package.json; do
    towpath_package=${towpath_manifest%/package.json}
    mkdir -p "$towpath_aside/packages/${towpath_package##*/}"
    cp "$towpath_manifest" "$towpath_aside/packages/${towpath_package##*/}"
  done
}

# The pinned Node is built for glibc: where it cannot start (Alpine), an installed Node is used instead.
towpath_drop_foreign_node() {
  for towpath_pinned in "$towpath_aside"/node_modules/node-linux-*; do
    [ ! -d "$towpath_pinned" ] || "$towpath_pinned/bin/node" --version >/dev/null 2>&1 || rm -rf "$towpath_pinned"
  done
}

# The stamp goes in last, with the root's node_modules: a swap cut short leaves no stamp that fits.
towpath_swap_modules() {
  for towpath_package in "$towpath_root"/packages/*/ "$towpath_root/"; do
    towpath_place=${towpath_package#"$towpath_root/"}
    mkdir -p "$towpath_aside/replaced/$towpath_place"
    if [ -e "$towpath_package/node_modules" ]; then
      mv "$towpath_package/node_modules" "$towpath_aside/replaced/$towpath_place"
    fi
    if [ -e "$towpath_aside/$towpath_place/node_modules" ]; then
      mv "$towpath_aside/$towpath_place/node_modules" "$towpath_package"
    fi
  done
}

# Sets $towpath_node: the pinned Node on Linux, an installed Node 24 or later elsewhere.
towpath_find_node() {
  for towpath_node in "$towpath_modules"/node-linux-*/bin/node; do
    [ -x "$towpath_node" ] && return
  done
  towpath_node=$(command -v node) || towpath_fail \
    'this needs Node 24 or later, and there is no node on the PATH.' 'Install it: https://nodejs.org/en/download'
  towpath_version=$("$towpath_node" --version)
  towpath_major=${towpath_version#v}
  [ "${towpath_major%%.*}" -ge 24 ] || towpath_fail \
    "this needs Node 24 or later; $towpath_node is $towpath_version." 'Install it: https://nodejs.org/en/download'
}
