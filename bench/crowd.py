"""Thousands of viewers in one thread: a bare epoll loop, because the load must cost less than what it measures.

asyncio spends as much on one small read as a hub does on one send; with `epoll.poll` and `recv` alone the viewers' core
can keep up with the hub's. (Where there is no epoll, `select.poll` does the same, more slowly.)
"""

import os
import select
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Callable

import msgspec

from bench.control import Answer, Begin, Count, Counted, Order, Ready, Report, Seen, Stop, line, order_decoder
from bench.people import Signer
from bench.tally import NOT_A_MEMBER, Runs, Tally
from clients.python import frames as wire
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Join, Joined, Ping, Pong, Refused, Restart, ServerMessage, Welcome, encode
from server.core.refusal import Refusal

READ_BYTES = 32 * 1024
OPENING_AT_ONCE = 100
IN_WITHIN_S = 30.0
VIEWERS_PER_ADDRESS = 10_000
"""Local ports are 28,000 per address; beyond this the next address of 127.0.0.0/8 is used."""
CALLING, UPGRADING, GREETING, JOINING, IN = range(5)
READABLE, WRITABLE = 1, 4  # POLLIN and POLLOUT, the same for epoll and poll
HANG_UP = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: no TIME_WAIT, the next round needs the port
PONG = wire.client_frame(encode(Pong()))


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call and how many. `bare_top` is for a server that only upgrades and sends: everyone is in after the
    handshake and has everything up to that offset. `seed` is the hub's signing seed."""

    host: str
    port: int
    viewers: int
    rooms: tuple[tuple[str, ...], ...]
    """For each room the channels to join; viewer N is in room N modulo rooms. `me/{person}` is each viewer's own; such
    channels are joined and not counted."""
    bare_top: int | None = None
    seed: bytes = b""
    name: str = "viewer"


class Viewer:
    """One websocket. `held` are bytes of a frame that is not whole yet; `tops` the last offset of each channel."""

    __slots__ = ("deadline_s", "held", "number", "sock", "state", "tops", "waits")

    def __init__(self, number: int, sock: socket.socket, deadline_s: float, channels: int) -> None:
        self.number = number
        self.sock = sock
        self.deadline_s = deadline_s
        self.held = b""
        self.state = CALLING
        self.tops = [NOT_A_MEMBER] * channels
        self.waits = 0

    def send(self, data: bytes) -> None:
        """Write something small. Raises `WireError` when the kernel does not take all of it."""
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            raise wire.WireError("the server does not read")


def _poller() -> "select.epoll | select.poll":
    return select.epoll() if hasattr(select, "epoll") else select.poll()


