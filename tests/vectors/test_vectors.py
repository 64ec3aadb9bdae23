"""Golden vectors: old bytes keep their meaning for the hub, the Python client and the pages (promise 31)."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from server.core import examples
from server.core.protocol import decode_command, decode_json_command, decode_server, encode, encode_json, json_ready
from server.core.refusal import Refusal
from tests.vectors import make

KEPT = make.kept()
NODE = shutil.which("node")


def ids(vector):
    return vector.name


def test_every_example_and_hostile_message_has_its_vector():
    _, came, changed = make.additions(KEPT, make.current())
    assert came == [], "run `python -m tests.vectors.make`"
    assert changed == [], "these bytes were promised to old clients"


def test_the_file_is_as_it_would_be_written():
    assert make.PATH.read_bytes() == make.text(KEPT)


@pytest.mark.parametrize("vector", KEPT.client, ids=ids)
def test_a_hub_understands_old_clients(vector):
    command = decode_command(bytes.fromhex(vector.msgpack))
    assert decode_json_command(bytes(vector.json)) == command
    assert encode(command).hex() == vector.msgpack
    assert json.loads(encode_json(command)) == json.loads(bytes(vector.json))


@pytest.mark.parametrize("vector", KEPT.server, ids=ids)
def test_the_client_understands_old_hubs(vector):
    (message,) = decode_server(bytes.fromhex(vector.msgpack))
    assert json_ready(message) == json.loads(bytes(vector.json))
    assert encode(message).hex() == vector.msgpack


@pytest.mark.parametrize("vector", KEPT.refused, ids=ids)
def test_hostile_bytes_are_refused_as_they_were(vector):
    door = {"msgpack": decode_command, "json": decode_json_command}[vector.door]
    with pytest.raises(Refusal) as caught:
        door(bytes.fromhex(vector.bytes))
    assert caught.value.code == vector.code


def test_a_new_example_is_added_after_the_old_ones():
    new = make.current()
    old = make.Vectors(1, new.client[:3], new.server[1:], [])
    merged, came, changed = make.additions(old, new)
    assert merged.client == new.client
    assert merged.server == [*new.server[1:], new.server[0]]
    assert len(came) == len(new.client) - 3 + 1 + len(new.refused)
    assert changed == []


def test_a_changed_example_is_told_and_not_rewritten(tmp_path, monkeypatch, capsys):
    old = make.current()
    before = msgspec.structs.replace(old.client[0], msgpack="00")
    path = tmp_path / "vectors.json"
    path.write_bytes(make.text(make.Vectors(1, [before, *old.client[1:]], old.server, old.refused)))
    monkeypatch.setattr(make, "kept", lambda: msgspec.json.decode(path.read_bytes(), type=make.Vectors))
    monkeypatch.setattr(make, "PATH", tmp_path / "untouched.json")
    assert make.main() == 1
    assert not (tmp_path / "untouched.json").exists()
    assert capsys.readouterr().err == "changed, nothing written: client: hello\n"


def test_no_two_examples_have_one_name():
    for group in (examples.COMMANDS, examples.SERVER):
        assert len({example.name for example in group}) == len(group)


@pytest.mark.skipif(NODE is None and os.environ.get("CI") != "true", reason="node is not installed")
def test_the_pages_library_reads_and_writes_them(tmp_path: Path):
    assert NODE is not None, "CI needs node"
    out = tmp_path / "written.json"
    run = subprocess.run(
        [NODE, "--test", str(Path(__file__).parent / "vectors.test.mjs")],
        env={**os.environ, "VECTORS_OUT": str(out)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    written = {name: decode_command(bytes.fromhex(data)) for name, data in json.loads(out.read_text())}
    assert written == {vector.name: decode_command(bytes.fromhex(vector.msgpack)) for vector in KEPT.client}
