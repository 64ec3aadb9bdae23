"""The messages, bodies and nouns as plain descriptions, read off their Structs for the reference."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import inspect

from server.core import bodies, model, protocol


class FieldShape(NamedTuple):
    """One field: its name on the wire, type in words and in JSDoc, its default in JSON."""

    name: str
    words: str
    jsdoc: str
    required: bool
    default: str
    text: str


class Shape(NamedTuple):
    """One struct: `tag` is the value of `t`, empty for a struct that has none."""

    name: str
    tag: str
    text: str
    fields: tuple[FieldShape, ...]


class Choice(NamedTuple):
    """An enumeration: the strings a field may hold."""

    name: str
    text: str
    values: tuple[str, ...]


class Shapes(NamedTuple):
    """Everything of the protocol that has a shape, in the order of the source."""

    commands: tuple[Shape, ...]
    replies: tuple[Shape, ...]
    pushes: tuple[Shape, ...]
    snapshots: tuple[Shape, ...]
    pulses: tuple[Shape, ...]
    bodies: tuple[Shape, ...]
    nouns: tuple[Shape, ...]
    choices: tuple[Choice, ...]


PUSHES = (protocol.Push, protocol.Pulse, protocol.Ping, protocol.Restart)
HTTP_ONLY = (model.Fair, model.Venue, model.Region, model.ShelfSlot, model.Enterprise)
PULSES = (protocol.SessionPulse, protocol.RegionPulse)


def shapes() -> Shapes:
    """All shapes of this version of the protocol."""
    commands = _structs(get_args(protocol.Command))
    replies = _structs(get_args(protocol.Reply))
    pushes = _structs(PUSHES)
    snapshots = _structs(get_args(protocol.Snapshot))
    pulses = _structs(PULSES)
    logged = _structs(get_args(bodies.AnyBody))
    named = [*commands, *replies, *pushes, *snapshots, *pulses, *logged]
    nouns: dict[type, inspect.StructType] = {}
    choices: dict[type, inspect.EnumType] = {}
    for struct in [*named, *_structs(HTTP_ONLY)]:
        _collect(struct, nouns, choices)
    for struct in named:
        del nouns[struct.cls]
    return Shapes(
        commands=_described(commands),
        replies=_described(replies),
        pushes=_described(pushes),
        snapshots=_described(snapshots),
        pulses=_described(pulses),
        bodies=_described(logged),
        nouns=_described(nouns.values()),
        choices=tuple(map(_choice, choices)),
    )


def one_line(text: str | None) -> str:
    """A docstring as one line."""
    return " ".join((text or "").split())


def _described(structs: Iterable[inspect.StructType]) -> tuple[Shape, ...]:
    return tuple(map(_shape, structs))


def _structs(classes: tuple[Any, ...]) -> list[inspect.StructType]:
    found = [inspect.type_info(cls) for cls in classes]
    return [struct for struct in found if isinstance(struct, inspect.StructType)]


def _collect(kind: inspect.Type, nouns: dict[type, inspect.StructType], choices: dict[type, inspect.EnumType]) -> None:
    """Note the structs and enumerations that `kind` holds, itself included, deepest last."""
    match kind:
        case inspect.Metadata(type=inner) | inspect.VarTupleType(item_type=inner):
            _collect(inner, nouns, choices)
        case inspect.UnionType(types=options):
            for option in options:
                _collect(option, nouns, choices)
        case inspect.DictType(value_type=inner):
            _collect(inner, nouns, choices)
        case inspect.EnumType(cls=cls):
            choices.setdefault(cls, kind)
        case inspect.StructType(cls=cls):
            if cls not in nouns:
                nouns[cls] = kind
                for field in kind.fields:
                    _collect(field.type, nouns, choices)
        case _:
            pass


def _shape(struct: inspect.StructType) -> Shape:
    tag = str(struct.tag) if struct.tag is not None else ""
    return Shape(
        struct.cls.__name__,
        tag,
        one_line(struct.cls.__doc__),
        tuple(_field(field) for field in struct.fields),
    )


def _choice(cls: type) -> Choice:
    assert issubclass(cls, Enum)
    return Choice(cls.__name__, one_line(cls.__doc__), tuple(str(item.value) for item in cls))


def _field(field: inspect.Field) -> FieldShape:
    kind, text = _bare(field.type)
    return FieldShape(
        name=field.encode_name,
        words=_words(kind),
        jsdoc=_jsdoc(kind),
        required=field.required,
        default="" if field.required else _default(field),
        text=text,
    )


def _bare(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """The type without its description, and the description."""
    if isinstance(kind, inspect.Metadata):
        return kind.type, str((kind.extra_json_schema or {}).get("description", ""))
    return kind, ""


def _default(field: inspect.Field) -> str:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.json.encode(value).decode()


def _words(kind: inspect.Type) -> str:
    match _bare(kind)[0]:
        case inspect.StrType(min_length=low, max_length=high):
            return "string" + _range(low, high, " characters")
        case inspect.IntType(ge=low, le=high):
            return "integer" + _range(low, high, "")
        case inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.RawType():
            return "Body"
        case inspect.EnumType(cls=cls) | inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.VarTupleType(item_type=item, min_length=low, max_length=high):
            return f"list of {_words(item)}" + _range(low, high, "")
        case inspect.DictType(key_type=key, value_type=value):
            return f"map of {_words(key)} to {_words(value)}"
        case inspect.UnionType(types=options):
            return " or ".join(map(_words, options))
        case other:
            raise TypeError(f"no words for {other}")


def _range(low: int | None, high: int | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f", at most {high}{unit}"
    if high is None:
        return f", at least {low}{unit}"
    return f", {low} to {high}{unit}"


def _jsdoc(kind: inspect.Type) -> str:
    match _bare(kind)[0]:
        case inspect.StrType():
            return "string"
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.RawType():
            return "Body"
        case inspect.EnumType(cls=cls) | inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.VarTupleType(item_type=item):
            return f"Array<{_jsdoc(item)}>"
        case inspect.DictType(key_type=key, value_type=value):
            return f"Object<{_jsdoc(key)}, {_jsdoc(value)}>"
        case inspect.UnionType(types=options):
            return "|".join(map(_jsdoc, options))
        case other:
            raise TypeError(f"no JSDoc for {other}")
