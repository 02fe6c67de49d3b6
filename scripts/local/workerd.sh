#!/bin/sh
# Runs workerd so that it ends with the server that started it, even if that is killed: two runtimes on one state
# would grant the same credits twice. Called by Miniflare in place of workerd, with DRAWDOWN_WORKERD in the environment.

# Ctrl-C reaches the whole process group; the server ends its runtime itself, after the last thing it has to do.
trap '' INT

# Descriptor 3 is Miniflare's control socket. It never says anything to us, it only ends: when the server is gone.
# The lifeline is a child of what becomes workerd, so it can tell its workerd from a later process with the same id.
sh -c '
  read -r line <&3
  parent=$(ps -o ppid= -p $$ 2>/dev/null) || read -r line line line parent line </proc/$$/stat
  [ "$((parent))" -eq "$1" ] && kill -KILL "$1"
' drawdown-lifeline "$$" </dev/null >/dev/null 2>&1 &

exec "$DRAWDOWN_WORKERD" "$@"
