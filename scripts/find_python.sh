#!/bin/sh
# Prints the interpreter to build .venv with: $PYTHON if set, else the newest of 3.11 to 3.13 that really runs.
# A name on the PATH proves nothing (version managers put shims there), so each candidate is asked.
set -eu

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" && { echo "$PYTHON"; exit 0; }
    echo "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 with the venv module." >&2
    exit 1
fi
for candidate in python3.13 python3.12 python3.11 python3 python; do
    fits "$candidate" && { echo "$candidate"; exit 0; }
done
exit 1
