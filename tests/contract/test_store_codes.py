"""Codes to phones: their rations, their tries, and what a right one makes true, on both databases."""

import asyncio

from sqlalchemy import func, select

from server.core.bodies import ApplicationMoved, PhoneConfirmed, decode_body
from server.core.channels import Kind, channel
from server.core.limits import CODE_TRIES, CODES_PER_DAY, CODES_PER_HOUR
from server.core.model import ApplicationStatus, PersonId
from server.core.protocol import CodeSent, Done
from server.core.refusal import Code, Refusal
from server.store import application_queries, log_queries, tables
from server.store import writes as w
from server.store.phone_queries import CONFIRMED_FOR_DAYS, FOLLOWERS, REISSUED_AFTER_DAYS, phones_of
from server.store.retention import prune
from server.store.store import Store
from tests.contract.conftest import OpenStore, a_keyring
from tests.contract.store_day import SEEKER, answer, apply, e0, e1, key, loaded, outcome, q, receipt

PHONE, OTHER_PHONE = "19912340063", "19912340064"
TABLET, STRANGER = PersonId("tablet"), PersonId("stranger")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
T0 = 10 * DAY_MS


def ask(by: PersonId = TABLET, phone: str = PHONE, at_ms: int = T0, code: str = "123456", **more) -> w.AskCode:
    digest = a_keyring().code_digest(by, phone, code)
    fields = {"by": by, "key": key(), "at_ms": at_ms, "phone": phone, "code": digest, "per_hour": 1_000}
    return w.AskCode(**{**fields, **more})


def name(by: PersonId = TABLET, phone: str = PHONE, at_ms: int = T0 + 1, code: str = "123456", **more) -> w.ConfirmCode:
    digest = a_keyring().code_digest(by, phone, code)
    return w.ConfirmCode(**{"by": by, "key": key(), "at_ms": at_ms, "phone": phone, "code": digest, **more})


async def refusal_of(store: Store, write: w.Write) -> tuple[Code, dict]:
    result = await outcome(store, write)
    assert isinstance(result, Refusal), result
    return result.code, result.params


async def mine(store: Store, person: PersonId) -> list[str]:
    return [one.receipt for one in await store.read(application_queries.of_person, person)]


def sends(conn) -> int:
    return conn.execute(select(func.count()).select_from(tables.code_sends)).scalar_one()


async def test_a_right_code_opens_what_another_device_sent_and_nothing_else(store: Store):
    first = receipt(await store.write(apply(q(0), phone=PHONE)))
    await store.write(apply(q(1), phone=OTHER_PHONE))
    assert await mine(store, TABLET) == []
    assert (await store.write(ask())).reply == CodeSent(valid_ms=300_000, again_after_ms=60_000)
    assert await mine(store, TABLET) == []
    done = await store.write(name())
    assert done.reply == Done(offset=1)
    assert [decode_body(p.entry.body) for p in done.publications] == [PhoneConfirmed()]
    (seen,) = await store.read(application_queries.of_person, TABLET)
    assert (seen.receipt, seen.confirmed) == (first.receipt, True)
    assert [one.confirmed for one in await store.read(application_queries.of_person, SEEKER)] == [False, False]
    assert await store.read(phones_of, [TABLET, SEEKER]) == {TABLET: frozenset({a_keyring().phone_hmac(PHONE)})}


async def test_steps_go_to_every_device_of_the_number_live(store: Store):
    made = receipt(await store.write(apply(q(0), phone=PHONE)))
    await store.write(ask())
    await store.write(name())
    moved = await store.write(answer(made.application, (e0,), ApplicationStatus.INTERVIEW))
    assert {p.channel for p in moved.publications} == {"firm/e0", "me/tablet"}, "the other only says the number is its"
    new = await store.write(apply(q(1), phone=PHONE))
    assert {p.channel for p in new.publications} == {"firm/e1", "me/seeker", "me/tablet", "desk/s0"}
    last = (await store.read(log_queries.entries, channel(Kind.ME, TABLET), 0, 10))[1]
    assert decode_body(last.body) == ApplicationMoved(
        application=made.application, position=q(0), status=ApplicationStatus.INTERVIEW
    )


async def test_a_step_goes_to_a_bounded_number_of_devices(store: Store):
    made = receipt(await store.write(apply(q(0), phone=PHONE)))
    devices = [PersonId(f"d{n:02}") for n in range(FOLLOWERS + 2)]
    for n, device in enumerate(devices):
        await store.write(ask(device, at_ms=T0 + n * HOUR_MS))
        await store.write(name(device, at_ms=T0 + n * HOUR_MS + 1))
    moved = await store.write(answer(made.application, (e0,), ApplicationStatus.CONTACTED))
    newest = {f"me/{device}" for device in devices[-FOLLOWERS:]}
    assert {p.channel for p in moved.publications} == {"firm/e0", *newest}
    assert len(await mine(store, devices[0])) == 1


async def test_wrong_codes_cost_tries_until_it_is_void(store: Store):
    await store.write(ask())
    for left in range(CODE_TRIES - 1, 0, -1):
        assert await refusal_of(store, name(code="000000")) == (Code.CODE_WRONG, {"left": left})
    assert (await refusal_of(store, name(code="000000")))[0] is Code.CODE_SPENT
    assert (await refusal_of(store, name()))[0] is Code.CODE_SPENT
    assert await store.read(phones_of, [TABLET]) == {}


