"""Visitors who come cold, evenly over some time, and stay: each loads the page, takes a token, opens its websocket and
joins what a page joins. In once it has its snapshot, and with it the card that is shown.

A process of its own, as `bench.viewers` is: the plan on standard input, one JSON line when all have come or given up;
it stays until standard input ends. One epoll loop.
"""

import os
import select
import sys
import time
from collections import Counter

import msgspec

from bench.comeback import AskingAgain
from bench.machine import allow_many_files
from bench.manners import Daigang
from bench.plan import Plan
from bench.tally import Read
from bench.viewer import AWAY, CALLING, IN, UPGRADING, Viewer
from bench.visit import Shell, Visit, VisitError
from clients.python import frames as wire
from clients.python.histogram import Histogram
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Ping, encode
from server.core.refusal import Refusal

READ_BYTES = 256 * 1024
READABLE, WRITABLE = 1, 4
IN_WITHIN_S = 30.0


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """`plan` says whom and how many; pages come from `front`, which may be the hub itself; all within `over_s`."""

    plan: Plan
    front: tuple[str, int]
    path: str
    over_s: float


class Came(msgspec.Struct, frozen=True):
    """What became of them: `latency` from the first packet to the snapshot; `shell_bytes` of page, files and token;
    `put_off` joins were refused for now and asked again."""

    inside: int
    put_off: int
    failed: dict[str, int]
    latency: Histogram
    shell_bytes: int
    files: int
    cpu_s: float
    took_s: float


class Guest(Daigang):
    """Says hello with the token the page got, as a browser does."""

    def __init__(self, plan: Plan, host: str) -> None:
        super().__init__(plan, lambda _id, _reply: None)
        self._request = wire.upgrade_request(plan.host, plan.port, origin=f"http://{host}")
        self.tokens: dict[int, str] = {}

    def upgraded(self, viewer: Viewer) -> bytes:
        """Its own token, once."""
        super().upgraded(viewer)
        return wire.client_frame(encode(Hello(id=1, version=PROTOCOL_VERSION, token=self.tokens.pop(viewer.number))))

    def read(self, payload: bytes) -> Read:
        """Entries are nothing to somebody who is just counted in."""
        return Read(others=super().read(payload).others)


