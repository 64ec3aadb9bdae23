#!/bin/sh
# Runs the tests: with arguments, what they name; without, everything, in two processes side by side.
# The one beside computes and talks to databases, and gives way (nice) to the one in front, which has browsers, real
# servers and their deadlines, and would leave half of the machine idle by itself.
set -u
cd "$(dirname "$0")/.."
PYTEST=.venv/bin/pytest
[ $# -eq 0 ] || exec "$PYTEST" "$@"

BESIDE="tests/contract tests/core tests/house tests/hub tests/vectors"
printed=$(mktemp)
beside=
# shellcheck disable=SC2317
end() {
    [ -z "$beside" ] || kill "$beside" 2>/dev/null
    rm -f "$printed"
}
trap end EXIT
trap 'exit 130' INT TERM

ignored=
for room in $BESIDE; do ignored="$ignored --ignore=$room"; done
# shellcheck disable=SC2086
nice -n 10 "$PYTEST" -p no:cacheprovider $BESIDE >"$printed" 2>&1 &
beside=$!
# shellcheck disable=SC2086
"$PYTEST" $ignored
front_failed=$?
wait "$beside"
beside_failed=$?
beside=
echo "== pytest, beside: $BESIDE"
cat "$printed"
[ "$front_failed" -eq 0 ] || echo "== failed: pytest in front, further up"
[ "$beside_failed" -eq 0 ] || echo "== failed: pytest beside"
[ "$front_failed" -eq 0 ] && [ "$beside_failed" -eq 0 ]
