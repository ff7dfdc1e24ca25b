# The supervisor's keeper: starts it again whenever it dies.
#
#   sh keep.sh NODE MAIN CONFIG LOG
#
# It ends when the supervisor leaves by itself: 0 shut down, 64 its configuration is wrong, 75 another one keeps the folder.
# The whole is one function, read before it runs: an upgrade may replace this file meanwhile.
keep() {
  umask 077
  delay=0
  while :; do
    began=$(date +%s)
    "$1" "$2" "$3" </dev/null >>"$4" 2>&1
    status=$?
    case $status in 0 | 64 | 75) exit "$status" ;; esac
    # A crash that was ordered is ordered once.
    unset TOWPATH_FAILPOINT
    # At once after a steady life, else after a growing delay.
    if [ $(($(date +%s) - began)) -ge 5 ]; then
      delay=0
    elif [ "$delay" -gt 0 ]; then
      sleep "$delay"
      [ "$delay" -ge 8 ] || delay=$((delay * 2))
    else
      delay=1
    fi
  done
}
keep "$@"
