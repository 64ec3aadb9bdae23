"""Personal data in the store: sealed at rest, found by HMAC, in no text that leaves it."""

import logging
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from server.core.model import ApplicationStatus
from server.core.refusal import Refusal
from server.store import application_queries, tables
from server.store.application_queries import Page
from server.store.keyring import Keyring, SealBroken
from server.store.people import Personal, mask_name, mask_phone
from server.store.receipts import LETTERS, new_receipt
from server.store.store import Store
from tests.contract.conftest import OpenStore
from tests.contract.store_day import answer, apply, e0, loaded, look, outcome, q, receipt, s0, say

ONE, TWO, FINDING = (bytes([n]) * 32 for n in (1, 2, 3))


def test_sealed_twice_looks_different_and_opens_the_same():
    keyring = Keyring({"k1": ONE}, "k1", FINDING)
    first, second = keyring.seal(b"secret", "a1"), keyring.seal(b"secret", "a1")
    assert first != second
    assert b"secret" not in first
    assert keyring.open(first, "a1") == keyring.open(second, "a1") == b"secret"


def test_a_seal_opens_for_its_row_and_its_key_only():
    keyring = Keyring({"k1": ONE}, "k1", FINDING)
    sealed = keyring.seal(b"secret", "a1")
    with pytest.raises(SealBroken):
        keyring.open(sealed, "a2")
    with pytest.raises(SealBroken):
        Keyring({"k1": TWO}, "k1", FINDING).open(sealed, "a1")
    with pytest.raises(SealBroken):
        Keyring({"k2": ONE}, "k2", FINDING).open(sealed, "a1")
    for n in range(len(sealed)):
        bent = sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]
        with pytest.raises(SealBroken):
            keyring.open(bent, "a1")
        with pytest.raises(SealBroken):
            keyring.open(sealed[:n], "a1")


def test_keys_can_be_changed_while_the_old_one_is_held():
    old = Keyring({"k1": ONE}, "k1", FINDING)
    both = Keyring({"k1": ONE, "k2": TWO}, "k2", FINDING)
    sealed = old.seal(b"secret", "a1")
    assert both.open(sealed, "a1") == b"secret"
    assert (both.key_of(sealed), both.key_of(both.seal(b"x", "a1"))) == ("k1", "k2")
    assert both.phone_hmac("19912340063") == old.phone_hmac("19912340063"), "found as before"


def test_hmacs_are_stable_and_differ_by_purpose_and_key():
    keyring, other = Keyring({"k": ONE}, "k", FINDING), Keyring({"k": ONE}, "k", ONE)
    assert keyring.phone_hmac("1") == keyring.phone_hmac("1")
    values = [keyring.phone_hmac("1"), keyring.phone_hmac("2"), keyring.for_whom_hmac("1"), keyring.digest(b"1")]
    assert len({*values, other.phone_hmac("1")}) == 5
    assert keyring.for_whom_hmac("") == b""


@pytest.mark.parametrize(
    ("sealing", "current", "finding"),
    [({"k": ONE}, "x", FINDING), ({"k": b"short"}, "k", FINDING), ({"k": ONE}, "k", b""), ({"": ONE}, "", FINDING)],
)
def test_wrong_keys_are_refused_at_the_door(sealing, current, finding):
    with pytest.raises(ValueError, match="key"):
        Keyring(sealing, current, finding)


def test_masks_and_reprs_show_nothing():
    assert (mask_name("张三丰"), mask_name("王"), mask_name("")) == ("张**", "王**", "")
    assert mask_phone("19912340063") == "199****0063"
    assert "张" not in repr(Personal("张三", "19912340063"))


def test_receipts_are_speakable_and_spread():
    made = {new_receipt(os.urandom) for _ in range(2_000)}
    assert len(made) == 2_000
    assert all(re.fullmatch(f"[{LETTERS}]{{2}}[0-9]{{8}}", number) for number in made)
    assert new_receipt(lambda n: bytes(n)) == "AA00000000"
    assert {number[0] for number in made} == set(LETTERS)


async def test_a_receipt_that_is_taken_is_made_anew(tmp_path: Path, open_store: OpenStore, store_url: str):
    """Chance gives the same number twice; the write is done again and gets another."""
    given: list[bytes] = []

    def unlucky(n: int) -> bytes:
        given.append(os.urandom(n))
        return bytes(n) if n == 16 and len(given) <= 4 else given[-1]

    plain = await open_store()
    store = await Store.open(
        store_url,
        keyring=plain.keyring,
        province=plain.province,
        var_dir=tmp_path / "var",
        clock_ms=lambda: 1,
        random_bytes=unlucky,
    )
    try:
        await loaded(store)
        made = [receipt(await store.write(apply(q(n)))) for n in range(4)]
    finally:
        await store.close()
    assert made[0].receipt == "AA00000000"
    assert len({r.receipt for r in made}) == 4


def raw_bytes(conn) -> bytes:
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in tables.metadata.tables.values()
        for row in conn.execute(select(table))
        for value in row
    )


PHONE, NAME, MOTHER = "19912340063", "慕容雪", "欧阳母亲"


async def a_whole_application(store: Store) -> None:
    made = receipt(await store.write(apply(q(0), phone=PHONE, name=NAME, for_whom=MOTHER))).application
    await store.write(look(made, (e0,)))
    await store.write(answer(made, (e0,), ApplicationStatus.CONTACTED))
    await store.read(application_queries.of_enterprise, (e0,), e0, Page(before="", limit=10))


async def test_no_row_holds_a_name_or_a_number_in_the_clear(store: Store):
    await a_whole_application(store)
    raw = await store.read(raw_bytes)
    for secret in (PHONE, PHONE[3:], NAME, MOTHER):
        assert secret.encode() not in raw


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_nor_does_the_file(tmp_path: Path, store: Store):
    await store.write(say(s0, "写在文件里的一句话"))
    await a_whole_application(store)
    files = [path for path in tmp_path.iterdir() if path.name.startswith("daigang.db")]
    raw = b"".join(path.read_bytes() for path in files)
    assert "写在文件里的一句话".encode() in raw, "the file does hold what was written"
    for secret in (PHONE, PHONE[3:], NAME, MOTHER):
        assert secret.encode() not in raw


async def test_no_error_and_no_log_line_quotes_a_row(store: Store, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    refused = await outcome(store, apply(q(0), phone=PHONE, name=NAME, at_ms=2**63))
    assert isinstance(refused, Refusal)

    def wrong(conn):
        conn.execute(tables.meta.insert(), [{"name": NAME, "value": PHONE}] * 2)

    with pytest.raises(Refusal) as from_database:
        await store.transact(wrong)
    told = f"{refused!r} {refused.params} {from_database.value!r} {caplog.text}"
    assert "one by one" in caplog.text, "there was something to quote"
    for secret in (PHONE, NAME):
        assert secret not in told
