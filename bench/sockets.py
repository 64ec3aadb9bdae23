"""What the kernel holds for single TCP connections of this machine, asked over netlink (sock_diag(7)).

/proc/net/tcp says the same, but of every socket there is: with 14,000 of them one look cost 35 ms of the load's core
(measured), and that would be part of what is measured. Linux only; elsewhere, or where the kernel has no inet_diag,
nothing is known.
"""

import socket
import struct
import sys

SOCK_DIAG = 4
ESTABLISHED = 1
ANSWER_BYTES = 4096
_BY_FAMILY = 20
_REQUEST = 1
_NO_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_ASK = struct.Struct("=BBBxI")  # inet_diag_req_v2 up to its id: family, protocol, extensions, states
_PORTS = struct.Struct("!HH")
_STATE_AT = _HEADER.size + 1
_QUEUE_AT = _HEADER.size + 4 + 48 + 8  # inet_diag_msg: four bytes, the id, two words, then idiag_wqueue
_WORD = struct.Struct("=I")


def question(local: tuple[str, int], peer: tuple[str, int]) -> bytes:
    """Asks for one connection by both ends (IPv4 address, port)."""
    ends = _PORTS.pack(local[1], peer[1]) + b"".join(socket.inet_aton(end[0]).ljust(16, b"\0") for end in (local, peer))
    body = _ASK.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0xFFFFFFFF) + ends + _WORD.pack(0) + _NO_COOKIE
    return _HEADER.pack(_HEADER.size + len(body), _BY_FAMILY, _REQUEST, 0, 0) + body


def held_bytes(answer: bytes) -> int | None:
    """What an answer says waits or is on its way; None when there is no such connection, or it is no longer
    established (a listener on the port is found instead of one that is gone)."""
    if len(answer) < _QUEUE_AT + _WORD.size or _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None
    if answer[_STATE_AT] != ESTABLISHED:
        return None
    return int(_WORD.unpack_from(answer, _QUEUE_AT)[0])


class Queues:
    """Send queues of the connections between one port and some peers, all of one IPv4 address."""

    def __init__(self, host: str, port: int, peers: frozenset[int]) -> None:
        self._questions = {peer: question((host, port), (host, peer)) for peer in peers}

    def look(self) -> dict[int, int]:
        """Bytes of each that is established, by the peer's port."""
        if sys.platform != "linux" or not self._questions:
            return {}
        found: dict[int, int] = {}
        try:
            kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, SOCK_DIAG)
        except OSError:
            return {}
        with kernel:
            kernel.settimeout(1.0)
            for peer, asked in self._questions.items():
                kernel.send(asked)
                held = held_bytes(kernel.recv(ANSWER_BYTES))
                if held is not None:
                    found[peer] = held
        return found
