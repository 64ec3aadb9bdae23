"""What is said: the rule of a room, waiting and removed lines, mutes that follow the phone, questions and answers."""

from typing import Any

from sqlalchemy import insert, select

from server.core.bodies import (
    Answered,
    CardShown,
    Line,
    LineRemoved,
    LineSettled,
    LineWaits,
    Muted,
    QuestionAsked,
    decode_body,
)
from server.core.channels import Kind, channel
from server.core.model import Grant, MuteLength, PersonId, PositionId, Role, SessionId, TalkMode, TalkRule
from server.core.protocol import Asked, RehearsalIs, Waits
from server.core.refusal import Code, Refusal
from server.store import account_queries, log_queries, talk_queries
from server.store import writes as w
from server.store.retention import prune
from server.store.store import Store
from server.store.tables import audit, confirmed_phones, speakers, waiting_lines
from tests.contract.store_day import (
    ENDED,
    HOST,
    LIVE,
    PROVINCE,
    change_state,
    hide,
    key,
    outcome,
    q,
    rehearse,
    s0,
    s1,
    s2,
    say,
    show,
    talk,
)

ANNA, BERT = PersonId("anna"), PersonId("bert")
PHONE = "19912340063"
Q0 = q(0)


async def code_of(store: Store, write: w.Write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def bodies_of(store: Store, kind: Kind, subject: str) -> list[Any]:
    return [decode_body(e.body) for e in await store.read(log_queries.entries, channel(kind, subject), 0, 1_000)]


async def confirm(store: Store, person: PersonId, phone: str = PHONE) -> None:
    row = {"person": person, "phone_hmac": store.keyring.phone_hmac(phone), "at_ms": 1}
    await store.transact(lambda conn: conn.execute(insert(confirmed_phones), row))


def by(person: PersonId, session: SessionId = s0, text: str = "包住", **more: Any) -> w.Say:
    return say(session, text, by=person, author=person, must_confirm=True, **more)


def settle(session: SessionId, line: str, passed: bool) -> w.SettleLine:
    return w.SettleLine(by=HOST, key=key(), at_ms=2, session=session, line=line, passed=passed)


def remove(session: SessionId, offset: int) -> w.RemoveLine:
    return w.RemoveLine(by=HOST, key=key(), at_ms=2, session=session, offset=offset)


def mute(author: str, length: MuteLength, until_ms: int = 0, session: SessionId = s0, **more: Any) -> w.Mute:
    fields = {"by": HOST, "key": key(), "at_ms": 2, "reason": "广告", **more}
    return w.Mute(session=session, author=author, length=length, until_ms=until_ms, **fields)


def unmute(author: str, session: SessionId = s0, of: PersonId = HOST) -> w.Unmute:
    return w.Unmute(by=of, key=key(), at_ms=3, session=session, author=author)


def ask(person: PersonId, topic: str = "night", position: PositionId = Q0, **more: Any) -> w.Ask:
    fields = {"session": s0, "at_ms": 5, **more}
    return w.Ask(by=person, key=key(), topic=topic, position=position, **fields)


def answer(topic: str, text: str, position: PositionId = Q0, session: SessionId = s0) -> w.AnswerQuestion:
    return w.AnswerQuestion(by=HOST, key=key(), at_ms=9, session=session, position=position, topic=topic, answer=text)


# ---- the rule of a room ----------------------------------------------------------------------------------------------


async def test_by_default_free_text_needs_a_confirmed_phone(store: Store):
    assert await code_of(store, by(ANNA)) is Code.PHONE_UNCONFIRMED
    assert await code_of(store, say(s0, "包住", by=ANNA)) is None, "where no house confirms phones, everybody may"
    assert await code_of(store, by(ANNA, role="host")) is None
    await confirm(store, ANNA)
    assert await code_of(store, by(ANNA)) is None


async def test_a_rehearsal_asks_for_no_phone(store: Store):
    there = (await store.write(rehearse(s2))).reply
    assert isinstance(there, RehearsalIs)
    assert await code_of(store, by(ANNA, there.session)) is None


async def test_off_is_off_for_all_but_staff(store: Store):
    await store.write(talk(s0, TalkRule(mode=TalkMode.OFF)))
    await confirm(store, ANNA)
    assert await code_of(store, by(ANNA)) is Code.CHAT_OFF
    assert await code_of(store, by(ANNA, role="assistant")) is None
    await store.write(talk(s0, TalkRule()))
    assert await code_of(store, by(ANNA)) is None


async def test_a_slow_room_says_how_long(store: Store):
    await store.write(talk(s0, TalkRule(slow_s=10)))
    assert await code_of(store, say(s0, "一", by=ANNA, author="a", at_ms=50_000)) is None
    soon = await outcome(store, say(s0, "二", by=ANNA, author="a", at_ms=54_000))
    assert isinstance(soon, Refusal)
    assert (soon.code, soon.temporary, soon.params) == (Code.CHAT_SLOW, False, {"retry_ms": 6_000})
    assert await code_of(store, say(s0, "二", by=BERT, author="b", at_ms=54_000)) is None
    assert await code_of(store, say(s0, "二", by=ANNA, author="a", at_ms=60_000)) is None


async def test_approved_first_waits_and_comes_once(store: Store):
    await store.write(talk(s0, TalkRule(mode=TalkMode.APPROVED)))
    people = ((ANNA, 10), (BERT, 11))
    replies = [(await store.write(by(one, text=f"{one}", at_ms=at))).reply for one, at in people]
    lines = [reply.line for reply in replies if isinstance(reply, Waits)]
    assert len(lines) == 2
    assert await bodies_of(store, Kind.CHAT, s0) == []
    assert [b.line.text for b in await bodies_of(store, Kind.DESK, s0) if isinstance(b, LineWaits)] == ["anna", "bert"]
    assert [line.id for line in (await store.read(talk_queries.desk, s0, 5)).waiting] == lines
    assert await code_of(store, settle(s1, lines[0], True)) is Code.NOT_FOUND
    for passed in (True, False):
        assert await code_of(store, settle(s0, lines[0], passed)) is None
    await store.write(settle(s0, lines[1], False))
    assert [b.text for b in await bodies_of(store, Kind.CHAT, s0)] == ["anna"]
    settled = [(b.id, b.passed) for b in await bodies_of(store, Kind.DESK, s0) if isinstance(b, LineSettled)]
    assert settled == [(lines[0], True), (lines[1], False)]
    assert (await store.read(talk_queries.desk, s0, 5)).waiting == ()
    assert await code_of(store, by(ANNA, text="我", role="host")) is None
    assert len(await bodies_of(store, Kind.CHAT, s0)) == 2


# ---- moderation ------------------------------------------------------------------------------------------------------


async def test_a_removed_line_stays_in_the_log(store: Store):
    await store.write(say(s0, "刺耳"))
    assert await code_of(store, remove(s0, 1)) is None
    assert await bodies_of(store, Kind.CHAT, s0) == [
        Line(author="a1", name="游客", text="刺耳"),
        LineRemoved(line=1),
    ]
    assert await code_of(store, remove(s0, 2)) is Code.NOT_FOUND, "a removal is no line"
    assert await code_of(store, remove(s0, 7)) is Code.NOT_FOUND
    assert await code_of(store, remove(SessionId("none"), 1)) is Code.NOT_FOUND


async def test_a_mute_follows_the_phone_and_can_be_undone(store: Store):
    await confirm(store, ANNA)
    await store.write(by(ANNA))
    await store.write(mute(ANNA, MuteLength.SESSION))
    other_browser = PersonId("anna-again")
    await confirm(store, other_browser)
    for person in (ANNA, other_browser):
        refused = await outcome(store, by(person))
        assert isinstance(refused, Refusal)
        assert refused.code is Code.CHAT_MUTED
        assert refused.params == {"until_ms": 0, "length": "session", "reason": "广告"}
    await confirm(store, BERT, "13800138000")
    assert await code_of(store, by(BERT)) is None
    assert await code_of(store, by(ANNA, s1)) is None, "of this session only"
    assert await code_of(store, ask(ANNA)) is None, "quick questions are for everybody"
    standing = (await store.read(talk_queries.desk, s0, 5)).mutes
    assert [(one.author, one.name, one.length) for one in standing] == [(ANNA, "游客", MuteLength.SESSION)]
    assert await code_of(store, unmute(ANNA)) is None
    assert await code_of(store, by(other_browser)) is None
    assert await code_of(store, unmute(ANNA)) is Code.NOT_FOUND
    assert await code_of(store, mute("nobody", MuteLength.FAIR)) is Code.NOT_FOUND
    assert PHONE not in repr(await bodies_of(store, Kind.DESK, s0))


async def test_what_an_operator_forbade_only_an_operator_allows_again(store: Store):
    names = {"name": "olga", "shown_name": "奥", "password_hash": "!"}
    grants = (Grant(role=Role.OPERATOR, scope=PROVINCE),)
    await store.write(w.AddAccount(by=HOST, key=key(), at_ms=1, grants=grants, **names))
    account = await store.read(account_queries.account, "olga")
    assert account is not None
    olga = account.person
    await confirm(store, ANNA)
    await store.write(by(ANNA))
    await store.write(mute(ANNA, MuteLength.SESSION))
    await store.write(mute(ANNA, MuteLength.FAIR, by=olga))
    assert (await store.read(talk_queries.desk, s0, 5)).mutes[0].by_operator is True
    told = [body for body in await bodies_of(store, Kind.DESK, s0) if isinstance(body, Muted)]
    assert [body.by_operator for body in told] == [False, True]
    assert await code_of(store, unmute(ANNA)) is Code.FORBIDDEN
    assert await code_of(store, by(ANNA)) is Code.CHAT_MUTED
    assert await code_of(store, unmute(ANNA, of=olga)) is None
    assert await code_of(store, by(ANNA)) is None


async def test_ten_minutes_end_and_a_fair_is_every_session_of_it(store: Store):
    await store.write(by(ANNA, role="host"))  # somebody who spoke
    await store.write(say(s0, "广告", by=BERT, author=BERT))
    await store.write(mute(BERT, MuteLength.TEN_MINUTES, until_ms=700_000))
    assert await code_of(store, say(s0, "又", by=BERT, author=BERT, at_ms=699_999)) is Code.CHAT_MUTED
    assert await code_of(store, say(s0, "又", by=BERT, author=BERT, at_ms=700_000)) is None
    await store.write(mute(BERT, MuteLength.FAIR))
    assert await code_of(store, say(s1, "又", by=BERT, author="b")) is Code.CHAT_MUTED
    assert [b.length for b in await bodies_of(store, Kind.DESK, s0) if isinstance(b, Muted)] == ["ten_minutes", "fair"]

    def noted(conn: Any) -> list[str]:
        return list(conn.execute(select(audit.c.what).order_by(audit.c.n)).scalars())

    assert await store.read(noted) == ["mute", "mute"]


# ---- questions -------------------------------------------------------------------------------------------------------


async def test_a_question_counts_once_for_each_person(store: Store):
    assert (await store.write(ask(ANNA))).reply == Asked(count=1)
    assert (await store.write(ask(ANNA))).reply == Asked(count=1)
    assert (await store.write(ask(BERT))).reply == Asked(count=2)
    assert (await store.write(ask(BERT, "explain"))).reply == Asked(count=1)
    asked = [(b.topic, b.count) for b in await bodies_of(store, Kind.DESK, s0) if isinstance(b, QuestionAsked)]
    assert asked == [("night", 1), ("night", 2), ("explain", 1)]
    groups = (await store.read(talk_queries.desk, s0, 5)).questions
    assert [(g.position, g.topic, g.count) for g in groups] == [(q(0), "night", 2), (q(0), "explain", 1)]
    assert await code_of(store, ask(ANNA, position=q(4))) is Code.NOT_ON_SHELF
    assert await code_of(store, ask(ANNA, session=s2, position=q(8))) is Code.SESSION_NOT_LIVE


async def test_a_free_question_is_about_its_number_else_about_the_card(store: Store):
    nowhere, free = PositionId(""), "t:1"
    await store.write(ask(ANNA, free, nowhere, text="几点开始"))
    await store.write(show(s0, q(1)))
    await store.write(ask(ANNA, free, nowhere, text="几点开始"))
    await store.write(ask(ANNA, free, nowhere, number=3, text="几点开始"))
    groups = (await store.read(talk_queries.desk, s0, 5)).questions
    assert {(g.position, g.text) for g in groups} == {(p, "几点开始") for p in (nowhere, q(1), q(2))}


async def test_one_answer_reaches_all_and_stays_with_the_position(store: Store):
    await store.write(ask(ANNA))
    assert await code_of(store, answer("night", "不上夜班")) is None
    told = Answered(topic="night", position=q(0), number=1, answer="不上夜班")
    assert (await bodies_of(store, Kind.CHAT, s0))[-1] == told
    assert (await bodies_of(store, Kind.DESK, s0))[-1] == told
    assert (await store.write(ask(BERT))).reply == Asked(count=2, answer="不上夜班"), "offered at once"
    shown = decode_body((await store.write(show(s0, q(0)))).publications[0].entry.body)
    assert isinstance(shown, CardShown)
    assert [(one.topic, one.answer) for one in shown.card.answers] == [("night", "不上夜班")]
    assert await store.read(talk_queries.answers_of, [q(0), q(1)]) == {q(0): shown.card.answers}
    group = (await store.read(talk_queries.desk, s0, 5)).questions[0]
    assert (group.answered, group.answer, group.count) == (True, "不上夜班", 2)

    await store.write(ask(ANNA, "bus"))
    assert await code_of(store, answer("bus", "")) is None
    assert (await store.write(ask(BERT, "bus"))).reply == Asked(count=2), "answered aloud leaves no words"
    assert await code_of(store, answer("payday", "15 号")) is None, "said of one's own accord"
    assert await code_of(store, answer("t:none", "什么")) is Code.NOT_FOUND
    assert await code_of(store, answer("night", "别处", q(4))) is Code.NOT_FOUND
    await store.write(hide(s0))
    await store.write(change_state(s0, ENDED))
    assert await code_of(store, answer("night", "下播后再答")) is None
    await store.write(change_state(s2, LIVE))


async def test_who_said_what_goes_with_the_chat(store: Store):
    day_ms = 24 * 3600 * 1000
    await store.write(talk(s0, TalkRule(mode=TalkMode.APPROVED)))
    await store.write(say(s0, "早", by=ANNA, author="a", at_ms=1_000))
    await store.write(say(s0, "晚", by=BERT, author="b", at_ms=59 * day_ms))
    while await store.transact(prune, 61 * day_ms):
        pass

    def left(conn: Any) -> tuple[list[str], list[str]]:
        who = list(conn.execute(select(speakers.c.author)).scalars())
        return who, list(conn.execute(select(waiting_lines.c.text)).scalars())

    assert await store.read(left) == (["b"], ["晚"])
