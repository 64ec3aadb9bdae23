"""Ending a thread's wait for the database from outside.

PostgreSQL limits every statement itself, but a stopped server limits nothing, and its kernel goes on acknowledging.
Then the socket is shut down under the waiting thread, which sees a broken connection.
"""

import os
import socket
import threading

from sqlalchemy import Connection

from server.store.engines import link_of


class Breakable:
    """One use of a connection by one thread, which another may break."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._link: int | None = None
        self.broken = False

    def begin(self, conn: Connection) -> None:
        """The using thread: from here on it may be broken."""
        link = link_of(conn)
        with self._guard:
            self._link = link

    def end(self) -> None:
        """The using thread: not any more. Under the guard, so that a socket number is never another's by then."""
        with self._guard:
            self._link = None

    def shut(self) -> None:
        """Any other thread: end the wait, if there is one."""
        with self._guard:
            self.broken = True
            if self._link is None:
                return
            try:
                with socket.socket(fileno=os.dup(self._link)) as link:
                    link.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
