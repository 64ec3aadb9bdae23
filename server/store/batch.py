"""One transaction of many writes: lock heads, find repeats, decide, number, log, count, remember (DESIGN 8).

A batch is a handful of statements, however many writes it holds. All that two hubs of a province could disagree about
is guarded by head rows, taken in the order of their names, so batches never wait for each other in a circle:
`stage/`, `chat/` and `desk/` of a session guard its state (who changes it holds all three, who depends on it one of
them), `firm/` guards the enterprise's applications, `house/` the accounts; `stage/` guards a session's counter of
cards, `desk/` those of applications and intents.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from server.core.bodies import encode_body
from server.core.channels import Kind
from server.core.model import Channel, Entry, Epoch, PersonId, Publication
from server.core.protocol import Done, Reply
from server.core.refusal import Code, Refusal
from server.store.asking import ask_many
from server.store.counting import add_counts
from server.store.engines import insert_new
from server.store.handling import Context, Effect, NeedsLock, Outcome
from server.store.keyring import Keyring
from server.store.many import execute_many
from server.store.subjects import SUBJECT_OF, Subject
from server.store.tables import heads, keys, log, meta
from server.store.writes import Apply, Ask, ChangeState, Committed, OpenApplication, Saw, Say, SetTalk, SignedIn, Write


class Keyed(msgspec.Struct, frozen=True):
    """A write with its name in the key table (empty: never kept there) and the digest of its content."""

    write: Write
    scoped: str
    digest: bytes


# These heads are made on first use. Those of sessions and enterprises are made by whoever adds the session or the
# enterprise: a made-up session id must not leave a row behind.
_MADE_ON_USE: Final = tuple(f"{kind.value}/" for kind in (Kind.ME, Kind.HOUSE, Kind.AREA, Kind.WATCH))

_REPLY: Final = msgspec.msgpack.Decoder(Reply)
_EPOCH: Final = select(meta.c.value).where(meta.c.name == "epoch").scalar_subquery()
_LOCK: Final = (
    select(heads.c.channel, heads.c.top, _EPOCH)
    .where(heads.c.channel.in_(bindparam("channels", expanding=True)))
    .order_by(heads.c.channel)
    .with_for_update(of=heads)
)
_ADVANCE: Final = update(heads).where(heads.c.channel == bindparam("of")).values(top=bindparam("to"))
_LOG: Final = log.insert()
_REMEMBER: Final = keys.insert()
_KEPT: Final = select(keys.c.scoped, keys.c.digest, keys.c.reply).where(
    keys.c.scoped.in_(bindparam("scoped", expanding=True))
)


def keyed(write: Write, keyring: Keyring) -> Keyed:
    """The write, ready for a batch. Raises `Refusal(BAD_MESSAGE)` when it holds what cannot be encoded, or U+0000:
    PostgreSQL takes it in no text, and the whole batch would fail and be done one by one."""
    try:
        content = msgspec.msgpack.encode((type(write).__name__, msgspec.structs.astuple(write)[3:]))
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal(Code.BAD_MESSAGE, detail=type(error).__name__) from None
    # Most have no such byte; a number 0 is one, too, and then the texts are looked at.
    if "\0" in write.key or "\0" in write.by or (b"\0" in content and _has_nul(msgspec.msgpack.decode(content))):
        raise Refusal(Code.BAD_MESSAGE, detail="a text holds U+0000")
    # What OpenApplication answers is personal data: it is never kept, and done again when asked again.
    scoped = "" if isinstance(write, OpenApplication | Saw | SignedIn) else scoped_key(write.by, write.key)
    return Keyed(write, scoped, keyring.digest(content))


def _has_nul(plain: object) -> bool:
    if isinstance(plain, str):
        return "\0" in plain
    if isinstance(plain, dict):
        return any(map(_has_nul, (*plain, *plain.values())))
    return isinstance(plain, list) and any(map(_has_nul, plain))


def scoped_key(person: PersonId, key: str) -> str:
    """A key's name in the key table. The key comes first: those of our pages begin with their moment, and so what is
    written together stands together. A person id holds no slash (it is the subject of a channel): no two are alike."""
    return f"{key}/{person}"


assert Write.__struct_fields__ == ("by", "key", "at_ms"), "keyed() leaves out exactly these"


def run(
    conn: Connection, context: Context, items: Sequence[Keyed], more: frozenset[Channel]
) -> list[Committed | Refusal]:
    """What became of each write; true once the caller has committed. Raises `NeedsLock` when the caller shall roll
    back and run it again with those channels in `more`, and whatever the database raises."""
    held = _Heads(conn, _channels(conn, context, items) | more, more)
    kept = _kept(conn, items)
    first: dict[str, int] = {}
    doing: list[int] = []
    results: dict[int, Committed | Refusal] = {}
    for index, item in enumerate(items):
        if item.scoped in kept:
            results[index] = _repeat(item, *kept[item.scoped])
        elif item.scoped and item.scoped in first:
            continue
        else:
            first[item.scoped] = index
            doing.append(index)

    outcomes = _decide(conn, context, items, doing)
    rows: list[dict[str, object]] = []
    remembered: list[dict[str, object]] = []
    for index in doing:
        outcome, item = outcomes[index], items[index]
        if isinstance(outcome, Refusal):
            results[index] = outcome
            continue
        committed = _publish(item.write, outcome, held, rows)
        results[index] = committed
        if item.scoped:
            remembered.append(_memory(item, committed.reply))
    for index, item in enumerate(items):
        if index not in results:
            earlier = first[item.scoped]
            results[index] = _share(item, items[earlier], results[earlier])

    if rows:
        execute_many(conn, _LOG, rows)
        execute_many(conn, _ADVANCE, held.advanced())
    if remembered:
        # In the order of their names, for the same reason as the heads.
        execute_many(conn, _REMEMBER, sorted(remembered, key=lambda row: str(row["scoped"])))
    return [results[index] for index in range(len(items))]


def _channels(conn: Connection, context: Context, items: Sequence[Keyed]) -> frozenset[Channel]:
    by_subject: dict[int, tuple[Subject, list[Write]]] = {}
    for item in items:
        subject = SUBJECT_OF[type(item.write)]
        by_subject.setdefault(id(subject), (subject, []))[1].append(item.write)
    return frozenset().union(*(subject.channels(conn, context, writes) for subject, writes in by_subject.values()))


class _Heads:
    """The locked heads of a batch: the next offset of each channel."""

    def __init__(self, conn: Connection, channels: frozenset[Channel], make: frozenset[Channel]) -> None:
        names = sorted(channels)
        missing = [{"channel": c, "top": 0} for c in names if c.startswith(_MADE_ON_USE) or c in make]
        if missing:
            execute_many(conn, insert_new(conn.dialect.name, heads), missing)
        locked = ask_many(conn, _LOCK, {"channels": names}) if names else []
        self.tops: dict[Channel, int] = {row[0]: row[1] for row in locked}
        self.epoch = Epoch(locked[0][2]) if locked else Epoch("")
        self._moved: set[Channel] = set()

    def next(self, channel: Channel) -> int:
        self.tops[channel] += 1
        self._moved.add(channel)
        return self.tops[channel]

    def advanced(self) -> list[dict[str, object]]:
        return [{"of": channel, "to": self.tops[channel]} for channel in sorted(self._moved)]


def _kept(conn: Connection, items: Sequence[Keyed]) -> dict[str, tuple[bytes, bytes]]:
    names = sorted({item.scoped for item in items if item.scoped})
    if not names:
        return {}
    return {row.scoped: (row.digest, row.reply) for row in ask_many(conn, _KEPT, {"scoped": names})}


def _repeat(item: Keyed, digest: bytes, reply: bytes) -> Committed | Refusal:
    if digest != item.digest:
        return Refusal(Code.KEY_REUSED)
    return Committed(reply=_REPLY.decode(reply), repeated=True)


def _share(item: Keyed, earlier: Keyed, result: Committed | Refusal) -> Committed | Refusal:
    if item.digest != earlier.digest:
        return Refusal(Code.KEY_REUSED)
    if isinstance(result, Refusal):
        return Refusal(result.code, temporary=result.temporary, **result.params)
    return Committed(reply=result.reply, repeated=True)


def _decide(conn: Connection, context: Context, items: Sequence[Keyed], doing: Sequence[int]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for wave in waves([items[index].write for index in doing]):
        by_subject: dict[int, list[int]] = defaultdict(list)
        for place in wave:
            index = doing[place]
            by_subject[id(SUBJECT_OF[type(items[index].write)])].append(index)
        for indexes in by_subject.values():
            subject = SUBJECT_OF[type(items[indexes[0]].write)]
            decided = subject.handle(conn, context, [items[index].write for index in indexes])
            outcomes.update(zip(indexes, decided, strict=True))
        # After each wave: the next one reads them. Every counter is guarded by a head, so their order is free.
        effects = [outcomes[doing[place]] for place in wave]
        add_counts(conn, [count for e in effects if isinstance(e, Effect) for count in e.counts])
    return outcomes


def waves(writes: Sequence[Write]) -> list[list[int]]:
    """Indexes of the writes, cut into rounds in which each subject is handled once.

    Within a subject the order of arrival is kept. Subjects meet in one thing only, the state of a session with its chat
    rule: chat lines and applications that came before or after a change of it stay before or after it.
    """
    wave_of_subject: dict[int, int] = defaultdict(int)
    changed_in: dict[str, int] = {}
    used_in: dict[str, int] = {}
    rounds: list[list[int]] = []
    for index, write in enumerate(writes):
        subject = id(SUBJECT_OF[type(write)])
        wave = wave_of_subject[subject]
        match write:
            case ChangeState(session=session) | SetTalk(session=session):
                wave = max(wave, used_in.get(session, -1) + 1)
                changed_in[session] = wave
            case Say(session=session) | Apply(session=session) | Ask(session=session):
                wave = max(wave, changed_in.get(session, -1) + 1)
                used_in[session] = wave
        wave_of_subject[subject] = wave
        while len(rounds) <= wave:
            rounds.append([])
        rounds[wave].append(index)
    return rounds


def _publish(write: Write, effect: Effect, held: _Heads, rows: list[dict[str, object]]) -> Committed:
    unlocked = [channel for channel, _ in effect.bodies if channel not in held.tops]
    if unlocked:
        raise NeedsLock(unlocked)
    reply, publications = effect.reply, []
    for channel, body in effect.bodies:
        offset, data = held.next(channel), encode_body(body)
        rows.append({"channel": channel, "offset": offset, "at_ms": write.at_ms, "body": data})
        publications.append(Publication(channel, held.epoch, Entry(offset, write.at_ms, data)))
        if channel == effect.offset_in:
            reply = Done(offset=offset)
    return Committed(reply=reply, publications=tuple(publications))


def _memory(item: Keyed, reply: Reply) -> dict[str, object]:
    return {
        "scoped": item.scoped,
        "digest": item.digest,
        "reply": msgspec.msgpack.encode(reply),
        "at_ms": item.write.at_ms,
    }
