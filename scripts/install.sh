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
  towpath_installed "$1" || . "$towpath_root/scripts/reinstall.sh"
}

# True when the stamp carries the lockfile's checksum and what is asked for. Reads one line; starts no process.
towpath_installed() {
  [ -r "$towpath_stamp" ] || return 1
  read -r towpath_stamped <"$towpath_stamp" || return 1
  case $towpath_stamped in
    "$towpath_lockfile all") return 0 ;;
    "$towpath_lockfile runtime") [ "$1" = runtime ] ;;
    *) return 1 ;;
  esac
}

# Sets $towpath_node: the pinned Node on Linux, an installed Node 24 or later elsewhere.
towpath_find_node() {
  for towpath_node in "$towpath_modules"/node-linux-*/bin/node; do
    [ -x "$towpath_node" ] && return 0
  done
  towpath_node=$(command -v node) || towpath_fail \
    'this needs Node 24 or later, and there is no node on the PATH.' 'Install it from https://nodejs.org/en/download'
  towpath_version=$("$towpath_node" --version)
  towpath_major=${towpath_version#v}
  [ "${towpath_major%%.*}" -ge 24 ] || towpath_fail \
    "this needs Node 24 or later; $towpath_node is $towpath_version." 'Install it from https://nodejs.org/en/download'
}
