"""Whose tokens are good, where several provinces trust each other."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.assembling.trust import Trust, public_text, trust_of
from server.config import Config, ConfigError, OtherProvince
from server.core import tokens
from server.core.model import Grant, PersonId, Principal, Role
from server.core.refusal import Code, Refusal

HERE, THERE, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
TRUST = Trust("220000", HERE, {"210000": THERE.public_key()}, lambda: 1_000)


def token(key: Ed25519PrivateKey, province: str, audience: str = "") -> str:
    host = Grant(role=Role.ADMIN, scope="220000")
    principal = Principal(
        person=PersonId("p_1"),
        token_id="t",
        issued_at_ms=1,
        until_ms=2_000,
        grants=(host,),
        province=province,
        audience=audience,
    )
    return tokens.issue(principal, key)


def test_ones_own_are_what_they_say() -> None:
    for province in ("", "220000"):
        principal = TRUST.verify(token(HERE, province))
        assert (principal.person, principal.province, len(principal.grants)) == ("p_1", "", 1)


def test_a_far_person_is_a_guest_under_a_name_nobody_here_has() -> None:
    principal = TRUST.verify(token(THERE, "210000", "220000"))
    assert (principal.person, principal.grants) == ("210000.p_1", ())
    assert (principal.province, principal.audience) == ("210000", "")


@pytest.mark.parametrize("audience", ["", "210000", "330000", "22000", "2200000", "220000 ", "*"])
def test_what_another_province_made_for_itself_or_a_third_is_no_word_here(audience: str) -> None:
    """What is shown in one province can be shown in no other: who reads it there gains nothing here."""
    with pytest.raises(Refusal) as refused:
        TRUST.verify(token(THERE, "210000", audience))
    assert refused.value.code is Code.NOT_SIGNED_IN


@pytest.mark.parametrize("trust", [TRUST, Trust("220000", HERE, {}, lambda: 1_000)], ids=["provinces", "alone"])
@pytest.mark.parametrize("province", ["", "220000"])
@pytest.mark.parametrize("audience", ["210000", "330000", "220000"])
def test_what_was_made_for_a_far_province_is_not_good_at_home(trust: Trust, province: str, audience: str) -> None:
    with pytest.raises(Refusal) as refused:
        trust.verify(token(HERE, province, audience))
    assert refused.value.code is Code.NOT_SIGNED_IN


def test_a_house_without_a_code_is_nobodys_audience() -> None:
    nameless = Trust("", HERE, {"210000": THERE.public_key()}, lambda: 1_000)
    with pytest.raises(Refusal):
        nameless.verify(token(THERE, "210000"))


@pytest.mark.parametrize(
    ("key", "province"),
    [(THERE, ""), (THERE, "220000"), (HERE, "210000"), (STRANGER, "210000"), (STRANGER, ""), (THERE, "330000")],
)
def test_nobody_speaks_for_another_province(key: Ed25519PrivateKey, province: str) -> None:
    for audience in ("", "220000"):
        with pytest.raises(Refusal) as refused:
            TRUST.verify(token(key, province, audience))
        assert refused.value.code is Code.NOT_SIGNED_IN


@pytest.mark.parametrize("text", ["", ".", "a.b", "x" * 5_000, "AAAA.AAAA", "\u00e9.\u00e9"])
def test_what_is_no_token_is_nobodys(text: str) -> None:
    assert tokens.claimed_province(text) == ""
    with pytest.raises(Refusal):
        TRUST.verify(text)


def test_the_printed_key_is_the_one_to_write_down() -> None:
    other = OtherProvince(title="辽宁", url="https://l.example", key=public_text(THERE), redis="redis://h")
    trust = trust_of(Config(provinces={"210000": other}), HERE, lambda: 1_000)
    here = Config().province.code
    assert trust.verify(token(THERE, "210000", here)).person == "210000.p_1"
    for wrong in ("", "x", base64.b64encode(b"short").decode()):
        with pytest.raises(ConfigError, match=r"provinces\.210000\.key"):
            trust_of(Config(provinces={"210000": OtherProvince(title="a", url="b", key=wrong)}), HERE, lambda: 0)
