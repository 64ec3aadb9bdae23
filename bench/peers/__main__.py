"""`python -m bench.peers`: install what the comparison needs below `build/peers`, and say what is there.

Nothing of this is a dependency of the product. What cannot be had is left out and said.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers.known import BUILD, CENTRIFUGE, HERE, NCHAN, PEERS, PYTHON, installed

DEBIAN_NCHAN = ("nginx-light", "libnginx-mod-nchan")
DEBIAN_GO = (
    "golang-go",
    "golang-github-centrifugal-centrifuge-dev",
    "golang-github-centrifugal-protocol-dev",
    "golang-github-fzambia-eagle-dev",
    "golang-github-igm-sockjs-go-dev",
    "golang-github-mna-redisc-dev",
)
NODE = ("ws@8", "socket.io@4")
PYTHON_PACKAGES = ("python-socketio>=5", "channels>=4", "django>=5", "uvicorn", "uvloop", "httptools", "websockets")
WITHIN_S = 900


def main() -> int:
    """Install; returns 0 when everything is there."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for name, step in (
        ("nchan", _nchan),
        ("ws, Socket.IO", _node),
        ("python-socketio, Channels", _python),
        ("centrifuge", _centrifuge),
    ):
        try:
            step()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
    found = installed()
    for name in PEERS:
        print(f"{name}: {found.get(name, 'not here')}")
    return 0 if len(found) == len(PEERS) else 1


def _nchan() -> None:
    if not NCHAN.exists():
        _debian(DEBIAN_NCHAN)


def _node() -> None:
    if shutil.which("npm") is None:
        raise OSError("no npm")
    _run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(BUILD / "node"), *NODE])


def _python() -> None:
    if not PYTHON.exists():
        _run([sys.executable, "-m", "venv", str(BUILD / "venv")])
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES])


def _centrifuge() -> None:
    if not Path("/usr/share/gocode/src/github.com/mna/redisc").exists() or shutil.which("go") is None:
        _debian(DEBIAN_GO)
    CENTRIFUGE.mkdir(parents=True, exist_ok=True)
    # Debian's Go packages are sources below one GOPATH: nothing is fetched.
    environ = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    program = str((CENTRIFUGE / "centrifuge").absolute())
    _run(["go", "build", "-o", program, str(HERE / "centrifuge" / "main.go")], environ)


def _debian(packages: tuple[str, ...]) -> None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise OSError(f"wants Debian's packages {' '.join(packages)}; as root they would be installed")
    _run(["apt-get", "install", "-y", "--no-install-recommends", *packages])


def _run(argv: list[str], environ: dict[str, str] | None = None) -> None:
    print("$", *argv, flush=True)
    subprocess.run(argv, check=True, timeout=WITHIN_S, env=environ, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
