#!/bin/sh
# Writes constraints.txt anew: the newest versions that pyproject.toml allows, from a throw-away environment.
set -eu
cd "$(dirname "$0")/.."
python=$(sh scripts/find_python.sh)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check -e ".[dev,video]" hatchling editables
{
    echo "# The lock: exact versions of everything daigang runs and is tested with, on Python 3.11, 3.12 and 3.13."
    echo "# Used as 'pip install -c constraints.txt'; renewed by 'make lock'."
    "$scratch/venv/bin/python" -m pip freeze --exclude-editable | LC_ALL=C sort -f
} >"$scratch/constraints.txt"
cp "$scratch/constraints.txt" constraints.txt
