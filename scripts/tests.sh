#!/bin/sh
# Runs the tests: with arguments, what they name; without, everything, in three processes side by side. Most of what
# browsers, servers and faults take is waiting for deadlines; what only computes and talks to databases fills the rest
# and gives way (nice).
set -u
cd "$(dirname "$0")/.."
PYTEST=.venv/bin/pytest
[ $# -eq 0 ] || exec "$PYTEST" "$@"

COMPUTING="tests/contract tests/core tests/house tests/hub tests/vectors"
WIRE="tests/wire"
printed=$(mktemp -d)
running=
# shellcheck disable=SC2317,SC2086
end() {
    [ -z "$running" ] || kill $running 2>/dev/null
    rm -rf "$printed"
}
trap end EXIT
trap 'exit 130' INT TERM

ignored=
for room in $COMPUTING $WIRE; do ignored="$ignored --ignore=$room"; done
# shellcheck disable=SC2086
nice -n 10 "$PYTEST" -p no:cacheprovider $COMPUTING >"$printed/computing" 2>&1 &
computing=$!
"$PYTEST" -p no:cacheprovider $WIRE >"$printed/wire" 2>&1 &
wire=$!
running="$computing $wire"
# shellcheck disable=SC2086
"$PYTEST" $ignored
failed=$?
for part in computing wire; do
    eval "wait \$$part" || failed=1
    echo "== pytest: $part"
    cat "$printed/$part"
done
running=
[ "$failed" -eq 0 ] || echo "== some tests failed: see above"
exit "$failed"