async def test_guesses_at_once_are_counted_one_by_one(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    await one.write(ask())
    guesses = (outcome(store, name(code=f"{n:06}")) for n in range(20) for store in (one, two))
    codes = [result.code for result in await asyncio.gather(*guesses) if isinstance(result, Refusal)]
    assert codes.count(Code.CODE_WRONG) == CODE_TRIES - 1
    assert codes.count(Code.CODE_SPENT) == 40 - (CODE_TRIES - 1)


async def test_the_same_code_twice_and_an_old_one(store: Store):
    await store.write(ask())
    right = name()
    assert (await store.write(right)).reply == Done(offset=1)
    assert (await store.write(right)).repeated
    assert (await refusal_of(store, name()))[0] is Code.CODE_USED
    await store.write(ask(at_ms=T0 + HOUR_MS, code="654321"))
    assert (await refusal_of(store, name(at_ms=T0 + HOUR_MS + 1)))[0] is Code.CODE_WRONG
    late = name(at_ms=T0 + HOUR_MS + 300_000, code="654321")
    assert await refusal_of(store, late) == (Code.CODE_EXPIRED, {"minutes": 5})


async def test_a_code_is_for_one_number_and_one_person(store: Store):
    assert (await refusal_of(store, name()))[0] is Code.CODE_UNKNOWN
    await store.write(ask())
    assert (await refusal_of(store, name(phone=OTHER_PHONE)))[0] is Code.CODE_UNKNOWN
    assert (await refusal_of(store, name(STRANGER)))[0] is Code.CODE_UNKNOWN
    assert await store.read(phones_of, [TABLET, STRANGER]) == {}


async def test_a_number_is_not_flooded_whoever_asks(store: Store):
    granted = 0
    for minute in range(0, 26 * 60, 5):
        # Another device each time: guests cost nothing.
        result = await outcome(store, ask(PersonId(f"d{minute}"), at_ms=T0 + minute * MINUTE_MS))
        granted += isinstance(result, w.Committed)
        if minute == 55:
            assert granted == CODES_PER_HOUR
        if minute == 24 * 60 - 5:
            assert granted == CODES_PER_DAY
    assert granted > CODES_PER_DAY


async def test_one_person_does_not_flood_numbers_and_the_house_has_its_own_ration(store: Store):
    await store.write(ask())
    code, params = await refusal_of(store, ask(phone=OTHER_PHONE, at_ms=T0 + 1_000))
    assert (code, params) == (Code.CODE_TOO_OFTEN, {"retry_ms": 59_000})
    await store.write(ask(STRANGER, OTHER_PHONE, at_ms=T0 + 2_000))
    code, params = await refusal_of(store, ask(SEEKER, "19912340065", at_ms=T0 + 3_000, per_hour=2))
    assert (code, params) == (Code.CODE_TOO_OFTEN, {"retry_ms": HOUR_MS - 3_000})


async def test_two_hubs_grant_one_ration_once(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    asked = [outcome(store, ask(PersonId(f"d{n}"))) for n in range(20) for store in (one, two)]
    results = await asyncio.gather(*asked)
    assert sum(isinstance(result, w.Committed) for result in results) == 1
    assert await one.read(sends) == 1


async def test_a_wish_repeated_is_one_wish_and_old_ones_go(store: Store):
    wish = ask()
    await store.write(wish)
    assert (await store.write(wish)).repeated
    assert await store.read(sends) == 1
    await store.write(ask(at_ms=T0 + DAY_MS + 1))
    assert await store.read(sends) == 1


async def test_nobody_elses_application_is_reached_by_typing_a_number(store: Store):
    """A stranger who applies with somebody's number sees the own application only."""
    await store.write(apply(q(0), phone=PHONE))
    await store.write(apply(q(1), phone=PHONE, by=STRANGER))
    assert len(await mine(store, STRANGER)) == 1
    assert len(await mine(store, SEEKER)) == 1
    (own,) = await store.read(application_queries.of_person, SEEKER)
    moved = await store.write(answer(own.id, (e0, e1), ApplicationStatus.CONTACTED))
    assert {p.channel for p in moved.publications} == {"firm/e0", "me/seeker"}


async def test_a_number_is_good_for_a_year_and_its_new_owner_takes_it(store: Store):
    """Operators give numbers to somebody else after some months."""
    await store.write(apply(q(0), phone=PHONE))
    await store.write(ask())
    await store.write(name())
    day = 24 * 3_600_000
    soon, later = T0 + (REISSUED_AFTER_DAYS - 1) * day, T0 + (REISSUED_AFTER_DAYS + 1) * day
    await store.write(ask(STRANGER, at_ms=soon))
    await store.write(name(STRANGER, at_ms=soon + 1))
    assert len(await mine(store, TABLET)) == len(await mine(store, STRANGER)) == 1, "two phones of one family"
    owner = PersonId("new owner")
    await store.write(ask(owner, at_ms=later))
    await store.write(name(owner, at_ms=later + 1))
    assert await mine(store, TABLET) == [], "who confirmed it long ago has lost it"
    assert len(await mine(store, STRANGER)) == len(await mine(store, owner)) == 1
    await store.transact(prune, later + 1 + CONFIRMED_FOR_DAYS * day)
    assert await mine(store, STRANGER) == [], "after a year it is asked for again"
    assert len(await mine(store, owner)) == 1
    again = later + CONFIRMED_FOR_DAYS * day
    await store.write(ask(owner, at_ms=again))
    await store.write(name(owner, at_ms=again + 1))
    await store.transact(prune, later + 2 + CONFIRMED_FOR_DAYS * day)
    assert len(await mine(store, owner)) == 1, "a code renews it"
