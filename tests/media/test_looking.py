"""What the child sees and hears in a real stream, and the sound of it alone."""

import io
from typing import Any

from server.media.looks import Looks
from server.media.pipe import HeaderIs, LookIs, Order, PartIs, Told
from tests.media.recordings import decoded, need_av, recording


def packaged(film: bytes) -> list[Told]:
    from server.media.packaging import Packaging
    from server.media.telling import Telling

    said: list[Told] = []
    telling = Telling(said.append)
    packaging = Packaging(Order(offset_ms=1_000.0), telling.header, telling.part)
    packaging.feed(film)
    packaging.end()
    return said


def looks_of(said: list[Told]) -> list[LookIs]:
    return [one for one in said if isinstance(one, LookIs)]


def alarms_of(looks: list[LookIs]) -> set[str]:
    seen = Looks()
    for n, look in enumerate(looks):
        seen.add(look, 5_000 * n)
    return {alarm.what for alarm in seen.alarms()}


def test_a_look_every_five_seconds_with_a_small_picture():
    av: Any = need_av()
    looks = looks_of(packaged(recording(17.0, size=(640, 360))))
    assert len(looks) == 3
    assert looks[0].change is None
    assert all(look.change and look.change > 20 for look in looks[1:])
    with av.open(io.BytesIO(looks[0].still)) as still:
        (stream,) = still.streams
        assert (stream.codec_context.width, stream.codec_context.height) == (320, 180)


def test_a_black_picture_and_a_silent_room():
    need_av()
    assert alarms_of(looks_of(packaged(recording(20.0, scene="black")))) == {"black", "silent"}


def test_a_frozen_picture_with_sound():
    need_av()
    looks = looks_of(packaged(recording(24.0, scene="frozen", tone=True)))
    assert alarms_of(looks) == {"frozen"}
    assert all(look.loud_db is not None and -30 < look.loud_db < 0 for look in looks[1:])


def test_a_picture_that_moves_and_speaks_is_fine():
    need_av()
    assert alarms_of(looks_of(packaged(recording(20.0, tone=True)))) == set()


def test_the_sound_alone_decodes_and_is_small():
    need_av()
    said = packaged(recording(6.0, size=(640, 360), tone=True))
    (header,) = (one for one in said if isinstance(one, HeaderIs))
    parts = [one for one in said if isinstance(one, PartIs)]
    alone = header.sound + b"".join(part.sound for part in parts)
    assert decoded(alone) == (0, decoded(header.data + b"".join(part.data for part in parts))[1])
    assert len(alone) < 70_000


def test_a_picture_without_sound_has_no_sound_alone():
    need_av()
    said = packaged(recording(6.0, sound=False))
    assert not any(one.sound for one in said if isinstance(one, HeaderIs | PartIs))
    assert looks_of(said)[0].loud_db is None
