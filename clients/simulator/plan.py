"""What happens on the day, from a seed: who comes when and where, what hosts show, who applies for what and what
becomes of it, who says what. Pure: nothing here knows a hub, and the same wish gives the same plan everywhere."""

from enum import StrEnum

import msgspec

from server.core.model import EnterpriseId, PositionId, SessionId

LEAST_GAP_S = 0.1
"""Real seconds between two cards of a hall, however fast the day is played."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What to play. `viewers` are persons, `at_once` how many of them are there together at the peak (0: three in
    eight). `halls`: only these many of the day's 49, in their order, the largest left out where `main` is false.
    `talkers`: how many persons may write (None: everybody). `gap_s`: least time between two cards of a hall.
    `favoured`: enterprises that many apply to, and whose own people answer."""

    seed: int
    viewers: int
    at_once: int = 0
    halls: int = 49
    main: bool = True
    until_s: float = 16.5 * 3600
    talkers: int | None = None
    gap_s: float = 0.0
    faults: bool = True
    favoured: tuple[str, ...] = ()


class Way(StrEnum):
    """How an application is sent: once; twice with one key (a double tap) or with two (two tabs); with a link that dies
    between sending and answer, by a reset or by an ordinary end."""

    ONCE = "once"
    TWICE = "twice"
    TWO_KEYS = "two_keys"
    RESET = "reset"
    CUT = "cut"


class Fate(StrEnum):
    """What becomes of an application on this day."""

    INTENT = "intent"
    INTERVIEW = "interview"
    UNSUITABLE = "unsuitable"
    CONTACTED = "contacted"
    VIEWED = "viewed"
    SILENT = "silent"
    WITHDRAWN = "withdrawn"


class Show(msgspec.Struct, frozen=True):
    """A card. `undone`: it was the wrong one and is taken back after a moment."""

    at_s: float
    position: PositionId
    undone: bool = False


class HallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A hall's day. `relayed`: it shows the main hall's opening until 09:20."""

    session: SessionId
    visitors: int
    intents: int
    start_s: float
    end_s: float
    relayed: bool
    shows: tuple[Show, ...]


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of a form. `twin_of`: the same phone, name and position from another device, which is the same
    application. `steps`: when the enterprise looks, calls and decides, as far as its fate goes."""

    number: int
    hall: int
    position: PositionId
    enterprise: EnterpriseId
    name: str
    phone: str
    at_s: float
    way: Way
    fate: Fate
    for_whom: str = ""
    steps: tuple[float, ...] = ()
    withdrawn_s: float = 0.0
    twin_of: int = -1


class Apply(msgspec.Struct, frozen=True, tag=True):
    """Send application NUMBER."""

    at_s: float
    number: int


class Withdraw(msgspec.Struct, frozen=True, tag=True):
    """Take application NUMBER back."""

    at_s: float
    number: int


class Confirm(msgspec.Struct, frozen=True, tag=True):
    """Show by a code that the number is one's own, where the house asks for that before anybody may write."""

    at_s: float
    phone: str


class Say(msgspec.Struct, frozen=True, tag=True):
    """A chat line. `why`: what it has to be refused for."""

    at_s: float
    text: str
    why: str = ""


class Ask(msgspec.Struct, frozen=True, tag=True):
    """A quick question."""

    at_s: float
    position: PositionId
    topic: str


class Complain(msgspec.Struct, frozen=True, tag=True):
    """A report (举报) of a card."""

    at_s: float
    position: PositionId


Act = Apply | Withdraw | Confirm | Say | Ask | Complain


class Pull(msgspec.Struct, frozen=True):
    """A position that was reported false, and that the operators close: nobody applies for it any more."""

    at_s: float
    hall: int
    position: PositionId


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One stay of a person in a hall."""

    person: int
    hall: int
    at_s: float
    until_s: float
    acts: tuple[Act, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole day. `visits` by arrival."""

    wish: Wish
    halls: tuple[HallPlan, ...]
    visits: tuple[Visit, ...]
    applications: tuple[Application, ...]
    pulls: tuple[Pull, ...]
    peak: int

    @property
    def end_s(self) -> float:
        """When the last hall closes."""
        return max(hall.end_s for hall in self.halls)
