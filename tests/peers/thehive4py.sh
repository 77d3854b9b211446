#!/usr/bin/env bash
# Runs the unmodified test suite of TheHive's Python client against a fresh server of ours.
#
#   tests/peers/thehive4py.sh [minimal|all] [pytest args…]
#
# It makes a data folder, the organisations and the user that the suite expects, starts `vigie serve` on a free port of
# this machine, and runs ../shared/peers/thehive4py.sh (VIGIE_PEERS names another folder). The suite's own output goes to
# standard error, its last line to standard output; the exit status is the suite's. VIGIE names the program, else it is the
# one that cargo has built.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=${VIGIE_PEERS:-../shared/peers}
vigie=${VIGIE:-${CARGO_TARGET_DIR:-target}/debug/vigie}
what=all
case ${1:-} in minimal | all) what=$1; shift ;; esac

if [ ! -x "$peers/thehive4py.sh" ]; then
  echo "skipped: $peers/thehive4py.sh is not there: set VIGIE_PEERS to the folder of the clients' suites" >&2
  [ -z "${VIGIE_REQUIRE_PEERS:-}" ] || exit 2
  exit 0
fi
if [ ! -x "$vigie" ]; then
  echo "build the server first: cargo build --package vigie, or set VIGIE to the program" >&2
  exit 2
fi

folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$folder/vigie.toml" <<TOML
version = 1
data_folder = "$folder/data"
default_tenant = "main-org"
[http]
listen = "127.0.0.1:$port"
[rules]
builtin = false
[playbooks]
builtin = false
[respond]
host_block_ip = false
TOML

# The suite signs in as this user. The password is far too weak, which only a server on loopback takes.
"$vigie" admin add-tenant main-org --config "$folder/vigie.toml" >&2
printf 'secret\n' | "$vigie" admin add-user admin@thehive.local --role admin --allow-weak-password \
  --member main-org=org-admin --member admin=admin --config "$folder/vigie.toml" >&2

"$vigie" serve --config "$folder/vigie.toml" >"$folder/log" 2>&1 &
server=$!

status=0
"$peers/thehive4py.sh" "$port" "$what" "$@" || status=$?
if [ "$status" -ne 0 ]; then
  echo "the server's log ends:" >&2
  tail -n 40 "$folder/log" >&2
fi
exit "$status"
