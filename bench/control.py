"""What the measuring process and the process of the viewers say to each other: one JSON line per message.

The measuring process orders through the other's standard input and reads answers from its standard output; every
order has exactly one answer; `Ready` and `Seen` come unasked. Times are `time.monotonic_ns()`, which all processes of
a machine share.
"""

import msgspec

from clients.python.histogram import Histogram


class Base(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of orders and answers; `t` tells which."""


class Begin(Base, frozen=True, kw_only=True, tag="begin"):
    """Forget what was counted; everyone who is in now is expected to get what follows. Answered by `Counted`."""


class Count(Base, frozen=True, kw_only=True, tag="count"):
    """How many deliveries so far? Answered by `Counted`."""


class Report(Base, frozen=True, kw_only=True, tag="report"):
    """What became of these? `sent` maps, for each channel, an offset to when its command was sent (ns);
    without it the hub's own time in each entry is taken. Answered by `Reported`."""

    sent: dict[str, dict[int, int]] | None = None


class Applies(msgspec.Struct, frozen=True):
    """What viewers apply for instead of saying lines."""

    session: str
    positions: tuple[str, ...]
    consent: str


class Talk(Base, frozen=True, kw_only=True, tag="talk"):
    """Say so many lines a second for so long, spread evenly over the rooms and over the viewers of each: in `chat/` of
    the room's session; or apply so often. Answered by `Counted` at once."""

    lines_per_s: float
    seconds: float
    applies: Applies | None = None


class Stop(Base, frozen=True, kw_only=True, tag="stop"):
    """Hang up and end. Answered by `Counted`."""


class Ready(Base, frozen=True, kw_only=True, tag="ready"):
    """Said once, unasked: so many are in, so many could not get in and why, and how long it took."""

    viewers: int
    failed: int
    reason: str
    took_s: float


class Seen(Base, frozen=True, kw_only=True, tag="seen"):
    """Said unasked: the viewer who got in last, and so is written to last, has so many more entries."""

    entries: int


class Counted(Base, frozen=True, kw_only=True, tag="counted"):
    """The sum over all viewers since `Begin`; how many are in; lines that were said and have no answer, or will be."""

    deliveries: int
    viewers: int = 0
    unanswered: int = 0


class OfKind(msgspec.Struct):
    """The same of one kind of channel."""

    deliveries: int = 0
    missing: int = 0
    latency: Histogram = msgspec.field(default_factory=Histogram)


class Back(msgspec.Struct, frozen=True):
    """Who came back after losing the link: all of them by `last_ns`; `tries` connections it took. `recovered` channels
    were told what was missed, `fresh` ones a snapshot."""

    viewers: int
    last_ns: int
    tries: int
    recovered: int
    fresh: int
    put_off: int = 0
    ends: dict[str, int] = {}
    """Why links ended or were not made, the most frequent ones."""


class Said(msgspec.Struct):
    """What viewers said: stored lines by channel, receipts of applications, refusals by code, how long answers took."""

    stored: dict[str, int] = {}
    receipts: int = 0
    refused: dict[str, int] = {}
    took: Histogram = msgspec.field(default_factory=Histogram)
    last_ns: int = 0


class Reported(Base, frozen=True, kw_only=True, tag="reported"):
    """What came since `Begin`. `deliveries` are entries times viewers, `frames` the reads that held whole frames.
    `missing` were announced as sent and did not reach a viewer; `repeats` came again; `lost` viewers are gone."""

    deliveries: int
    frames: int
    missing: int
    repeats: int
    lost: dict[str, int]
    latency: Histogram
    last_ns: int
    cpu_s: float
    kinds: dict[str, OfKind] = {}
    until_last_us: list[int] = []
    """For each entry, how long after its command the last viewer had it."""
    first_ns: int = 0
    early_ms: list[float] = []
    """For each viewer of a launch, how long before its moment it shows it; later is negative."""
    said: Said = msgspec.field(default_factory=Said)
    back: Back | None = None


Order = Begin | Count | Report | Talk | Stop
Answer = Ready | Seen | Counted | Reported

_encoder = msgspec.json.Encoder()
order_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
answer_decoder: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def line(message: Order | Answer) -> bytes:
    """The message as it is written."""
    return _encoder.encode(message) + b"\n"
