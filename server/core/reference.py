"""The protocol in print: `docs/protocol.md` for people, `clients/web/shared/protocol.js` for the pages,
and `protocol_types.js` beside it for tests and editors: names and types no phone need load.

Pure: renders text from the Structs, limits, codes and channels; who calls writes the files. A test holds the
files in the repository equal to this text.
"""

import json
from collections.abc import Iterable

from server.core.channels import DELIVERY
from server.core.examples import COMMANDS, PUSHES, REPLIES, Example
from server.core.limits import CLOSE_TEXT, LIMITS, PROTOCOL_VERSION, Close
from server.core.model import ApplicationStatus, Level, PayUnit, Role, SessionState
from server.core.protocol import encode, json_ready
from server.core.reference_text import CHANNEL_TEXT, chapters
from server.core.refusal import MEANINGS, Code
from server.core.shapes import Choice, Shape, shapes


def protocol_js() -> str:
    """The ES module with the numbers pages work with. The rest is `protocol_types.js`: a phone need not load it."""
    parts = [
        "// Generated from server/core by `daigang protocol --write`. Change it there, never here.\n",
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n",
        _js_limits(),
    ]
    return "\n".join(parts)


def protocol_types_js() -> str:
    """Every name of the protocol, and JSDoc types for everything that travels; for tests and editors, no page imports
    it."""
    parts = [
        "// Generated from server/core by `daigang protocol --write`. Change it there, never here.\n",
        _js_closes(),
        _js_list("COMMANDS", "Tags (`t`) of what a client may send.", (s.tag for s in shapes().commands)),
        _js_list("REPLIES", "Tags of answers; `id` is the command's.", (s.tag for s in shapes().replies)),
        _js_list("PUSHES", "Tags of what a hub sends unasked.", (s.tag for s in shapes().pushes)),
        _js_list("BODIES", "Tags of what can stand in a log.", (s.tag for s in shapes().bodies)),
        _js_list("CODES", "Refusal codes; a page has a sentence for each.", (code.value for code in Code)),
        _js_params(),
        _js_list("STATUSES", "Steps of an application (投递).", (s.value for s in ApplicationStatus)),
        _js_list("STATES", "States of a session (场次).", (s.value for s in SessionState)),
        _js_list("ROLES", "Who a person can be.", (role.value for role in Role)),
        _js_list("LEVELS", "Levels of the region tree.", (level.value for level in Level)),
        _js_list("PAY_UNITS", "How pay is counted.", (unit.value for unit in PayUnit)),
        _js_channels(),
        *_js_types(),
    ]
    return "\n".join(parts)


def protocol_md() -> str:
    """The whole protocol as a page: enough to write a client from it alone."""
    known = shapes()
    tables = {
        "limits": _md_limits(),
        "closes": _md_closes(),
        "codes": _md_codes(),
        "channels": _md_channels(),
        "commands": _md_shapes(known.commands),
        "replies": _md_shapes(known.replies),
        "pushes": _md_shapes(known.pushes),
        "bodies": _md_shapes(known.bodies),
        "snapshots": _md_shapes(known.snapshots),
        "pulses": _md_shapes(known.pulses),
        "nouns": _md_shapes(known.nouns),
        "choices": _md_choices(known.choices),
        "examples": _examples(),
    }
    return chapters(tables)


# ---- the module -------------------------------------------------------------------------------------------


def _js_limits() -> str:
    lines = [
        "/** Every number of the protocol; the unit is in the name. */",
        "export const LIMITS = Object.freeze({",
    ]
    lines += [f"  {limit.name}: {limit.value:g}, // {limit.unit}: {limit.text}" for limit in LIMITS]
    return "\n".join([*lines, "});", ""])


def _js_closes() -> str:
    lines = ["/** Close codes: 4000-4499 come back with backoff, 4500-4999 do not. */"]
    lines += ["export const CLOSE = Object.freeze({"]
    lines += [f"  {close.name}: {close.value}, // {CLOSE_TEXT[close]}" for close in Close]
    return "\n".join([*lines, "});", ""])


def _js_list(name: str, text: str, values: Iterable[str]) -> str:
    inner = "".join(f"  {json.dumps(value)},\n" for value in values)
    return f"/** {text} */\nexport const {name} = Object.freeze([\n{inner}]);\n"


def _js_params() -> str:
    lines = ["/** The params each refusal code carries. */", "export const CODE_PARAMS = Object.freeze({"]
    lines += [f"  {code.value}: {json.dumps(list(meaning.params))}," for code, meaning in MEANINGS.items()]
    return "\n".join([*lines, "});", ""])


def _js_channels() -> str:
    lines = ["/** Kinds of channel: `logged` ones can be recovered, `complete` ones have no holes. */"]
    lines += ["export const CHANNELS = Object.freeze({"]
    for kind, how in DELIVERY.items():
        flags = f"logged: {str(how.logged).lower()}, complete: {str(how.complete).lower()}"
        lines.append(f'  {kind.value}: Object.freeze({{ {flags}, lane: "{how.lane.value}" }}),')
    return "\n".join([*lines, "});", ""])


