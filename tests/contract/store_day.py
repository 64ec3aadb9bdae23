"""A small fair and the writes of its people, for the store's tests."""

import itertools
from collections.abc import Callable
from typing import Any

from server.core.catalogue import Catalogue
from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    Enterprise,
    EnterpriseId,
    Fair,
    FairId,
    Level,
    PersonId,
    Picture,
    Position,
    PositionId,
    Region,
    RegionCode,
    Session,
    SessionId,
    SessionState,
    ShelfSlot,
    TalkRule,
    Venue,
    VenueId,
)
from server.core.protocol import Receipt
from server.core.refusal import Refusal
from server.store import writes as w
from server.store.catalogue_writes import load_catalogue
from server.store.store import Store

PROVINCE = RegionCode("220000")
CITY = RegionCode("220100")
OTHER_CITY = RegionCode("220200")
SESSIONS, SLOTS, ENTERPRISES = 3, 4, 4
LIVE, INTERRUPTED, ENDED = SessionState.LIVE, SessionState.INTERRUPTED, SessionState.ENDED

s0, s1, s2 = (SessionId(f"s{n}") for n in range(SESSIONS))
e0, e1, e2, e3 = (EnterpriseId(f"e{n}") for n in range(ENTERPRISES))


def q(n: int, prefix: str = "") -> PositionId:
    """Position n: on the shelf of session n // 4 under number n % 4 + 1, of enterprise n % 4. 11 is closed."""
    return PositionId(f"{prefix}q{n}")


def small_catalogue(prefix: str = "") -> Catalogue:
    """Three sessions with four positions each; session 2 is in another city."""
    regions = (
        Region(code=PROVINCE, name="吉林", level=Level.PROVINCE),
        Region(code=CITY, name="长春", level=Level.CITY, parent=PROVINCE),
        Region(code=OTHER_CITY, name="吉林市", level=Level.CITY, parent=PROVINCE),
    )
    fair = Fair(id=FairId(f"{prefix}f"), title="招聘会", on_day="2021-11-27", region=PROVINCE)
    where = (CITY, CITY, OTHER_CITY)
    positions = tuple(
        Position(
            id=q(n, prefix),
            enterprise=EnterpriseId(f"{prefix}e{n % ENTERPRISES}"),
            title=f"岗位{n}",
            region=CITY,
            openings=3,
            closed=n == 11,
        )
        for n in range(SESSIONS * SLOTS)
    )
    return Catalogue(
        fair=fair,
        regions=regions,
        venues=tuple(
            Venue(id=VenueId(f"{prefix}v{n}"), fair=fair.id, name=f"会场{n}", region=where[n]) for n in range(SESSIONS)
        ),
        enterprises=tuple(
            Enterprise(id=EnterpriseId(f"{prefix}e{n}"), name=f"企业{n}", region=CITY) for n in range(ENTERPRISES)
        ),
        positions=positions,
        sessions=tuple(
            Session(
                id=SessionId(f"{prefix}s{n}"),
                venue=VenueId(f"{prefix}v{n}"),
                fair=fair.id,
                region=where[n],
                title=f"场次{n}",
            )
            for n in range(SESSIONS)
        ),
        shelves={
            SessionId(f"{prefix}s{n}"): tuple(
                ShelfSlot(number=slot + 1, position=positions[n * SLOTS + slot]) for slot in range(SLOTS)
            )
            for n in range(SESSIONS)
        },
    )


async def loaded(store: Store, prefix: str = "", live: bool = True) -> Store:
    """The store with the small fair in it, its first two sessions live."""
    await store.transact(load_catalogue, small_catalogue(prefix), 1)
    if live:
        for n in (0, 1):
            await store.write(change_state(SessionId(f"{prefix}s{n}"), LIVE))
    return store


_keys = itertools.count()
HOST, SEEKER, HR = PersonId("host"), PersonId("seeker"), PersonId("hr")


def key() -> str:
    """A key nobody has used."""
    return f"key-{next(_keys):08d}"


def _write(kind: Callable[..., Any], by: PersonId, fields: dict[str, Any], more: dict[str, Any]) -> Any:
    return kind(**{"by": by, "key": key(), "at_ms": 1_000, **fields, **more})


def change_state(session: SessionId, state: SessionState, **more: Any) -> w.ChangeState:
    return _write(w.ChangeState, HOST, {"session": session, "state": state}, more)


def show(session: SessionId, position: PositionId, **more: Any) -> w.ShowCard:
    return _write(w.ShowCard, HOST, {"session": session, "position": position}, more)


def undo(session: SessionId, **more: Any) -> w.UndoCard:
    return _write(w.UndoCard, HOST, {"session": session}, more)


def hide(session: SessionId, **more: Any) -> w.HideCard:
    return _write(w.HideCard, HOST, {"session": session}, more)


def rehearse(session: SessionId, **more: Any) -> w.StartRehearsal:
    return _write(w.StartRehearsal, HOST, {"session": session}, more)


def pin(session: SessionId, text: str, **more: Any) -> w.PinNotice:
    return _write(w.PinNotice, HOST, {"session": session, "text": text}, more)


def picture(session: SessionId, picture: Picture, **more: Any) -> w.SetPicture:
    return _write(w.SetPicture, HOST, {"session": session, "picture": picture}, more)


def talk(session: SessionId, talk: TalkRule, **more: Any) -> w.SetTalk:
    return _write(w.SetTalk, HOST, {"session": session, "talk": talk}, more)


def say(session: SessionId, text: str, **more: Any) -> w.Say:
    return _write(w.Say, SEEKER, {"session": session, "author": "a1", "name": "游客", "text": text}, more)


def apply(position: PositionId, session: SessionId = s0, phone: str = "19912340063", **more: Any) -> w.Apply:
    fields = {
        "session": session,
        "position": position,
        "name": "张三丰",
        "phone": phone,
        "for_whom": "",
        "consent": "1",
    }
    return _write(w.Apply, SEEKER, fields, more)


def withdraw(application: ApplicationId, **more: Any) -> w.Withdraw:
    return _write(w.Withdraw, SEEKER, {"application": application}, more)


def look(application: ApplicationId, enterprises: tuple[EnterpriseId, ...], **more: Any) -> w.OpenApplication:
    return _write(w.OpenApplication, HR, {"application": application, "enterprises": enterprises}, more)


def answer(
    application: ApplicationId, enterprises: tuple[EnterpriseId, ...], status: ApplicationStatus, **more: Any
) -> w.AnswerApplication:
    fields = {"application": application, "enterprises": enterprises, "status": status}
    return _write(w.AnswerApplication, HR, fields, more)


def tell_more(application: ApplicationId, **more: Any) -> w.TellMore:
    return _write(w.TellMore, SEEKER, {"application": application}, more)


def withdraw_consent(enterprise: EnterpriseId, **more: Any) -> w.WithdrawConsent:
    return _write(w.WithdrawConsent, SEEKER, {"enterprise": enterprise}, more)


def erase(**more: Any) -> w.EraseMe:
    return _write(w.EraseMe, SEEKER, {}, more)


def poison(session: SessionId) -> w.Say:
    """A chat line whose time no database can store: it fails when its batch is written, all decided by then."""
    return say(session, "poison", at_ms=2**63)


def receipt(committed: w.Committed) -> Receipt:
    """The receipt in an answer to `apply`."""
    assert isinstance(committed.reply, Receipt)
    return committed.reply


async def outcome(store: Store, write: w.Write) -> w.Committed | Refusal:
    """What became of a write, refusals as values."""
    try:
        return await store.write(write)
    except Refusal as refusal:
        return refusal
