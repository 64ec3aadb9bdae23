"""The rules of the house that no linter knows: names, sizes, a pure core, words that may not stand here."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A kitchen drawer takes everything. Each thing has a subject: that is its file's name.
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "base"}

MAX_LINES = 300
# Longer files, each with the reason why splitting it would make a reader jump.
LONGER = {
    "clients/simulator/trades.py": "one table: every trade of the day with its titles, pay and words",
}

# Where packages come from is each machine's own business. In halves, so that this file may be searched too.
REGISTRY_HOSTS = [
    a + b
    for a, b in (
        ("pypi.", "org"),
        ("files.python", "hosted.org"),
        ("registry.", "npmjs.org"),
        ("deb.", "debian.org"),
        ("mirrors.", "aliyun.com"),
        ("pypi.tuna.", "tsinghua.edu.cn"),
        ("registry.", "npmmirror.com"),
    )
]

# Attributes that read the clock: the core is told the time.
CLOCK_READS = {"now", "utcnow", "today"}


def kept_files(*folders: str) -> list[Path]:
    """Files of the repository, committed or about to be, as paths below its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=True,
    ).stdout.decode()
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    return [path for path in kept_files(*folders) if path.suffix == ".py"]


def test_no_kitchen_drawers():
    drawers = [
        str(path)
        for path in kept_files("server", "clients", "bench")
        if {*path.parent.parts, path.name.split(".")[0]} & DRAWERS and "vendor" not in path.parts
    ]
    assert drawers == []


def test_files_stay_small():
    sizes = {str(p): len((ROOT / p).read_text().splitlines()) for p in python_files("server", "clients")}
    too_long = {name: size for name, size in sizes.items() if size > MAX_LINES and name not in LONGER}
    assert too_long == {}, f"at most {MAX_LINES} lines; split it, or list it in LONGER with the reason"


@pytest.mark.parametrize("name", LONGER)
def test_a_listed_file_is_still_long(name: str):
    assert len((ROOT / name).read_text().splitlines()) > MAX_LINES, "take it off the list"


def test_the_core_reads_no_clock():
    reads = [
        f"{path}:{node.lineno}"
        for path in python_files("server/core")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_READS
    ]
    assert reads == []


def test_every_python_file_of_the_server_says_what_it_is():
    silent = [
        str(path)
        for path in python_files("server", "clients")
        if (text := (ROOT / path).read_text()).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == [], "a module docstring: what it is, and why it exists"


def test_no_tls_connection_is_in_two_threads():
    """`websockets.sync` reads in one and writes in another: before Python 3.13 an opening is lost now and then."""
    users = [
        str(path)
        for path in python_files("server", "clients", "bench", "tests")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("websockets.sync")
    ]
    assert users == [], "use websockets.asyncio"


def test_no_registry_is_named_anywhere():
    hosts = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)).encode())
    naming = [
        str(path) for path in kept_files() if "vendor" not in path.parts and hosts.search((ROOT / path).read_bytes())
    ]
    assert naming == []


def test_the_lock_holds_exact_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    loose = [x for x in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", x)]
    assert loose == []


def test_shell_scripts_are_valid_sh():
    for script in kept_files("scripts", ".ci"):
        if script.suffix == ".py":
            continue
        shell = "bash" if script.parts[0] == ".ci" else "sh"
        checked = subprocess.run([shell, "-n", ROOT / script], capture_output=True, timeout=10, check=False)
        assert checked.returncode == 0, checked.stderr.decode()
