"""Thousands of viewers in one thread: a bare epoll loop, because the load must cost less than what it measures.

asyncio spends as much on one small read as a hub does on one send; with `epoll.poll` and `recv` alone the viewers' core
can keep up with the hub's. (Where there is no epoll, `select.poll` does the same, more slowly.)
"""

import os
import select
import time
from collections import Counter, deque
from collections.abc import Callable

import msgspec

from bench.clocks import Clocked
from bench.comeback import AskingAgain, ComingBack
from bench.control import (
    Answer,
    Back,
    Begin,
    Count,
    Counted,
    Order,
    Ready,
    Report,
    Seen,
    Stop,
    Talk,
    line,
    order_decoder,
)
from bench.manners import Daigang
from bench.named_manners import manner_of
from bench.plan import Plan
from bench.talk import Talking
from bench.tally import Runs, Tally
from bench.viewer import CALLING, IN, UPGRADING, Viewer
from clients.python import frames as wire
from server.core.refusal import Refusal

READ_BYTES = 32 * 1024
IN_WITHIN_S = 30.0
WAIT_S = 0.05
READABLE, WRITABLE = 1, 4  # POLLIN and POLLOUT, the same for epoll and poll


def _poller() -> "select.epoll | select.poll":
    return select.epoll() if hasattr(select, "epoll") else select.poll()


