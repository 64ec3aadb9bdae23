"""Lines that viewers say themselves, and applications they send, so that these need no connections but their own.

Each room gets its lines at even intervals, its viewers take turns, and every line has a key of its own. A line in five
is a question, as in the corpus of the day (a hub counts questions and so does more for them).
"""

import heapq
import random
import time
from collections import Counter, defaultdict, deque
from typing import NamedTuple

from bench.control import Applies, Said, Talk
from bench.manners import SAID_FROM, Outcome
from bench.plan import Plan
from bench.viewer import IN, Viewer
from clients.python import frames as wire
from clients.python.histogram import Histogram
from server.core.model import PositionId, SessionId
from server.core.protocol import Apply, Done, Receipt, Refused, Say, encode

LINES = (
    "主播好，第一次来直播间",
    "这个待遇在我们这边不错了",
    "已投递，等电话，谢谢主播",
    "老家有人在这家厂干过，说挺正规",
    "12号岗位包吃住吗",
)
AT_ONCE = 50
"""Lines in one turn of the loop; what is late goes with the next."""


def _key() -> str:
    """As the pages make them (`shared/outbox.js`): the moment, then 80 bits of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"


class _Under(NamedTuple):
    channel: str
    at_ns: int


class Talking:
    """Whose turn it is in each room, what is under way, and what became of it."""

    def __init__(self, plan: Plan) -> None:
        self._chats = [next((name for name in room if name.startswith("chat/")), "") for room in plan.rooms]
        self._turns: list[deque[Viewer]] = [deque() for _ in plan.rooms]
        self._under_way: dict[int, _Under] = {}
        self._next_id = SAID_FROM
        self._due: list[tuple[float, int]] = []
        self._gap_s = 0.0
        self._until_s = 0.0
        self._applies: Applies | None = None
        self.begin()

    def begin(self) -> None:
        """Forget what became of earlier ones."""
        self.times: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._refused: Counter[str] = Counter()
        self._receipts = 0
        self._took = Histogram()
        self._last_ns = 0

    def enter(self, viewer: Viewer) -> None:
        """One more who may speak."""
        self._turns[viewer.number % len(self._turns)].append(viewer)

    @property
    def unanswered(self) -> int:
        """Lines under way, and rooms where more are to be said."""
        return len(self._under_way) + len(self._due)

    @property
    def said(self) -> Said:
        """What became of them."""
        return Said(
            stored={name: len(times) for name, times in self.times.items()},
            receipts=self._receipts,
            refused=dict(self._refused),
            took=self._took,
            last_ns=self._last_ns,
        )

    def start(self, order: Talk, now_s: float) -> None:
        """From now on; rooms begin one after another within the first interval."""
        rooms = len(self._turns)
        self._applies = order.applies
        self._gap_s = rooms / order.lines_per_s
        self._until_s = now_s + order.seconds
        self._due = [(now_s + self._gap_s * room / rooms, room) for room in range(rooms)]
        heapq.heapify(self._due)

    def wait_s(self, now_s: float, most_s: float) -> float:
        """How long nothing has to be said, and `most_s` at most."""
        return min(most_s, max(0.0, self._due[0][0] - now_s)) if self._due else most_s

    def speak(self, now_s: float, now_ns: int) -> list[tuple[Viewer, bytes]]:
        """Who has to say what now."""
        lines: list[tuple[Viewer, bytes]] = []
        while self._due and self._due[0][0] <= now_s and len(lines) < AT_ONCE:
            due_s, room = self._due[0]
            if due_s >= self._until_s:
                heapq.heappop(self._due)
                continue
            heapq.heapreplace(self._due, (due_s + self._gap_s, room))
            viewer = self._next(room)
            if viewer is not None:
                lines.append((viewer, self._command(room, now_ns)))
        return lines

    def replied(self, id: int, reply: Outcome) -> None:
        """It was stored, or not."""
        under = self._under_way.pop(id, None)
        if under is None:
            return
        self._last_ns = time.monotonic_ns()
        self._took.add((self._last_ns - under.at_ns) // 1000)
        if isinstance(reply, Done):
            self.times[under.channel][reply.offset] = under.at_ns
        elif isinstance(reply, Receipt):
            self._receipts += 1
        else:
            self._refused[reply.code.value if isinstance(reply, Refused) else "waits"] += 1

    def _next(self, room: int) -> Viewer | None:
        turns = self._turns[room]
        for _ in range(len(turns)):
            turns.rotate(-1)
            if turns[0].state == IN:
                return turns[0]
        return None

    def _command(self, room: int, now_ns: int) -> bytes:
        self._next_id += 1
        return self._line(room, now_ns) if self._applies is None else self._application(self._applies, now_ns)

    def _application(self, applies: Applies, now_ns: int) -> bytes:
        """By a phone of its own (199 and a counter), so each is a new row, acknowledged after its commit."""
        id = self._next_id
        self._under_way[id] = _Under("", now_ns)
        apply = Apply(
            id=id,
            session=SessionId(applies.session),
            position=PositionId(applies.positions[id % len(applies.positions)]),
            name="测试者",
            phone=f"199{id:08d}",
            consent=applies.consent,
            age_confirmed=True,
            key=_key(),
        )
        return wire.client_frame(encode(apply))

    def _line(self, room: int, now_ns: int) -> bytes:
        name = self._chats[room]
        self._under_way[self._next_id] = _Under(name, now_ns)
        session = SessionId(name.partition("/")[2])
        text = LINES[self._next_id % len(LINES)]
        return wire.client_frame(encode(Say(id=self._next_id, session=session, text=text, key=_key())))
