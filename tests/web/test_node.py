"""The pages' pure parts under node, and what can be checked of the pages' files without a browser."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "clients" / "web"
TESTS = sorted(Path(__file__).parent.glob("*.test.mjs"))
NODE = shutil.which("node")
IN_CI = os.environ.get("CI") == "true"


@pytest.mark.skipif(NODE is None and not IN_CI, reason="node is not installed")
@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_under_node(file: Path) -> None:
    assert NODE is not None, "CI needs node"
    run = subprocess.run([NODE, "--test", str(file)], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    counted = re.search(r"^# pass (\d+)", run.stdout, re.M)
    # Some versions of node give the summary with another mark before it.
    counted = counted or re.search(r"pass (\d+)", run.stdout)
    assert counted is not None
    assert int(counted[1]) > 0, "a file of tests that tests nothing"


VENDORS = [WEB / "vendor", Path(__file__).parent / "vendor"]


def vendored(folder: Path) -> list[dict[str, str]]:
    text = (folder / "VERSIONS").read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if "file:" in block]
    return [dict(re.findall(r"^(\w+): (.+)$", block, re.M)) for block in blocks]


@pytest.mark.parametrize("folder", VENDORS, ids=["pages", "tests"])
def test_vendored_files_are_the_recorded_ones(folder: Path) -> None:
    recorded = {block["file"]: block["sha256"] for block in vendored(folder)}
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.js")}
    assert {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()} == recorded


def test_every_vendored_file_has_its_origin() -> None:
    for block in [block for folder in VENDORS for block in vendored(folder)]:
        assert {"file", "name", "version", "licence", "package", "sha256"} <= set(block), block


@pytest.mark.parametrize("file", sorted((WEB / "locales").glob("zh-CN*.json")), ids=lambda file: file.name)
def test_both_languages_have_the_same_words(file: Path) -> None:
    chinese = json.loads(file.read_text(encoding="utf-8"))
    english = json.loads(file.with_name(file.name.replace("zh-CN", "en", 1)).read_text(encoding="utf-8"))
    assert all(isinstance(words, str) and words for words in [*chinese.values(), *english.values()])
    # English has a form for one; Chinese needs none.
    assert {key for key in english if not (key.endswith("_one") and key[:-4] in english)} == set(chinese)
    for key, words in chinese.items():
        assert set(re.findall(r"\{(\w+)\}", words)) == set(re.findall(r"\{(\w+)\}", english[key])), key


def test_shell_pages_have_no_inline_script_or_style() -> None:
    for page in WEB.glob("*/index.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text), page
        assert not re.search(r"<style|\sstyle=|\son\w+=", text), page


def test_style_sheets_close_what_they_open() -> None:
    """A browser reads on over a brace that is missing, and the rules after it are lost without a word."""
    for sheet in WEB.rglob("*.css"):
        depth = 0
        for character in re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S):
            depth += (character == "{") - (character == "}")
            assert 0 <= depth <= 2, sheet
        assert depth == 0, sheet


def modules_of(start: Path) -> set[Path]:
    """The file and all it imports, directly or not."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        file = waiting.pop().resolve()
        if file not in found:
            found.add(file)
            imports = re.findall(r'^(?:import|export)\b[^;]*?from "([^"]+)"', file.read_text(encoding="utf-8"), re.M)
            waiting += [file.parent / name for name in imports]
    return found


def test_the_viewer_shell_names_every_module_and_stays_small() -> None:
    """Named modules are fetched at once, not one import after another; the shell stays under 100 kB gzipped."""
    shell = (WEB / "viewer" / "index.html").read_text(encoding="utf-8")
    modules = modules_of(WEB / "viewer" / "main.js")
    named = set(re.findall(r'(?:modulepreload" href|module" src)="/static/([^"]+)"', shell))
    assert named == {file.relative_to(WEB).as_posix() for file in modules}
    styles = [WEB / name for name in re.findall(r'stylesheet" href="/static/([^"]+)"', shell)]
    words = [WEB / "locales" / "zh-CN.json", WEB / "locales" / "zh-CN.viewer.json"]
    packed = sum(len(gzip.compress(file.read_bytes())) for file in [*modules, *styles, *words])
    assert packed + len(gzip.compress(shell.encode())) < 100_000
