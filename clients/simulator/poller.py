"""Thousands of sockets beside an asyncio loop: one epoll of their own, which the loop watches as a single file.

asyncio spends as much on one small read as a hub does on one send; epoll and `recv` alone let the crowd keep up with
the hub, and hosts, HR and timers stay ordinary coroutines. Where there is no epoll, each socket is watched by the loop
itself, more slowly.
"""

import asyncio
import select
from typing import Protocol

AT_ONCE = 512
"""Events taken in one turn of the loop: everybody else waits that long, some milliseconds."""
_READ, _WRITE = 1, 4  # EPOLLIN and EPOLLOUT


class Ready(Protocol):
    """Whose socket it is."""

    def can_read(self) -> None:
        """There is something to read, or the other end is gone."""

    def can_write(self) -> None:
        """It is connected, or it failed to."""


class Poller:
    """Invariant: a socket is known from `call` until `forget`, and is forgotten before it is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll() if hasattr(select, "epoll") else None
        self._by_fd: dict[int, Ready] = {}
        if self._epoll is not None:
            loop.add_reader(self._epoll.fileno(), self._drain)

    def __len__(self) -> int:
        return len(self._by_fd)

    def call(self, fd: int, ready: Ready) -> None:
        """A socket that is being connected: `can_write` once, then `can_read` whenever."""
        self._by_fd[fd] = ready
        if self._epoll is not None:
            self._epoll.register(fd, _WRITE)
        else:
            self._loop.add_writer(fd, ready.can_write)

    def listen(self, fd: int) -> None:
        """It is connected: reading alone matters from now on."""
        ready = self._by_fd[fd]
        if self._epoll is not None:
            self._epoll.modify(fd, _READ)
        else:
            self._loop.remove_writer(fd)
            self._loop.add_reader(fd, ready.can_read)

    def forget(self, fd: int) -> None:
        """It is about to be closed."""
        if self._by_fd.pop(fd, None) is None:
            return
        if self._epoll is not None:
            self._epoll.unregister(fd)
        else:
            self._loop.remove_writer(fd)
            self._loop.remove_reader(fd)

    def close(self) -> None:
        """No more events."""
        if self._epoll is not None:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _drain(self) -> None:
        assert self._epoll is not None
        known = self._by_fd
        for fd, mask in self._epoll.poll(0, AT_ONCE):
            ready = known.get(fd)
            if ready is None:
                continue
            if mask & _WRITE:
                ready.can_write()
            else:
                ready.can_read()
