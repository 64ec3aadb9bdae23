#!/bin/sh
# venv.sh run|dev: makes .venv and installs daigang into it, then leaves a stamp for the Makefile.
set -eu
cd "$(dirname "$0")/.."

case "$1" in
    run) extras='[video]' stamp=.venv/.installed ;;
    dev) extras='[dev,video]' stamp=.venv/.installed-dev ;;
    *) echo "usage: venv.sh run|dev" >&2; exit 2 ;;
esac

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! python=$(sh scripts/find_python.sh); then
        [ -z "${PYTHON:-}" ] || exit 1
        # A bare Debian has python3 without venv.
        command -v apt-get >/dev/null 2>&1 && sh scripts/debian.sh python3 python3-venv || true
        python=$(sh scripts/find_python.sh) || {
            echo "daigang needs Python 3.11, 3.12 or 3.13 (with its venv module); none was found." >&2
            echo "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
            exit 1
        }
    fi
    echo "Making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "Installing daigang$extras into .venv (once; a minute or two)"
# The build tools are held to the lock too, under the old name of that setting and the new one.
PIP_CONSTRAINT="$PWD/constraints.txt" PIP_BUILD_CONSTRAINT="$PWD/constraints.txt" \
PIP_DISABLE_PIP_VERSION_CHECK=1 \
    .venv/bin/python -m pip install --quiet --no-input -c constraints.txt -e ".$extras" || {
    # PyAV has no package for every machine; all but the live picture works without it.
    [ "$1" = run ] || exit 1
    echo "Without the extra 'video' then: no live picture, everything else." >&2
    PIP_CONSTRAINT="$PWD/constraints.txt" PIP_BUILD_CONSTRAINT="$PWD/constraints.txt" PIP_DISABLE_PIP_VERSION_CHECK=1 \
        .venv/bin/python -m pip install --quiet --no-input -c constraints.txt -e .
}
touch "$stamp"
# The larger set holds the smaller one.
[ "$1" = run ] || touch .venv/.installed
