"""One viewer in one hall: a lean link that gets in, follows the stage, does what the plan says, and comes back."""

import random
import time
from typing import TYPE_CHECKING

from clients.python.comeback import LOST, as_told_s, backoff_s
from clients.simulator.errands import Errand
from clients.simulator.lean_link import GONE, IN, JOINING, PONG, LeanLink
from clients.simulator.plan import Act, Visit, Way
from clients.simulator.readings import Reading
from server.core.limits import may_return
from server.core.model import Epoch, SessionState, Since
from server.core.protocol import (
    Join,
    Joined,
    Ping,
    Push,
    Refused,
    Reply,
    Restart,
    ServerMessage,
    StageSnapshot,
    Welcome,
)

if TYPE_CHECKING:
    from clients.simulator.crowd import Crowd

BEHIND_PATIENCE_S = 1.0
LATER_S = 0.5
LAST_LOOKS = 70
"""How often, every LATER_S, somebody who wants to go looks whether the last entries have come: until after a
ping, which uncovers what was lost."""


class Seat(LeanLink):
    """A visit. Invariant: while IN, each errand has been sent on this link or waits for its time to be sent again."""

    __slots__ = (
        "acts_left",
        "by_id",
        "epoch",
        "errands",
        "failures",
        "joining",
        "leaving",
        "over",
        "top",
        "visit",
    )

    def __init__(self, crowd: "Crowd", visit: Visit) -> None:
        super().__init__(crowd, visit.person, visit.hall)
        self.visit = visit
        self.epoch = ""
        self.top = 0
        self.joining = 0
        self.failures = 0
        self.leaving = False
        self.over = False
        self.acts_left = len(visit.acts)
        self.errands: list[Errand] = []
        self.by_id: dict[int, Errand] = {}

    @property
    def channel(self) -> str:
        """The stage of the hall."""
        return "stage/" + self.crowd.sessions[self.hall]

    # ---- what the crowd asks -----------------------------------------------------------------------------------------

    def do(self, act: Act) -> None:
        """Begin an act; one that cannot be done yet is tried again a little later."""
        found = self.crowd.errands.of(act, self.hall)
        if found is None:
            if not self.over:
                self.crowd.later(LATER_S, lambda: self.do(act))
            return
        self.acts_left -= 1
        for errand in found:
            self.errands.append(errand)
            if self.state == IN:
                self._send_errand(errand)
        self._leave_if_done()

    def leave(self) -> None:
        """The visit is over as soon as everything is answered; who goes has everything that others have had a while."""
        self._leave_with(self.crowd.ledger.stage_top[self.crowd.sessions[self.hall]], LAST_LOOKS)

    def _leave_with(self, top: int, looks: int) -> None:
        """Go when everything up to there has come; what does not come in all that time is lost."""
        if self.state == IN and self.top < top:
            if looks:
                self.crowd.later(LATER_S, lambda: self._leave_with(top, looks - 1))
                return
            self.crowd.ledger.problem(f"{self.channel}: a viewer left at {self.top}, others had {top}")
        self.leaving = True
        self._leave_if_done()

    def drop(self) -> None:
        """The network fails: the link is gone without a word, and its viewer comes back."""
        if self.state != GONE:
            self.gone(LOST)

    def _join(self) -> None:
        self.state = JOINING
        hall = self.crowd.sessions[self.hall]
        self._ask_stage()
        self.send(Join(channel=f"chat/{hall}"))
        self.send(Join(channel=f"pulse/{hall}"))

    def _ask_stage(self) -> None:
        since = Since(epoch=Epoch(self.epoch), offset=self.top) if self.epoch else None
        self.joining = self.ids + 1
        self.send(Join(channel=self.channel, since=since))

    # ---- what comes --------------------------------------------------------------------------------------------------

    def told(self, reading: Reading) -> None:
        ledger = self.crowd.ledger
        ledger.counts["deliveries"] += len(reading.told) + reading.others
        if reading.told:
            now_us = time.time_ns() // 1000
            for channel, epoch, offset, at_us in reading.told:
                self._entry(channel, epoch, offset)
                ledger.card_us.add(now_us - at_us)

    def _entry(self, channel: str, epoch: str, offset: int) -> None:
        """An entry of the stage: the next one, or a breach."""
        if offset == self.top + 1 and epoch == self.epoch and channel == self.channel:
            self.top = offset
        elif channel != self.channel or not self.epoch or self.joining:
            return
        elif epoch == self.epoch and offset <= self.top:
            self.crowd.ledger.problem(f"{channel} {offset}: came twice to one viewer")
        else:
            self.crowd.ledger.counts["holes asked about"] += 1
            self._ask_stage()

    def on(self, message: ServerMessage) -> None:
        match message:
            case Push():
                self.crowd.ledger.counts["deliveries"] += 1
                if message.channel.startswith("stage/"):
                    self._entry(message.channel, message.epoch, message.offset)
            case Ping(tops=tops):
                self.write(PONG)
                top = tops.get(self.channel, 0)
                if top > self.top:
                    self.crowd.later(BEHIND_PATIENCE_S, lambda: self._behind(top))
            case Restart(channel=channel) if channel == self.channel:
                self.crowd.ledger.counts["told to start afresh"] += 1
                self.epoch = ""
                self._ask_stage()
            case Welcome():
                self._join()
            case Joined() if message.channel == self.channel:
                self._joined(message)
            case Refused() if message.id not in self.by_id:
                self._refused(message)
            case _:
                self._replied(message)

    def _behind(self, top: int) -> None:
        if self.state == IN and not self.joining and top > self.top:
            self.crowd.ledger.counts["last ones asked for"] += 1
            self._ask_stage()

    def _joined(self, joined: Joined) -> None:
        self.joining = 0
        ledger = self.crowd.ledger
        if joined.recovered and self.epoch == joined.epoch:
            offsets = [entry.offset for entry in joined.entries if entry.offset > self.top]
            if offsets != list(range(self.top + 1, joined.offset + 1)):
                ledger.problem(f"{self.channel}: recovered {offsets} after {self.top} up to {joined.offset}")
            ledger.counts["recovered"] += 1
        elif isinstance(joined.snapshot, StageSnapshot):
            ledger.counts["fresh"] += 1
            if joined.snapshot.session.state is not SessionState.SCHEDULED:
                ledger.on_air.add(joined.snapshot.session.id)
        self.top = max(self.top, joined.offset) if self.epoch == joined.epoch else joined.offset
        self.epoch = joined.epoch
        if self.state == JOINING:
            self._in()

    def _in(self) -> None:
        self.state, self.failures = IN, 0
        self.crowd.came_in(self)
        for errand in list(self.errands):
            self._send_errand(errand)
        self._leave_if_done()

    def _refused(self, refused: Refused) -> None:
        """Hello or a join was refused."""
        self.crowd.ledger.refused[f"entry {refused.code.value}"] += 1
        if refused.temporary:
            self.gone(LOST)
        else:
            self.crowd.ledger.problem(f"{self.channel}: entry refused, {refused.code.value}")
            self._end()

    def _replied(self, reply: ServerMessage) -> None:
        errand = self.by_id.pop(getattr(reply, "id", 0), None)
        if errand is None or not isinstance(reply, Reply):
            return
        if isinstance(reply, Refused) and reply.temporary:
            self.crowd.ledger.counts["told to try again"] += 1
            wait_s = as_told_s(reply, 1.0, random.random())
            errand.id = 0
            self.crowd.later(wait_s, lambda: self._send_errand(errand))
            return
        self.errands.remove(errand)
        follows = self.crowd.errands.answered(errand, reply, self.visit)
        if follows is not None:
            self.errands.append(follows)
            self._send_errand(follows)
        self._leave_if_done()

    # ---- what leaves -------------------------------------------------------------------------------------------------

    def _send_errand(self, errand: Errand) -> None:
        if self.state != IN or errand.id or errand not in self.errands:
            return
        errand.first_ns = errand.first_ns or time.monotonic_ns()
        errand.sends += 1
        errand.id = self.ids + 1
        self.by_id[errand.id] = errand
        self.send(errand.command)
        if errand.way in (Way.RESET, Way.CUT) and self.state == IN:
            way, errand.way = errand.way, Way.ONCE
            self.crowd.ledger.counts["links that died on an application"] += 1
            self.gone(LOST, reset=way is Way.RESET)

    # ---- the end of a link -------------------------------------------------------------------------------------------

    def _leave_if_done(self) -> None:
        if self.leaving and not self.errands and not self.acts_left:
            self._end()

    def _end(self) -> None:
        self.over = True
        self.close()
        self.crowd.gone(self)

    def gone(self, code: int, *, reset: bool = True) -> None:
        """The link has ended; its viewer comes back unless it is over or the hub said not to."""
        self.close(reset=reset)
        if not may_return(code):
            self.crowd.ledger.problem(f"{self.channel}: told not to come back, close code {code}")
            self._end()
        elif not self.over:
            self.failures += 1
            self.crowd.return_in(self, backoff_s(self.failures - 1, random.random()))

    def called_off(self, after_s: float) -> None:
        """A hub that gives no more tokens now is asked again then."""
        self.crowd.return_in(self, after_s)

    def close(self, *, reset: bool = True) -> None:
        """Hang up; what is not answered yet will be sent on the next link."""
        super().close(reset=reset)
        self.joining = 0
        for errand in self.errands:
            errand.id = 0
        self.by_id.clear()
