"""Writes the golden vectors of messages that have none yet: `python -m tests.vectors.make`.

A vector that is there is never rewritten. Where an example no longer gives its old bytes, nothing is written and
the names are told: either the change breaks old clients, or the example needs a new name.
"""

import sys
from pathlib import Path

import msgspec

from server.core import examples
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import decode_command, decode_json_command, encode, encode_json
from server.core.refusal import Refusal
from tests.vectors.hostile import HOSTILE, HOSTILE_JSON

PATH = Path(__file__).parent / f"protocol-v{PROTOCOL_VERSION}.json"
LONGEST_HOSTILE_BYTES = 1024
"""Longer hostile bytes are tested, but not kept: they would be most of the file."""


class Vector(msgspec.Struct, frozen=True):
    """A message in both forms. `json` is the value itself, `msgpack` its bytes in hex."""

    name: str
    json: msgspec.Raw
    msgpack: str


class RefusedVector(msgspec.Struct, frozen=True):
    """Bytes in hex for one of the doors (`msgpack` or `json`) and the code they are refused with."""

    name: str
    door: str
    bytes: str
    code: str


class Vectors(msgspec.Struct, frozen=True):
    """The whole file."""

    version: int
    client: list[Vector]
    server: list[Vector]
    refused: list[RefusedVector]


def kept(path: Path = PATH) -> Vectors:
    """What the file holds; nothing when there is none yet."""
    if not path.exists():
        return Vectors(PROTOCOL_VERSION, [], [], [])
    return msgspec.json.decode(path.read_bytes(), type=Vectors)


def current() -> Vectors:
    """The vectors of today's examples and hostile bytes."""
    return Vectors(
        PROTOCOL_VERSION,
        [vector(example) for example in examples.COMMANDS],
        [vector(example) for example in examples.SERVER],
        [
            refused_vector(name, door, data)
            for door, cases in (("msgpack", HOSTILE), ("json", HOSTILE_JSON))
            for name, data in cases.items()
            if len(data) <= LONGEST_HOSTILE_BYTES
        ],
    )


def vector(example: examples.Example) -> Vector:
    """One example in both forms."""
    return Vector(example.name, msgspec.Raw(encode_json(example.message)), encode(example.message).hex())


def refused_vector(name: str, door: str, data: bytes) -> RefusedVector:
    """What a door says to these bytes. Raises ValueError when it takes them."""
    try:
        (decode_command if door == "msgpack" else decode_json_command)(data)
    except Refusal as refusal:
        return RefusedVector(name, door, data.hex(), refusal.code.value)
    raise ValueError(f"{name} is not refused")


def additions(old: Vectors, new: Vectors) -> tuple[Vectors, list[str], list[str]]:
    """Old vectors with the new ones after them, the names that came, and the names that changed."""
    came: list[str] = []
    changed: list[str] = []
    groups = []
    for group in ("client", "server", "refused"):
        there = {_key(item): item for item in getattr(old, group)}
        fresh = []
        for item in getattr(new, group):
            before = there.get(_key(item))
            if before is None:
                fresh.append(item)
                came.append(f"{group}: {item.name}")
            elif msgspec.json.encode(before) != msgspec.json.encode(item):
                changed.append(f"{group}: {item.name}")
        groups.append([*getattr(old, group), *fresh])
    return Vectors(old.version, *groups), came, changed


def _key(item: Vector | RefusedVector) -> tuple[str, str]:
    return item.name, item.door if isinstance(item, RefusedVector) else ""


def text(vectors: Vectors) -> bytes:
    """The file's bytes: one vector a line, so that a change reads well."""
    lines = [f'{{"version": {vectors.version},']
    for place, group in enumerate(("client", "server", "refused")):
        rows = ",\n".join(msgspec.json.encode(item).decode() for item in getattr(vectors, group))
        lines.append(f'"{group}": [\n{rows}\n]' + ("}" if place == 2 else ","))
    return ("\n".join(lines) + "\n").encode()


def main() -> int:
    """Add what is missing; 1 when something that is kept has changed."""
    vectors, came, changed = additions(kept(), current())
    if changed:
        sys.stderr.write("".join(f"changed, nothing written: {name}\n" for name in changed))
        return 1
    PATH.write_bytes(text(vectors))
    sys.stdout.write("".join(f"new: {name}\n" for name in came))
    return 0


if __name__ == "__main__":
    sys.exit(main())
