# The shim: runs one command so that it outlives its supervisor, and leaves its exit status behind.
#
#   sh -c "$(cat shim.sh)" towpath-shim LOG NICE FOLDER COMMAND [ARGUMENT...]
#
# It is started as the leader of a new session, in the folder of its incarnation, with the log as standard output.
#   LOG     file: the command prints straight to the log. pipe: through a pipe, whose reader appends to the log
#   taken   created by exactly one shim, whoever else tries: boot id and pid, then the start time; complete with its second newline
#   exit    the command's exit status; complete with its newline
# It leaves when the exit is written and, with a pipe, nobody can print any more: with 0; with 75 when another shim has taken the
# folder, with 74 when it could not write. Then nothing was run.
# Every variable is prefixed: the environment belongs to the command. Builtins only, except `nice` and the reader: forks are what a start costs.
umask 077
set -C
# A group gets its signals whole, the shim and the reader among it; they have to stay.
trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2

command exec 3>taken || exit 75
_towpath_start_time() { set -- ${1##*) }; _towpath_start=${20}; }
if read -r _towpath_boot </proc/sys/kernel/random/boot_id && read -r _towpath_stat </proc/$$/stat; then
  _towpath_start_time "$_towpath_stat"
else
  _towpath_boot=-
  _towpath_start=$(LC_ALL=C ps -o lstart= -p $$)
fi
printf '%s %s\n%s\n' "$_towpath_boot" "$$" "$_towpath_start" >&3 || exit 74
exec 3>&-

_towpath_run() {
  # What is ignored, the command would inherit; what is trapped, it does not.
  trap : HUP INT QUIT PIPE ALRM TERM USR1 USR2
  # In the foreground: a signal to the group then waits in the trap until the command has ended, and no wait is cut short.
  (
    umask 022
    _towpath_nice=$1 _towpath_folder=$2
    shift 2
    cd "$_towpath_folder" 2>/dev/null || { echo "towpath: cannot enter the folder $_towpath_folder"; exit 126; }
    command -v "$1" >/dev/null || { echo "towpath: $1: command not found"; exit 127; }
    [ "$_towpath_nice" -eq 0 ] || { _towpath_find nice && exec "$_towpath_found" -n "$_towpath_nice" "$@"; }
    exec "$@"
  ) 2>&1
  _towpath_status=$?
  until echo "$_towpath_status" >|exit; do sleep 1 || exit 74; done
}

# Not by the command's PATH: that is the command's own, and may name no folder that exists.
_towpath_find() {
  for _towpath_found in "/bin/$1" "/usr/bin/$1" "$1"; do
    command -v "$_towpath_found" >/dev/null && return
  done
  return 1
}

_towpath_log=$1
shift
if [ "$_towpath_log" = pipe ] && _towpath_find cat; then
  # A file could be emptied by its name: `> /dev/stderr` in a script does so.
  _towpath_run "$@" | exec "$_towpath_found"
  [ $? -ne 1 ] || echo 'towpath: the rest of the output could not be written (is the disk full?)'
else
  _towpath_run "$@"
fi
exit 0
