"""Programs of whoever runs hubs: Prometheus' `promtool`, systemd's `systemd-analyze`. No developer needs them, and the
Debian package with promtool (`prometheus`) takes 96 MB: a test that asks for one is skipped where it is not there."""

import shutil
import subprocess

import pytest


def operators_tool(name: str) -> str:
    """Its path; without it the test is skipped, with CI=true too."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"There is no {name} on this machine.")
    return found


def ran(*words: str, typed: str = "") -> str:
    """All it says; it succeeds, within 30 s."""
    done = subprocess.run(words, input=typed, capture_output=True, text=True, timeout=30, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
