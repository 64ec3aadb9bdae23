"""How what passes between hubs is written as bytes: set members, announcements, ticks, pulses, snapshots."""

import struct
from collections.abc import Mapping

import msgspec

from server.bus.bus import Announcement
from server.core.model import Channel, Entry, Epoch, Head

_PREFIX = struct.Struct(">qq")

WireEntry = tuple[int, int, bytes]


class AnnouncementMessage(msgspec.Struct, frozen=True, array_like=True):
    """An announcement and the hub it comes from."""

    hub: str
    channel: str
    epoch: str
    entries: tuple[WireEntry, ...]


class TickMessage(msgspec.Struct, frozen=True, array_like=True):
    """Where the channels of a hub are: channel to (epoch, offset). Also sent when there is nothing to say: the hub
    that hears its own tick knows that its link lives."""

    hub: str
    tops: dict[str, tuple[str, int]]


class PulseMessage(msgspec.Struct, frozen=True, array_like=True):
    """The latest numbers of a hub."""

    hub: str
    numbers: dict[str, bytes]


class PresentHub(msgspec.Struct, frozen=True, array_like=True):
    """A hub says that it is there: the protocol it speaks, and its clock."""

    protocol: int
    at_ms: int


_encoder = msgspec.msgpack.Encoder()
_announcement = msgspec.msgpack.Decoder(AnnouncementMessage)
_tick = msgspec.msgpack.Decoder(TickMessage)
_pulse = msgspec.msgpack.Decoder(PulseMessage)
_present = msgspec.msgpack.Decoder(PresentHub)


def pack_member(entry: Entry) -> bytes:
    """A member of a set: offset and at_ms in 8 bytes each (big-endian), then the body as it is in the log. The same
    entry is the same member, so that adding it again changes nothing."""
    return _PREFIX.pack(entry.offset, entry.at_ms) + entry.body


def unpack_member(member: bytes) -> Entry:
    """The entry of a member. Raises `struct.error` when it is none."""
    offset, at_ms = _PREFIX.unpack_from(member)
    return Entry(offset, at_ms, member[_PREFIX.size :])


def pack_announcement(hub: str, announcement: Announcement) -> bytes:
    """The bytes that are published for an announcement of that hub."""
    entries = tuple((entry.offset, entry.at_ms, entry.body) for entry in announcement.entries)
    return _encoder.encode(AnnouncementMessage(hub, announcement.channel, announcement.epoch, entries))


def unpack_announcement(data: bytes) -> tuple[str, Announcement]:
    """Hub and announcement. Raises one of `UNREADABLE` for other bytes."""
    message = _announcement.decode(data)
    entries = tuple(Entry(*entry) for entry in message.entries)
    return message.hub, Announcement(Channel(message.channel), Epoch(message.epoch), entries)


def pack_tick(hub: str, tops: Mapping[Channel, Head]) -> bytes:
    """The bytes of a tick of that hub."""
    return _encoder.encode(TickMessage(hub, {name: (top.epoch, top.offset) for name, top in tops.items()}))


def unpack_tick(data: bytes) -> TickMessage:
    """Raises one of `UNREADABLE` for other bytes."""
    return _tick.decode(data)


def pack_pulses(hub: str, numbers: dict[str, bytes]) -> bytes:
    """The bytes of a hub's numbers."""
    return _encoder.encode(PulseMessage(hub, numbers))


def unpack_pulses(data: bytes) -> PulseMessage:
    """Raises one of `UNREADABLE` for other bytes."""
    return _pulse.decode(data)


def pack_present(protocol: int, at_ms: int) -> bytes:
    """The bytes of a hub's entry."""
    return _encoder.encode(PresentHub(protocol, at_ms))


def unpack_present(data: bytes) -> PresentHub:
    """Raises one of `UNREADABLE` for other bytes."""
    return _present.decode(data)
