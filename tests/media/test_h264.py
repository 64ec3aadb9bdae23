"""H.264 units and parameter sets; no PyAV needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media import h264
from server.media.bad_media import BadMedia

# As x264 writes them.
SPS = bytes.fromhex("6742c00cda05067e7840000003004000000ca3c50aa8")
SPS_480 = bytes.fromhex("6742c01eda0360f79b84000003000400000300ca3c58ba80")
PPS = bytes.fromhex("68ce0fc8")
IDR = b"\x65\x88\x84\x00\x10"


def test_units_with_start_codes_of_either_length():
    frame = b"\0\0\0\1\x09\x10" + b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\1" + IDR
    found = h264.units(frame, lengths=False)
    assert found == [b"\x09\x10", SPS, PPS, IDR]
    assert h264.is_key(found)
    assert h264.parameters_in(found) == h264.Parameters(SPS, PPS)
    assert h264.sample(found) == b"".join(len(unit).to_bytes(4, "big") + unit for unit in found[1:])


def test_units_with_lengths_even_when_a_length_looks_like_a_start_code():
    long = b"\x41" + b"x" * 255
    assert h264.units(len(long).to_bytes(4, "big") + long, lengths=True) == [long]


@pytest.mark.parametrize("broken", [b"", b"\0\0\0\x09abc", b"\0\0\0\0", b"\0\0\0\1ab"])
def test_lengths_that_do_not_fit(broken: bytes):
    with pytest.raises(BadMedia):
        h264.units(broken, lengths=True)


def test_a_record_and_back():
    parameters = h264.Parameters(SPS, PPS)
    assert h264.parameters_of(parameters.avcc()) == parameters
    assert parameters.codec == "avc1.42C00C"
    assert h264.parameters_of(b"") is None
    assert h264.parameters_of(b"\0\0\0\1\x67") is None


def test_the_size_of_a_picture():
    assert h264.picture_size(SPS) == (320, 180)
    assert h264.picture_size(SPS_480) == (854, 480)


@given(st.binary(max_size=80))
def test_whatever_an_sps_says_it_is_read_or_refused(data: bytes):
    try:
        width, height = h264.picture_size(b"\x67" + data)
        assert 16 <= width <= 4096
        assert 16 <= height <= 4096
    except BadMedia:
        pass
