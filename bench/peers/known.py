"""The peers: how each is started, in which manner viewers get in, and whether it is installed here.

`python -m bench.peers` installs what it can below `build/peers`, which nothing of the product ever reads.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
BUILD = Path("build/peers")
MODULES = BUILD / "node" / "node_modules"
PYTHON = BUILD / "venv" / "bin" / "python"
CENTRIFUGE = BUILD / "centrifuge"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """`argv` gets a free port and an empty directory; a program that prints `port N` chose another. `version` is empty
    where it is not installed. `heavy`: one that a room of thousands is too much for."""

    name: str
    manner: str
    argv: Callable[[int, Path], list[str]]
    version: Callable[[], str]
    prints_port: bool = False
    is_master: bool = False
    heavy: bool = False


def _node(program: str) -> Callable[[int, Path], list[str]]:
    return lambda _port, _directory: ["node", str(HERE / program), str(MODULES.resolve())]


def _python(program: str) -> Callable[[int, Path], list[str]]:
    return lambda port, _directory: [str(PYTHON.absolute()), str(HERE / program), str(port)]


def _module_version(name: str) -> Callable[[], str]:
    def version() -> str:
        file = MODULES / name / "package.json"
        if shutil.which("node") is None or not file.exists():
            return ""
        return f"{json.loads(file.read_text('utf-8'))['version']} on node {_said('node', '--version').lstrip('v')}"

    return version


def _package_version(name: str) -> Callable[[], str]:
    def version() -> str:
        if not PYTHON.exists():
            return ""
        asked = "import sys; from importlib.metadata import version as v; print(*(v(n) for n in sys.argv[1:]))"
        found = _said(str(PYTHON), "-c", asked, name, "uvicorn").split()
        return f"{found[0]} on uvicorn {found[1]}" if len(found) == 2 else ""

    return version


def _nchan(port: int, directory: Path) -> list[str]:
    file = directory / "nginx.conf"
    text = (HERE / "nchan.conf").read_text("utf-8")
    for name, value in (("module", NCHAN), ("directory", directory), ("port", port)):
        text = text.replace(f"@{name}@", str(value))
    file.write_text(text, "utf-8")
    return ["nginx", "-p", str(directory), "-e", str(directory / "error.log"), "-c", str(file)]


def _nchan_version() -> str:
    if shutil.which("nginx") is None or not NCHAN.exists():
        return ""
    return _said("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan") or "of unknown version"


def _centrifuge_version() -> str:
    if not (CENTRIFUGE / "centrifuge").exists():
        return ""
    return _said("dpkg-query", "-W", "-f", "${Version}", "golang-github-centrifugal-centrifuge-dev") or "unknown"


def _said(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer(name="ws", manner="path", argv=_node("ws.mjs"), version=_module_version("ws"), prints_port=True),
        Peer(name="nchan", manner="nchan", argv=_nchan, version=_nchan_version, is_master=True),
        Peer(
            name="centrifuge",
            manner="centrifuge",
            argv=lambda _port, _directory: [str((CENTRIFUGE / "centrifuge").absolute())],
            version=_centrifuge_version,
            prints_port=True,
        ),
        Peer(
            name="Socket.IO",
            manner="socketio",
            argv=_node("socketio.mjs"),
            version=_module_version("socket.io"),
            prints_port=True,
        ),
        Peer(
            name="python-socketio",
            manner="socketio",
            argv=_python("python_socketio.py"),
            version=_package_version("python-socketio"),
            heavy=True,
        ),
        Peer(
            name="Channels",
            manner="path",
            argv=_python("django_channels.py"),
            version=_package_version("channels"),
            heavy=True,
        ),
    )
}


def installed() -> dict[str, str]:
    """Versions of those that are here, by name."""
    return {name: version for name, peer in PEERS.items() if (version := peer.version())}