def _js_types() -> list[str]:
    known = shapes()
    structs = [
        *known.nouns,
        *known.bodies,
        *known.snapshots,
        *known.pulses,
        *known.commands,
        *known.replies,
        *known.pushes,
    ]
    unions = {
        "Body": known.bodies,
        "Snapshot": known.snapshots,
        "Command": known.commands,
        "Reply": known.replies,
        "ServerMessage": (*known.replies, *known.pushes),
    }
    return [
        *(_js_choice(choice) for choice in known.choices),
        *(_js_struct(shape) for shape in structs),
        *(f"/** @typedef {{{'|'.join(s.name for s in of)}}} {name} */\n" for name, of in unions.items()),
    ]


def _js_choice(choice: Choice) -> str:
    values = "|".join(f"'{value}'" for value in choice.values)
    return f"/** {choice.text}\n * @typedef {{{values}}} {choice.name}\n */\n"


def _js_struct(shape: Shape) -> str:
    lines = [f"/** {shape.text}", f" * @typedef {{Object}} {shape.name}"]
    if shape.tag:
        lines.append(f" * @property {{'{shape.tag}'}} t")
    for field in shape.fields:
        name = field.name if field.required else f"[{field.name}={field.default}]"
        lines.append(f" * @property {{{field.jsdoc}}} {name} {field.text}".rstrip())
    return "\n".join([*lines, " */", ""])


# ---- the page ---------------------------------------------------------------------------------------------


def _md_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _md_limits() -> str:
    rows = ((f"`{limit.name}`", f"{limit.value:g}", limit.unit, limit.text) for limit in LIMITS)
    return _md_table(("name", "value", "unit", "meaning"), rows)


def _md_closes() -> str:
    rows = ((str(close.value), close.name.lower().replace("_", " "), CLOSE_TEXT[close]) for close in Close)
    return _md_table(("code", "name", "meaning"), rows)


def _md_codes() -> str:
    rows = (
        (
            f"`{code.value}`",
            ", ".join(f"`{param}`" for param in meaning.params),
            "may be" if meaning.can_be_temporary else "no",
            meaning.text,
        )
        for code, meaning in MEANINGS.items()
    )
    return _md_table(("code", "params", "temporary", "meaning"), rows)


def _md_channels() -> str:
    rows = (
        (
            f"`{kind.value}/{CHANNEL_TEXT[kind].subject}`",
            CHANNEL_TEXT[kind].who,
            "complete, in order, once" if how.complete else "best effort" if how.logged else "latest wins",
            "yes" if how.logged else "no",
            how.lane.value,
            CHANNEL_TEXT[kind].what,
        )
        for kind, how in DELIVERY.items()
    )
    return _md_table(("channel", "who may join", "delivery", "logged", "lane", "what travels"), rows)


def _md_shapes(of: Iterable[Shape]) -> str:
    return "\n\n".join(map(_md_shape, of))


def _md_shape(shape: Shape) -> str:
    title = f"### `{shape.tag}` ({shape.name})" if shape.tag else f"### {shape.name}"
    if not shape.fields:
        return f"{title}\n\n{shape.text}\n\nNo fields."
    rows = (
        (
            f"`{field.name}`",
            field.words,
            "required" if field.required else f"`{field.default}`",
            field.text,
        )
        for field in shape.fields
    )
    return f"{title}\n\n{shape.text}\n\n" + _md_table(("field", "type", "when absent", "note"), rows)


def _md_choices(of: Iterable[Choice]) -> str:
    rows = ((choice.name, ", ".join(f"`{value}`" for value in choice.values), choice.text) for choice in of)
    return _md_table(("type", "values", "meaning"), rows)


def _examples() -> str:
    """Chapter 22: a conversation, byte by byte."""
    shown = ("hello", "join, again", "show_card", "pong")
    answers = ("welcome", "joined, recovered", "done", "refused, temporary")
    pushes = ("push, card_hidden", "push, line", "ping", "restart")
    parts = [
        "## 22. Worked examples",
        "The same bytes, and one example of every message, are in `tests/vectors`.",
    ]
    parts += [_example(">", example) for example in COMMANDS if example.name in shown]
    parts += [_example("<", example) for example in REPLIES if example.name in answers]
    parts += [_example("<", example) for example in PUSHES if example.name in pushes]
    two = [example for example in PUSHES if example.name in ("push, line", "restart")]
    joint = b"".join(encode(example.message) for example in two)
    parts.append(
        "Two messages in one websocket message are simply one after the other (`push`, then `restart`):\n\n"
        f"```\n{_hex(joint)}\n```"
    )
    return "\n\n".join(parts)


def _example(arrow: str, example: Example) -> str:
    plain = json.dumps(json_ready(example.message), ensure_ascii=False)
    return f"`{arrow}` {example.name}\n\n```\n{plain}\n\n{_hex(encode(example.message))}\n```"


def _hex(data: bytes) -> str:
    rows = [data[start : start + 32].hex(" ") for start in range(0, len(data), 32)]
    return "\n".join(rows)
