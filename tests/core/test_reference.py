"""The printed protocol is the protocol: files equal the rendered text, and nothing is left out."""

import re
from pathlib import Path
from typing import get_args

import pytest

from server.core import limits, protocol
from server.core.bodies import AnyBody
from server.core.channels import DELIVERY, Kind
from server.core.limits import CLOSE_TEXT, LIMITS, Close, may_return
from server.core.reference import protocol_js, protocol_md, protocol_types_js
from server.core.reference_text import CHANNEL_TEXT
from server.core.refusal import MEANINGS, Code
from server.core.shapes import Shape, shapes

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "render"),
    [
        ("docs/protocol.md", protocol_md),
        ("clients/web/shared/protocol.js", protocol_js),
        ("clients/web/shared/protocol_types.js", protocol_types_js),
    ],
)
def test_the_file_in_the_repository_is_the_rendered_text(path, render):
    stale = f"{path} is stale: run `daigang protocol --write`"
    assert (HOUSE / path).read_text(encoding="utf-8") == render(), stale


def test_every_number_of_the_protocol_is_explained():
    constants = {
        name: value
        for name, value in vars(limits).items()
        if name.isupper() and isinstance(value, int | float) and name != "PROTOCOL_VERSION"
    }
    assert constants == {limit.name: limit.value for limit in LIMITS}
    assert all(limit.text.endswith(".") and limit.unit for limit in LIMITS)


def test_every_code_close_code_and_kind_of_channel_is_explained():
    assert set(MEANINGS) == set(Code)
    assert set(CLOSE_TEXT) == set(Close)
    assert set(CHANNEL_TEXT) == set(DELIVERY) == set(Kind)


def test_every_message_and_body_has_a_shape_with_a_description():
    known = shapes()
    for group, of in (
        (known.commands, protocol.Command),
        ((*known.replies, *known.pushes), protocol.ServerMessage),
        (known.bodies, AnyBody),
        (known.snapshots, protocol.Snapshot),
    ):
        assert {shape.name for shape in group} == {kind.__name__ for kind in get_args(of)}
    described: list[Shape] = [*known.commands, *known.replies, *known.pushes, *known.bodies, *known.nouns]
    assert [shape.name for shape in described if not shape.text] == []


def test_every_type_a_field_speaks_of_is_described():
    known = shapes()
    everything = [shape for group in known[:7] for shape in group]
    names = {shape.name for shape in everything} | {choice.name for choice in known.choices} | {"Body"}
    spoken_of = {word for s in everything for f in s.fields for word in re.findall(r"\b[A-Z]\w+", f.words)}
    assert spoken_of <= names
    assert {"Position", "Session", "Since", "Numbers", "Applicant"} <= spoken_of
    page = protocol_md().partition("## 14")[0]
    for noun in ("Fair", "Venue", "Region", "Session", "Numbers", "Card", "ShelfSlot"):
        assert noun in page
        assert noun in names


def test_fields_tell_their_limits_and_defaults():
    fields = {field.name: field for shape in shapes().commands if shape.tag == "apply" for field in shape.fields}
    assert fields["key"].words == "string, 8 to 64 characters"
    assert fields["age_confirmed"] == ("age_confirmed", "boolean", "boolean", True, "", "")
    assert (fields["for_whom"].required, fields["for_whom"].default) == (False, '""')
    assert fields["consent"].text == "version of the consent text that was shown"


def test_the_page_names_everything_a_client_meets():
    page = protocol_md()
    for shape in (*shapes().commands, *shapes().replies, *shapes().pushes, *shapes().bodies):
        assert f"### `{shape.tag}` ({shape.name})" in page
    for code in Code:
        assert f"| `{code.value}` |" in page
    for close in Close:
        assert f"| {close.value} |" in page
    for limit in LIMITS:
        assert f"| `{limit.name}` | {limit.value:g} |" in page


def test_the_page_has_no_broken_tables():
    blocks = [block.splitlines() for block in protocol_md().split("\n\n") if block.startswith("| ")]
    assert len(blocks) > 40
    for rows in blocks:
        bars = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert len(bars) == 1, rows[0]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (1000, True),
        (1006, True),
        (1012, True),
        *((close, close < 4500) for close in Close),
        (4499, True),
        (4999, False),
    ],
)
def test_a_close_code_tells_whether_to_come_back(code, answer):
    assert may_return(code) is answer
