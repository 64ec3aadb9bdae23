"""A token proves a principal, and nothing else does."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from server.core import tokens
from server.core.model import Grant, PersonId, Principal, Role
from server.core.refusal import Code, Refusal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
HOST = Principal(
    person=PersonId("p1"),
    token_id="t1",
    issued_at_ms=1_000,
    until_ms=2_000,
    name="主播",
    grants=(Grant(role=Role.HOST, scope="S01"),),
)


def code_of(token: str, now_ms: int = 1_500) -> Code:
    with pytest.raises(Refusal) as refused:
        tokens.verify(token, (KEY.public_key(),), now_ms)
    return refused.value.code


def test_a_token_comes_back_as_its_principal() -> None:
    assert tokens.verify(tokens.issue(HOST, KEY), (KEY.public_key(),), 1_999) == HOST


def test_either_of_two_keys_will_do_so_that_keys_can_be_changed() -> None:
    assert tokens.verify(tokens.issue(HOST, OTHER), (KEY.public_key(), OTHER.public_key()), 1_500) == HOST


def test_an_ended_token_is_expired() -> None:
    assert code_of(tokens.issue(HOST, KEY), 2_000) is Code.TOKEN_EXPIRED


def test_a_token_from_elsewhere_is_nobody() -> None:
    assert code_of(tokens.issue(HOST, OTHER)) is Code.NOT_SIGNED_IN


def test_a_changed_token_is_nobody() -> None:
    head, _, tail = tokens.issue(HOST, KEY).partition(".")
    body = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)).replace(b"S01", b"S02")
    forged = base64.urlsafe_b64encode(body).rstrip(b"=").decode() + "." + tail
    assert code_of(forged) is Code.NOT_SIGNED_IN


@pytest.mark.parametrize("field", ["person", "name"])
def test_nobody_has_a_name_that_no_database_takes(field: str) -> None:
    assert code_of(tokens.issue(msgspec.structs.replace(HOST, **{field: "p\0"}), KEY)) is Code.NOT_SIGNED_IN


SEALING = tokens.sealing_key(KEY)


def taken_apart(token: str) -> tuple[bytes, str]:
    head, _, tail = token.partition(".")
    return base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)), tail


def put_together(body: bytes, tail: str) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode() + "." + tail


def test_who_has_the_key_of_the_seal_needs_no_signature() -> None:
    body, _ = taken_apart(tokens.issue(HOST, KEY))
    assert tokens.verify(put_together(body, ""), (), 1_500, SEALING) == HOST
    assert code_of(put_together(body, "")) is Code.NOT_SIGNED_IN


def test_a_token_of_before_there_were_seals_is_good_by_its_signature() -> None:
    plain = msgspec.msgpack.encode(HOST)
    tail = base64.urlsafe_b64encode(KEY.sign(plain)).rstrip(b"=").decode()
    assert tokens.verify(put_together(plain, tail), (KEY.public_key(),), 1_500, SEALING) == HOST


def test_nobody_else_can_seal() -> None:
    body, tail = taken_apart(tokens.issue(HOST, KEY))
    plain, theirs = msgspec.msgpack.encode(HOST), taken_apart(tokens.issue(HOST, OTHER))
    forged = [
        put_together(body.replace(b"S01", b"S02"), tail),
        put_together(body[:-1] + bytes((body[-1] ^ 1,)), ""),
        put_together(body[-16:], ""),
        put_together(plain, ""),
        put_together(*theirs),
        *(put_together(body[:at], "") for at in range(len(body))),
    ]
    for token in forged:
        with pytest.raises(Refusal) as refused:
            tokens.verify(token, (KEY.public_key(),), 1_500, SEALING)
        assert refused.value.code is Code.NOT_SIGNED_IN


def test_a_seal_does_not_keep_a_token_good_for_longer() -> None:
    with pytest.raises(Refusal) as refused:
        tokens.verify(tokens.issue(HOST, KEY), (), 2_000, SEALING)
    assert refused.value.code is Code.TOKEN_EXPIRED


FAR = msgspec.structs.replace(HOST, province="220000", audience="210000")


def test_a_token_without_an_audience_is_the_same_bytes_as_before_there_were_any() -> None:
    assert b"audience" not in taken_apart(tokens.issue(HOST, KEY))[0]
    assert tokens.at_home(HOST) == HOST


def test_an_audience_cannot_be_taken_away_or_changed() -> None:
    token = tokens.issue(FAR, KEY)
    assert tokens.verify(token, (KEY.public_key(),), 1_500) == FAR
    body, tail = taken_apart(token)
    plain = msgspec.msgpack.encode(HOST)
    for forged in (body.replace(b"210000", b"330000"), body.replace(b"audience", b"audienzz"), plain):
        assert forged != body
        assert code_of(put_together(forged, tail)) is Code.NOT_SIGNED_IN


def test_a_token_is_good_where_it_was_made_for_and_nowhere_else() -> None:
    guest = tokens.guest_from(FAR, "210000")
    assert (guest.person, guest.grants, guest.audience) == ("220000.p1", (), "")
    for here in ("", "220000", "330000"):
        with pytest.raises(Refusal) as refused:
            tokens.guest_from(FAR, here)
        assert refused.value.code is Code.NOT_SIGNED_IN
    for shown in (HOST, msgspec.structs.replace(HOST, province="220000")):
        with pytest.raises(Refusal):
            tokens.guest_from(shown, "210000")
    with pytest.raises(Refusal) as refused:
        tokens.at_home(FAR)
    assert refused.value.code is Code.NOT_SIGNED_IN


@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert code_of(text) is Code.NOT_SIGNED_IN


def test_an_endless_text_is_refused_before_it_is_read() -> None:
    assert code_of("a." + "A" * 100_000) is Code.NOT_SIGNED_IN


@pytest.mark.parametrize("body", [b"\x81\xa6person\xa1\xff", b"\x81\xa1x" + b"\x91" * 1_500 + b"\xc0"])
def test_what_breaks_a_decoder_is_nobodys_token(body: bytes) -> None:
    """Text that is not UTF-8, and nesting without end, from a stranger and from a province that is trusted."""
    stranger = put_together(body, "")
    assert len(stranger) <= tokens.TOKEN_LIMIT_CHARS
    assert tokens.claimed_province(stranger) == ""
    assert code_of(stranger) is Code.NOT_SIGNED_IN
    assert (
        code_of(put_together(body, base64.urlsafe_b64encode(KEY.sign(body)).rstrip(b"=").decode()))
        is Code.NOT_SIGNED_IN
    )