class Crowd:
    """Invariant: a viewer is in `_by_fd` exactly as long as its socket is open."""

    def __init__(self, plan: Plan, order_fd: int, write: Callable[[bytes], object]) -> None:
        self._plan = plan
        self._talking = Talking(plan)
        self._manner = manner_of(plan, self._talking.replied)
        self._tally = Tally(plan.counted, self._manner.read)
        self._poller = _poller()
        self._unit = 1 if hasattr(select, "epoll") else 1000  # epoll takes seconds, poll milliseconds
        self._by_fd: dict[int, Viewer] = {}
        self._opening: deque[Viewer] = deque()
        self._called = 0
        self._counted_in = 0
        self._in = 0
        self._failed: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._expected: list[Viewer] = []
        self._witness: Viewer | None = None
        self._coming_back = ComingBack()
        self._again = AskingAgain()
        self._back_ns = 0
        self._ends: Counter[str] = Counter()  # why whoever comes back lost its link, or did not get one
        self._ready = False
        self._order_fd = order_fd
        self._orders = b""
        self._write = write
        self._stopped = False
        self._began_s = time.monotonic()
        self._cpu_s = time.process_time()

    def run(self) -> None:
        """Call everybody, say `Ready`, then follow orders until `Stop` or until nobody orders any more."""
        self._poller.register(self._order_fd, READABLE)
        while not self._stopped:
            wait_s = self._talking.wait_s(time.monotonic(), WAIT_S)
            for fd, mask in self._poller.poll(wait_s * self._unit):
                viewer = self._by_fd.get(fd)
                if viewer is not None:
                    self._on_viewer(viewer, mask)
                elif fd == self._order_fd:
                    self._on_orders()
            if not self._ready:
                self._ready = self._call_more()
            self._speak()
            self._call_back()
        for viewer in list(self._by_fd.values()):
            self._close(viewer)

    # ---- getting in --------------------------------------------------------------------------------------------------

    def _call_more(self) -> bool:
        now_s = time.monotonic()
        while self._opening and (self._opening[0].state == IN or self._opening[0].sock.fileno() < 0):
            self._opening.popleft()
        if self._opening and self._opening[0].deadline_s < now_s:
            self._gone(self._opening[0], "not in within its time")
        # Viewers at the head may still be waiting while later ones are in: count those that really are on their way.
        on_their_way = self._called - self._counted_in - self._failed.total()
        while self._called < self._plan.viewers and on_their_way < self._plan.at_once:
            viewer = Viewer(self._called, len(self._plan.counted))
            self._call(viewer, now_s)
            self._opening.append(viewer)
            self._called += 1
            on_their_way += 1
        if self._called < self._plan.viewers or on_their_way:
            return False
        reason = "; ".join(f"{why} ({times})" for why, times in self._failed.most_common(3))
        took_s = round(time.monotonic() - self._began_s, 3)
        self._say(Ready(viewers=self._in, failed=self._failed.total(), reason=reason, took_s=took_s))
        return True

    def _call(self, viewer: Viewer, now_s: float) -> None:
        fd = viewer.call(self._plan.address(viewer.number), now_s + IN_WITHIN_S)
        self._by_fd[fd] = viewer
        self._poller.register(fd, WRITABLE)

    def _call_back(self) -> None:
        if isinstance(self._manner, Daigang) and self._plan.returning:
            now_s = time.monotonic()
            self._again.later(self._manner.put_off, now_s)
            for viewer, id in self._again.due(now_s):
                viewer.send(self._manner.join_again(viewer, id))
        if self._coming_back:
            now_s = time.monotonic()
            for viewer in self._coming_back.due(now_s):
                self._call(viewer, now_s)

    def _enter(self, viewer: Viewer) -> None:
        self._in += 1
        if viewer.failures:
            viewer.failures = 0
            self._back_ns = time.monotonic_ns()
            return
        self._counted_in += 1
        self._witness = viewer
        self._talking.enter(viewer)

    def _speak(self) -> None:
        for viewer, data in self._talking.speak(time.monotonic(), time.monotonic_ns()):
            try:
                viewer.send(data)
            except (OSError, wire.WireError) as error:
                self._gone(viewer, f"{type(error).__name__}: {error}"[:80])

    # ---- what comes --------------------------------------------------------------------------------------------------

    def _on_viewer(self, viewer: Viewer, mask: int) -> None:
        try:
            if viewer.state == CALLING:
                viewer.connected()
                self._poller.modify(viewer.sock.fileno(), READABLE)
                viewer.send(self._manner.request(viewer))
                return
            data = viewer.sock.recv(READ_BYTES)
            if not data:
                self._gone(viewer, "closed without a word")
            elif viewer.state == IN and not viewer.held:
                runs = self._tally.known(data)
                if runs is not None:
                    self._take(viewer, runs)
                else:
                    self._read(viewer, data)
            else:
                held, viewer.held = viewer.held, b""
                self._read(viewer, held + data)
        except BlockingIOError:
            return
        except (OSError, wire.WireError, Refusal) as error:
            self._gone(viewer, f"{type(error).__name__}: {error}"[:80])

    def _read(self, viewer: Viewer, data: bytes) -> None:
        if viewer.state == UPGRADING:
            rest = wire.after_head(data)
            if rest is None:
                viewer.held = data
                return
            viewer.send(self._manner.upgraded(viewer))
            if viewer.state == IN:
                self._enter(viewer)
            data = rest
        runs, others, controls, used = self._tally.learn(data)
        viewer.held = data[used:]
        # A `joined` stands before the pushes of its channel: it sets what they are counted from.
        early = viewer.state != IN
        if early:
            self._answer(viewer, others)
        self._take(viewer, runs)
        if not early:
            self._answer(viewer, others)
        for opcode, payload in controls:
            if opcode == wire.CLOSE:
                self._gone(viewer, f"close {wire.close_code(payload)}")
                return
            if opcode == wire.PING:
                viewer.send(wire.client_frame(payload, wire.PONG))

    def _answer(self, viewer: Viewer, others: list[object]) -> None:
        for message in others:
            was_in = viewer.state == IN
            viewer.send(self._manner.hear(viewer, message))
            if viewer.state == IN and not was_in:
                self._enter(viewer)

    def _take(self, viewer: Viewer, runs: Runs) -> None:
        if runs:
            self._tally.take(viewer.tops, runs, time.monotonic_ns())
            if viewer is self._witness:
                self._say(Seen(entries=sum(run.last - run.first + 1 for run in runs)))

    def _gone(self, viewer: Viewer, why: str) -> None:
        was_in = viewer.state == IN
        self._close(viewer)
        self._in -= was_in
        if self._ready and self._plan.returning:
            self._ends[why] += 1
            self._coming_back.later(viewer, time.monotonic())
        else:
            (self._lost if was_in else self._failed)[why] += 1

    def _close(self, viewer: Viewer) -> None:
        fd = viewer.sock.fileno()
        if fd < 0:
            return
        self._by_fd.pop(fd, None)
        self._poller.unregister(fd)
        viewer.hang_up()

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _on_orders(self) -> None:
        data = os.read(self._order_fd, 1 << 20)
        if not data:
            self._stopped = True
            return
        *orders, self._orders = (self._orders + data).split(b"\n")
        for order in orders:
            self._obey(order_decoder.decode(order))

    def _obey(self, order: Order) -> None:
        match order:
            case Begin():
                self._tally.begin()
                self._talking.begin()
                self._lost.clear()
                self._expected = [viewer for viewer in self._by_fd.values() if viewer.state == IN]
                self._cpu_s = time.process_time()
            case Report(sent=sent):
                self._report(sent)
                return
            case Talk():
                self._talking.start(order, time.monotonic())
            case Stop():
                self._stopped = True
            case Count():
                pass
        self._say(
            Counted(deliveries=self._tally.deliveries, viewers=self._in, unanswered=self._talking.unanswered),
        )

    def _report(self, sent: dict[str, dict[int, int]] | None) -> None:
        cpu_s = time.process_time() - self._cpu_s
        tops = [viewer.tops for viewer in self._expected]
        times = self._tally.by_hub_clock() if sent is None else {**self._talking.times, **sent}
        report = self._tally.report(times, tops, self._lost, cpu_s)
        back = None
        if self._plan.returning and isinstance(self._manner, Daigang):
            back = Back(
                viewers=self._in,
                last_ns=self._back_ns,
                tries=self._coming_back.tries,
                recovered=self._manner.recovered,
                fresh=self._manner.fresh,
                put_off=self._again.total,
                ends=dict(self._ends.most_common(8)),
            )
        early_ms = self._manner.early_ms() if isinstance(self._manner, Clocked) else []
        self._say(msgspec.structs.replace(report, said=self._talking.said, back=back, early_ms=early_ms))

    def _say(self, answer: Answer) -> None:
        self._write(line(answer))