class Visitors:
    """Invariant: a visitor is in `_by_fd` while its socket is open, and in `_visits` until it has a token."""

    def __init__(self, coming: Coming) -> None:
        self._coming = coming
        plan = coming.plan
        self._host = f"{plan.host}:{plan.port}"
        self._shell = Shell(self._host, coming.path)
        self._manner = Guest(plan, self._host)
        self._poll = select.epoll()
        self._by_fd: dict[int, Viewer] = {}
        self._visits: dict[int, Visit] = {}
        self._began_s: dict[int, float] = {}
        self._latency = Histogram()
        self._failed: Counter[str] = Counter()
        self._bytes = 0
        self._inside = 0
        self._again = AskingAgain()

    def run(self) -> None:
        """Until nobody wants us any more."""
        plan, began_s = self._coming.plan, time.monotonic()
        gap_s = self._coming.over_s / plan.viewers
        called, told = 0, False
        self._poll.register(0, READABLE)
        while True:
            now_s = time.monotonic()
            while called < plan.viewers and began_s + called * gap_s <= now_s:
                self._come(called, began_s + called * gap_s)
                called += 1
            for fd, _ in self._poll.poll(0.005):
                if fd == 0:
                    return
                viewer = self._by_fd.get(fd)
                if viewer is not None:
                    self._on(viewer)
            self._ask_again(now_s)
            if not told and called == plan.viewers and self._over(now_s):
                self._tell(time.monotonic() - began_s)
                told = True

    def _come(self, number: int, due_s: float) -> None:
        viewer = Viewer(number, len(self._coming.plan.counted))
        self._began_s[number] = due_s
        self._visits[number] = Visit(self._shell)
        self._call(viewer, self._coming.front)

    def _call(self, viewer: Viewer, address: tuple[str, int]) -> None:
        try:
            fd = viewer.call(address, time.monotonic() + IN_WITHIN_S)
        except OSError as error:
            self._gone(viewer, str(error))
            return
        self._by_fd[fd] = viewer
        self._poll.register(fd, WRITABLE)

    def _on(self, viewer: Viewer) -> None:
        try:
            visit = self._visits.get(viewer.number)
            if viewer.state == CALLING:
                viewer.connected()
                self._poll.modify(viewer.sock.fileno(), READABLE)
                viewer.send(visit.begin() if visit else self._manner.request(viewer))
                return
            data = viewer.sock.recv(READ_BYTES)
            if not data:
                self._gone(viewer, "closed without a word")
            elif visit is not None:
                self._browse(viewer, visit, data)
            else:
                self._talk(viewer, viewer.held + data)
        except BlockingIOError:
            return
        except (OSError, wire.WireError, VisitError, Refusal) as error:
            self._gone(viewer, f"{type(error).__name__}: {error}"[:60])

    def _browse(self, viewer: Viewer, visit: Visit, data: bytes) -> None:
        viewer.send(visit.hear(data))
        if visit.token:
            del self._visits[viewer.number]
            self._bytes = visit.bytes
            self._manner.tokens[viewer.number] = visit.token
            self._close(viewer)
            self._call(viewer, (self._coming.plan.host, self._coming.plan.port))

    def _talk(self, viewer: Viewer, data: bytes) -> None:
        if viewer.state == UPGRADING:
            rest = wire.after_head(data)
            viewer.held = data if rest is None else b""
            if rest is None:
                return
            viewer.send(self._manner.upgraded(viewer))
            data = rest
        found, used = wire.split(data)
        viewer.held = data[used:]
        for opcode, payload in found:
            if opcode == wire.CLOSE:
                raise wire.WireError(f"close {wire.close_code(payload)}")
            others = self._manner.read(payload).others if opcode == wire.BINARY else []
            for message in others:
                if viewer.state != IN or isinstance(message, Ping):
                    self._hear(viewer, message)

    def _hear(self, viewer: Viewer, message: object) -> None:
        was_in = viewer.state == IN
        viewer.send(self._manner.hear(viewer, message))
        if viewer.state == IN and not was_in:
            self._inside += 1
            self._latency.add(int((time.monotonic() - self._began_s[viewer.number]) * 1e6))

    def _ask_again(self, now_s: float) -> None:
        self._again.later(self._manner.put_off, now_s)
        for viewer, id in self._again.due(now_s):
            viewer.send(self._manner.join_again(viewer, id))

    def _gone(self, viewer: Viewer, why: str) -> None:
        self._failed[f"lost: {why}" if viewer.state == IN else why] += 1
        self._visits.pop(viewer.number, None)
        self._close(viewer)

    def _close(self, viewer: Viewer) -> None:
        fd = viewer.sock.fileno()
        if self._by_fd.pop(fd, None) is not None:
            self._poll.unregister(fd)
        viewer.hang_up()

    def _over(self, now_s: float) -> bool:
        on_their_way = [viewer for viewer in self._by_fd.values() if viewer.state not in (IN, AWAY)]
        for viewer in on_their_way:
            if viewer.deadline_s < now_s:
                self._gone(viewer, "not in within its time")
        return not on_their_way

    def _tell(self, took_s: float) -> None:
        came = Came(
            inside=self._inside,
            failed=dict(self._failed),
            put_off=self._again.total,
            latency=self._latency,
            shell_bytes=self._bytes,
            files=self._shell.files + 3,
            cpu_s=time.process_time(),
            took_s=took_s,
        )
        os.write(1, msgspec.json.encode(came) + b"\n")


def main() -> int:
    """Read the plan and do it."""
    allow_many_files()
    plan = sys.stdin.buffer.readline()
    Visitors(msgspec.json.decode(plan, type=Coming)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