class Crowd:
    """Invariant: a viewer is in `_by_fd` exactly as long as its socket is open."""

    def __init__(self, plan: Plan, order_fd: int, write: Callable[[bytes], object]) -> None:
        self._plan = plan
        self._rooms = plan.rooms
        names = tuple(dict.fromkeys(name for room in plan.rooms for name in room if "{" not in name))
        self._index = {name: index for index, name in enumerate(names)}
        self._tally = Tally(names)
        self._signer = Signer(plan.seed) if plan.bare_top is None else None
        self._poller = _poller()
        self._wait = 0.05 if hasattr(select, "epoll") else 50  # epoll takes seconds, poll milliseconds
        self._by_fd: dict[int, Viewer] = {}
        self._opening: deque[Viewer] = deque()
        self._called = 0
        self._counted_in = 0
        self._failed: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._expected: list[Viewer] = []
        self._witness: Viewer | None = None
        self._order_fd = order_fd
        self._orders = b""
        self._write = write
        self._stopped = False
        self._began_s = time.monotonic()
        self._cpu_s = time.process_time()

    def run(self) -> None:
        """Call everybody, say `Ready`, then follow orders until `Stop` or until nobody orders any more."""
        self._poller.register(self._order_fd, READABLE)
        ready = False
        while not self._stopped:
            for fd, mask in self._poller.poll(self._wait):
                viewer = self._by_fd.get(fd)
                if viewer is not None:
                    self._on_viewer(viewer, mask)
                elif fd == self._order_fd:
                    self._on_orders()
            if not ready:
                ready = self._call_more()
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
        while self._called < self._plan.viewers and on_their_way < OPENING_AT_ONCE:
            self._call(self._called, now_s)
            self._called += 1
            on_their_way += 1
        if self._called < self._plan.viewers or on_their_way:
            return False
        reason = "; ".join(f"{why} ({times})" for why, times in self._failed.most_common(3))
        self._say(
            Ready(
                viewers=self._counted_in,
                failed=self._failed.total(),
                reason=reason,
                took_s=round(time.monotonic() - self._began_s, 3),
            )
        )
        return True

    def _call(self, number: int, now_s: float) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if number >= VIEWERS_PER_ADDRESS and sys.platform == "linux":
            sock.bind((f"127.0.0.{1 + number // VIEWERS_PER_ADDRESS}", 0))
        viewer = Viewer(number, sock, now_s + IN_WITHIN_S, len(self._index))
        sock.connect_ex((self._plan.host, self._plan.port))
        self._by_fd[sock.fileno()] = viewer
        self._poller.register(sock.fileno(), WRITABLE)
        self._opening.append(viewer)

    def _room_of(self, viewer: Viewer) -> tuple[str, ...]:
        return self._rooms[viewer.number % len(self._rooms)]

    def _person(self, viewer: Viewer) -> str:
        return f"{self._plan.name}-{viewer.number}"

    def _in(self, viewer: Viewer) -> None:
        viewer.state = IN
        self._witness = viewer
        self._counted_in += 1

    # ---- what comes --------------------------------------------------------------------------------------------------

    def _on_viewer(self, viewer: Viewer, mask: int) -> None:
        try:
            if viewer.state == CALLING:
                self._connected(viewer)
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

    def _connected(self, viewer: Viewer) -> None:
        error = viewer.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        viewer.state = UPGRADING
        self._poller.modify(viewer.sock.fileno(), READABLE)
        viewer.send(wire.upgrade_request(self._plan.host, self._plan.port))

    def _read(self, viewer: Viewer, data: bytes) -> None:
        if viewer.state == UPGRADING:
            rest = wire.after_head(data)
            if rest is None:
                viewer.held = data
                return
            self._upgraded(viewer)
            data = rest
        runs, messages, controls, used = self._tally.learn(data)
        viewer.held = data[used:]
        if viewer.state != IN and messages:
            # A `joined` stands before the pushes of its channel: it sets what they are counted from.
            self._answers(viewer, messages)
            messages = []
        self._take(viewer, runs)
        for message in messages:
            self._on_message(viewer, message)
        for opcode, payload in controls:
            if opcode == wire.CLOSE:
                self._gone(viewer, f"close {wire.close_code(payload)}")
                return
            if opcode == wire.PING:
                viewer.send(wire.client_frame(payload, wire.PONG))

    def _take(self, viewer: Viewer, runs: Runs) -> None:
        if runs:
            self._tally.take(viewer.tops, runs, time.monotonic_ns())
            if viewer is self._witness:
                self._say(Seen(entries=sum(run.last - run.first + 1 for run in runs)))

    def _upgraded(self, viewer: Viewer) -> None:
        if self._signer is None:
            for name in self._room_of(viewer):
                viewer.tops[self._index[name]] = self._plan.bare_top or 0
            self._in(viewer)
            return
        viewer.state = GREETING
        token = self._signer.token(self._person(viewer))
        hello = Hello(id=1, version=PROTOCOL_VERSION, token=token)
        viewer.send(wire.client_frame(encode(hello)))

    def _answers(self, viewer: Viewer, messages: list[ServerMessage]) -> None:
        for message in messages:
            if isinstance(message, Welcome):
                viewer.state = JOINING
                room = self._room_of(viewer)
                viewer.waits = len(room)
                person = self._person(viewer)
                joins = (Join(id=2 + at, channel=name.format(person=person)) for at, name in enumerate(room))
                viewer.send(b"".join(wire.client_frame(encode(join)) for join in joins))
                if not room:
                    self._in(viewer)
            elif isinstance(message, Joined):
                if message.channel in self._index:
                    viewer.tops[self._index[message.channel]] = message.offset
                viewer.waits -= 1
                if viewer.waits == 0:
                    self._in(viewer)
            else:
                self._on_message(viewer, message)

    def _on_message(self, viewer: Viewer, message: ServerMessage) -> None:
        match message:
            case Ping():
                viewer.send(PONG)
            case Restart(channel=channel):
                raise wire.WireError(f"told to start {channel.partition('/')[0]} afresh")
            case Refused(code=code):
                raise wire.WireError(f"refused: {code.value}")
            case _:
                pass

    def _gone(self, viewer: Viewer, why: str) -> None:
        (self._lost if viewer.state == IN else self._failed)[why] += 1
        self._close(viewer)

    def _close(self, viewer: Viewer) -> None:
        fd = viewer.sock.fileno()
        if fd < 0:
            return
        self._by_fd.pop(fd, None)
        self._poller.unregister(fd)
        viewer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
        viewer.sock.close()

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
                self._lost.clear()
                self._expected = [viewer for viewer in self._by_fd.values() if viewer.state == IN]
                self._cpu_s = time.process_time()
            case Report(sent=sent):
                cpu_s = time.process_time() - self._cpu_s
                tops = [viewer.tops for viewer in self._expected]
                if sent is None:
                    sent = self._tally.by_hub_clock()
                self._say(self._tally.report(sent, tops, self._lost, cpu_s))
                return
            case Stop():
                self._stopped = True
            case Count():
                pass
        self._say(Counted(deliveries=self._tally.deliveries))

    def _say(self, answer: Answer) -> None:
        self._write(line(answer))
