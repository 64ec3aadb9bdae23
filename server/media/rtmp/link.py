"""One RTMP connection, as a client, with a blocking socket: for child processes only."""

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Final

from server.media.rtmp import amf
from server.media.rtmp.address import Place
from server.media.rtmp.chunks import BadChunks, ChunkReader, Kind, Message, chunked

CONNECT_S: Final = 5.0
ANSWER_S: Final = 10.0
OUT_CHUNK: Final = 4096
READ_BYTES: Final = 64 * 1024
_CONTROL, _COMMAND, _SOUND, _PICTURE = 2, 3, 4, 6
_CHANNEL: Final = {Kind.AUDIO: _SOUND, Kind.VIDEO: _PICTURE, Kind.DATA: _SOUND}


class Refused(Exception):
    """The server said no: a wrong key, a name that is taken. Never carries what it said: it may quote the key."""


class RtmpLink:
    """Made by `connect`. Reading and writing raise `OSError` (also when they take too long), `BadChunks`, `BadAmf`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()
        self._reader = ChunkReader()
        self._ready: list[Message] = []
        self._got = 0
        self._acked = 0
        self._window = 0
        self._transaction = 0.0
        self.stream = 0

    @classmethod
    def connect(cls, place: Place, family: int, address: str) -> "RtmpLink":
        """A connection to that application at an address that was looked at. Raises `Refused` too."""
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(CONNECT_S)
            sock.connect((address, place.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if place.tls:
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=place.host)
            link = cls(sock)
            link._handshake()
            link._open(place)
        except BaseException:
            sock.close()
            raise
        return link

    def _handshake(self) -> None:
        self._sock.sendall(b"\x03" + bytes(8) + os.urandom(1528))
        answer = self._exactly(1 + 1536)
        if answer[0] != 3:
            raise BadChunks("another version")
        self._sock.sendall(answer[1:])
        self._exactly(1536)

    def _exactly(self, size: int) -> bytes:
        data = b""
        end_s = time.monotonic() + CONNECT_S
        while len(data) < size:
            piece = self._sock.recv(size - len(data))
            if not piece or time.monotonic() > end_s:
                raise ConnectionError("closed")
            data += piece
        return data

    def _open(self, place: Place) -> None:
        self.send(Message(Kind.SET_CHUNK, 0, OUT_CHUNK.to_bytes(4, "big")), chunk=128)
        about = {
            "app": place.app,
            "type": "nonprivate",
            "flashVer": "FMLE/3.0 (compatible; daigang)",
            "tcUrl": place.url,
            "fpad": False,
            "capabilities": 15,
            "audioCodecs": 4071,
            "videoCodecs": 252,
            "videoFunction": 1,
        }
        self._call("connect", about)

    # ---- what is asked of the server ----

    def play(self, name: str) -> None:
        """What follows by `messages` is that stream, live."""
        self._create()
        self._command("play", None, name, -1000, stream=self.stream)

    def publish(self, name: str) -> None:
        """What is sent from now on is that stream. Raises `Refused`, also when the server hangs up at the name: most
        say no that way."""
        self._command("releaseStream", None, name)
        self._command("FCPublish", None, name)
        self._create()
        self._command("publish", None, name, "live", stream=self.stream)
        while True:
            try:
                told = self._next_command()
            except ConnectionError:
                raise Refused from None
            if told[0] == "onStatus":
                about = told[3] if len(told) > 3 else None
                if isinstance(about, dict) and about.get("code") == "NetStream.Publish.Start":
                    return
                raise Refused
            if told[0] in ("_error", "close"):
                raise Refused

    def _create(self) -> None:
        result = self._call("createStream", None)
        number = result[3] if len(result) > 3 else None
        if not isinstance(number, float) or not 0 < number < 2**31:
            raise BadChunks("no stream")
        self.stream = int(number)

    def _call(self, name: str, *values: object) -> list[amf.Value]:
        wanted = self._command(name, *values)
        while True:
            told = self._next_command()
            if len(told) > 1 and told[1] == wanted:
                if told[0] == "_error":
                    raise Refused
                if told[0] == "_result":
                    return told

    def _command(self, name: str, *values: object, stream: int = 0) -> float:
        self._transaction += 1
        body = amf.encode([name, self._transaction, *values])
        self.send(Message(Kind.COMMAND, 0, body, stream))
        return self._transaction

    def _next_command(self) -> list[amf.Value]:
        end_s = time.monotonic() + ANSWER_S
        for message in self.messages(ANSWER_S):
            if message.kind == Kind.COMMAND:
                told = amf.decode(message.body)
                if told and isinstance(told[0], str):
                    return told
            if time.monotonic() > end_s:
                raise TimeoutError
        raise ConnectionError("closed")

    # ---- messages ----

    def send(self, message: Message, *, chunk: int = OUT_CHUNK) -> None:
        """Hand on one message; blocks as the socket does."""
        channel = _CHANNEL.get(Kind(message.kind), _COMMAND if message.kind == Kind.COMMAND else _CONTROL)
        data = chunked(message, channel, chunk)
        with self._sending:
            self._sock.sendall(data)

    def settle(self, timeout_s: float) -> None:
        """How long a read or a write may take from now on."""
        self._sock.settimeout(timeout_s)

    def messages(self, timeout_s: float) -> Iterator[Message]:
        """What the server says, until it closes; pings and acknowledgements are answered."""
        self._sock.settimeout(timeout_s)
        while True:
            yield from self._taken()
            if not self._take():
                return

    def messages_quietly(self) -> Iterator[Message]:
        """The same beside a thread that sends: servers may be silent for as long as they like."""
        while True:
            yield from self._taken()
            # A plain read would run into the time a write may take. TLS may hold what was read already.
            if not (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
                select.select([self._sock], [], [])
            if not self._take():
                return

    def _taken(self) -> Iterator[Message]:
        while self._ready:
            message = self._ready.pop(0)
            if message.kind == Kind.CONTROL and message.body[:2] == b"\0\x06":
                self.send(Message(Kind.CONTROL, 0, b"\0\x07" + message.body[2:6]))
            elif message.kind == Kind.WINDOW and len(message.body) >= 4:
                self._window = int.from_bytes(message.body[:4], "big")
            yield message

    def _take(self) -> bool:
        data = self._sock.recv(READ_BYTES)
        self._got += len(data)
        if self._window and self._got - self._acked >= self._window // 2:
            self._acked = self._got
            self.send(Message(Kind.ACK, 0, (self._got & 0xFFFFFFFF).to_bytes(4, "big")))
        self._ready += self._reader.feed(data)
        return bool(data)

    @staticmethod
    def is_refusal(message: Message) -> bool:
        """Whether the server ends what is published. Raises `BadAmf`."""
        told = amf.decode(message.body)
        about = told[3] if len(told) > 3 and told[0] == "onStatus" else None
        return isinstance(about, dict) and about.get("level") == "error"

    def unpublish(self, name: str) -> None:
        """Nothing more comes."""
        self._command("FCUnpublish", None, name)
        self._command("deleteStream", None, self.stream)

    def close(self) -> None:
        """At once."""
        self._sock.close()
