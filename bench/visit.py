"""What a page asks for before it has a websocket, and one visitor who asks for it: the page, its scripts, styles and
words, the setup, and a guest's token.

Browsers ask over several connections or one with several streams; here it is one connection with the requests one after
another without waiting, which costs a server the same. Answers of unchanging files are counted by their bytes: what the
first visitor got, everybody gets.
"""

import gzip
import json
import re

import msgspec

LINKED = re.compile(rb'(?:src|href)="(/static/[^"]+)"')
WORDS = ("locales/zh-CN.json", "locales/zh-CN.viewer.json")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_END = b"\r\n\r\n"
_GOOD = b"HTTP/1.1 200"


class VisitError(Exception):
    """A server did not give what a page needs."""


class Answer(msgspec.Struct, frozen=True):
    """One answer over HTTP."""

    status: int
    body: bytes
    size: int
    """Bytes of head and body together."""


def answer_in(data: bytes) -> Answer | None:
    """The first answer in the bytes; None while it is not whole. Raises `VisitError` for one without a length."""
    end = data.find(_END)
    if end < 0:
        return None
    length = _LENGTH.search(data, 0, end + 2)
    if length is None:
        raise VisitError("an answer without a length")
    begin = end + len(_END)
    size = begin + int(length[1])
    return Answer(int(data[9:12]), data[begin:size], size) if len(data) >= size else None


def files_of(page: bytes) -> list[str]:
    """What the page needs to run, in its order."""
    found = [address.decode() for address in LINKED.findall(page)]
    root = re.match(r"/static/(v-[0-9a-f]+/)?", found[0]) if found else None
    if root is None:
        raise VisitError("a page without scripts")
    return list(dict.fromkeys([*found, *(root[0] + words for words in WORDS)]))


def get(path: str, host: str) -> bytes:
    """One request of a page."""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode("ascii")


def guest(host: str) -> bytes:
    """The request for a guest's token."""
    return (
        f"POST /api/guest HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ).encode("ascii")


class Shell:
    """What is known of the page since the first visitor: its files, and how many bytes their answers are."""

    def __init__(self, host: str, path: str) -> None:
        self.host = host
        self.page = get(path, host)
        self.requests = b""
        self.files = 0
        self.bytes = 0

    def learn(self, page: bytes) -> None:
        """The page came."""
        if not self.requests:
            paths = files_of(page)
            self.files = len(paths)
            self.requests = b"".join(get(path, self.host) for path in (*paths, "/api/setup"))


class Visit:
    """One visitor's way to a token, as bytes in and bytes out."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._held = b""
        self._step = 0
        self._size = 0
        self._answers = 0
        self.token = ""
        self.bytes = 0

    def begin(self) -> bytes:
        """The page, please."""
        return self._shell.page

    def hear(self, data: bytes) -> bytes:
        """What is asked for next; nothing while more has to come, or when `token` is there. Raises `VisitError`."""
        self.bytes += len(data)
        if self._step == 1:
            return self._count(data)
        self._held += data
        answer = answer_in(self._held)
        if answer is None:
            return b""
        if answer.status != 200:
            raise VisitError(f"status {answer.status}")
        self._held = b""
        self._step += 1
        if self._step == 1:
            self._shell.learn(_unpacked(answer.body))
            return self._shell.requests
        self.token = str(json.loads(_unpacked(answer.body))["token"])
        return b""

    def _count(self, data: bytes) -> bytes:
        shell = self._shell
        if not self._size and not data.startswith(_GOOD[: len(data)]):
            raise VisitError(data[:15].decode("latin-1"))
        self._size += len(data)
        if shell.bytes:
            if self._size < shell.bytes:
                return b""
        elif not self._all_came(data):
            return b""
        shell.bytes = shell.bytes or self._size
        self._step, self._held = 2, b""
        return guest(shell.host)

    def _all_came(self, data: bytes) -> bool:
        """The first visitors look at every answer."""
        self._held += data
        while (answer := answer_in(self._held)) is not None:
            if answer.status != 200:
                raise VisitError(f"status {answer.status}")
            self._held = self._held[answer.size :]
            self._answers += 1
        return self._answers > self._shell.files


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
