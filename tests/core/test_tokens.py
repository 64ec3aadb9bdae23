"""A token proves a principal, and nothing else does."""

import base64

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


@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert code_of(text) is Code.NOT_SIGNED_IN


def test_an_endless_text_is_refused_before_it_is_read() -> None:
    assert code_of("a." + "A" * 100_000) is Code.NOT_SIGNED_IN
