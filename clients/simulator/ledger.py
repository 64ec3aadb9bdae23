"""What the players hold in their hands: receipts, what the hub said was done, what it refused, what was seen.

At the end this is compared with what is stored and shown. No clock, no socket.
"""

from collections import Counter, defaultdict

import msgspec

from clients.python.histogram import Histogram
from server.core.model import ApplicationId, ApplicationStatus

PROBLEMS_KEPT = 200


class Held(msgspec.Struct):
    """One application as its people hold it: each device has an id and a receipt of its own. `status` is the last step
    anybody was told was done, `intent` whether it ever was one."""

    number: int
    session: str
    position: str
    receipts: dict[ApplicationId, str] = {}
    devices: dict[int, ApplicationId] = {}
    status: ApplicationStatus = ApplicationStatus.APPLIED
    intent: bool = False


class Got(msgspec.Struct, frozen=True):
    """A receipt as it came: for which form of the plan (a twin's is its first's), to which device, with which id."""

    number: int
    device: int
    application: ApplicationId
    receipt: str
    session: str
    position: str


class Entry(msgspec.Struct, frozen=True):
    """An entry of a stage as somebody saw it, its body as bytes."""

    offset: int
    kind: str
    position: str = ""


class Ledger:
    """Filled while the day is played. `problems` are breaches that show at once: an entry twice, two answers to one
    question, a bad line let through."""

    def __init__(self, *, shared: bool = False) -> None:
        """`shared`: others act in the same house, so that what is refused may be their doing."""
        self.shared = shared
        self.held: dict[ApplicationId, Held] = {}
        self.forms: dict[int, Held] = {}
        self.stage_done: dict[str, dict[int, Entry]] = defaultdict(dict)
        self.stage_seen: dict[str, dict[int, Entry]] = defaultdict(dict)
        self.stage_top: dict[str, int] = defaultdict(int)
        self.pulled: set[str] = set()
        self.on_air: set[str] = set()
        self.lines_done: dict[str, set[int]] = defaultdict(set)
        self.lines_by_desk: dict[str, int] = defaultdict(int)
        self.reports = 0
        self.refused: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.card_us = Histogram()
        self.receipt_us = Histogram()

    def problem(self, text: str) -> None:
        """Something that must not be."""
        self.counts["problems"] += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(text)

    def thwarted(self, text: str) -> None:
        """Something planned was refused: a breach, unless others use the house."""
        if not self.shared:
            self.problem(text)

    def receipt(self, got: Got) -> None:
        """An application is on disk, says the hub."""
        held = self.forms.setdefault(got.number, Held(got.number, got.session, got.position))
        if self.held.setdefault(got.application, held) is not held:
            self.problem(f"application {got.application}: one id for two forms, {got.number} and another")
            return
        if held.devices.setdefault(got.device, got.application) != got.application:
            self.problem(f"form {got.number}: one device, two applications {got.application} and another")
        if held.receipts.setdefault(got.application, got.receipt) != got.receipt:
            self.problem(f"application {got.application}: two receipts, {got.receipt} and another")

    def moved(self, application: ApplicationId, status: ApplicationStatus) -> None:
        """A step that the hub said was done."""
        held = self.held.get(application)
        if held is None:
            self.problem(f"application {application}: moved, but nobody holds a receipt")
            return
        held.status = status
        held.intent = held.intent or status is ApplicationStatus.INTENT

    def staged(self, session: str, entry: Entry) -> None:
        """A host's command that the hub said was done."""
        before = self.stage_done[session].setdefault(entry.offset, entry)
        if before != entry:
            self.problem(f"stage/{session} {entry.offset}: given to two commands, {before.kind} and {entry.kind}")

    def was_shown(self, session: str, position: str) -> bool:
        """Whether a host's command to show that card was done."""
        done = self.stage_done.get(session, {}).values()
        return any(entry.kind == "card_shown" and entry.position == position for entry in done)

    def saw(self, session: str, entry: Entry) -> None:
        """An entry of a stage as it came to a viewer."""
        before = self.stage_seen[session].setdefault(entry.offset, entry)
        if before != entry:
            self.problem(f"stage/{session} {entry.offset}: two contents, {before.kind} and {entry.kind}")
        self.stage_top[session] = max(self.stage_top[session], entry.offset)

    def said(self, session: str, offset: int) -> None:
        """A chat line that the hub said was done."""
        if offset in self.lines_done[session]:
            self.problem(f"chat/{session} {offset}: given to two lines")
        self.lines_done[session].add(offset)
