#!/bin/sh
# debian.sh PACKAGE...: installs Debian packages without starting any service they bring.
# Fails, and says how to do it by hand, where it may not or cannot.
set -eu

by_hand() {
    echo "Please install: $*" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || by_hand "$@"
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || by_hand "$@"
    exec sudo -n sh "$0" "$@"
fi

# A policy-rc.d that answers 101 keeps package scripts from starting servers. One that is there already stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

log=$(mktemp)
echo "Installing Debian packages: $*"
if DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 </dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
then
    rm -f "$log"
else
    tail -n 30 "$log" >&2
    rm -f "$log"
    by_hand "$@"
fi
