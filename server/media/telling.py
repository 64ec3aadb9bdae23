"""In the child: header and parts as the hub is told of them, the sound alone beside each, and looks between them."""

import contextlib
from collections.abc import Callable

from server.media.cutting import Part
from server.media.fragments import sound_header, sound_of
from server.media.looking import Looking
from server.media.pipe import HeaderIs, PartIs, Told


class Telling:
    """One generation."""

    def __init__(self, say: Callable[[Told], None]) -> None:
        self._say = say
        self._looking: Looking | None = None
        self._has_sound = False

    def header(self, data: bytes) -> None:
        """The header."""
        sound = sound_header(data)
        self._has_sound = bool(sound)
        self._looking = None
        with contextlib.suppress(ValueError, OSError):  # no such decoder: no stills, and it goes on
            self._looking = Looking(data)
        self._say(HeaderIs(data=data, sound=sound))

    def part(self, part: Part) -> None:
        """One part. It goes out before anybody looks at it."""
        self._say(
            PartIs(
                at=part.at,
                duration=part.duration,
                independent=part.independent,
                opens=part.opens,
                data=part.data,
                sound=sound_of(part.data) if self._has_sound else b"",
            )
        )
        look = self._looking.at(part) if self._looking is not None else None
        if look is not None:
            self._say(look)
