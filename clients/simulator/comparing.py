"""Whether what was accepted, what is stored and what is shown are the same. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from clients.simulator.ledger import Ledger
from clients.simulator.looking import House
from clients.simulator.plan import Plan
from server.core.model import Numbers

CLOSING = ("shelf_changed", "card_updated")
"""Entries of a stage that follow when a position on its shelf is closed."""
COUNTED = ("cards", "applications", "intents")


class Difference(msgspec.Struct, frozen=True):
    """Something that is not the same. `held` is what the players hold, `found` what the house says."""

    where: str
    what: str
    held: str
    found: str


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """A played day: the plan, what the players hold, the house before and after. `branches` gives each region the
    regions above it, itself among them; `session_regions` where each session lies. `shared`: others used the house
    meanwhile, so that more than ours may be there, but never less."""

    plan: Plan
    ledger: Ledger
    before: House
    after: House
    branches: Mapping[str, tuple[str, ...]]
    session_regions: Mapping[str, str]
    shared: bool = False


def differences(play: Play) -> list[Difference]:
    """All of them; empty when every receipt is a row, every row a receipt, and every number the log's."""
    found = [
        *_applications(play),
        *_stages(play),
        *_chats(play),
        *_numbers(play),
        *_planned(play),
        *(Difference("while it was played", text, "", "") for text in play.ledger.problems),
    ]
    if not _same(play, play.ledger.reports, play.after.reports - play.before.reports):
        found.append(Difference("reports", "accepted and listed", _s(play.ledger.reports), _s(play.after.reports)))
    return found


def numbers_differ(play: Play) -> bool:
    """Whether the screens are not the latest yet."""
    return next(_numbers(play), None) is not None


def _same(play: Play, held: int, found: int) -> bool:
    return held == found or (play.shared and found > held)


def _applications(play: Play) -> Iterator[Difference]:
    """Each form is one row, which knows the receipt of each device that sent it; and no row is beside them."""
    stored = {name: one for name, one in play.after.applications.items() if name not in play.before.applications}
    known: set[str] = set()
    for held in play.ledger.forms.values():
        ids = [str(one) for one in held.receipts]
        known.update(ids)
        rows = [stored[one] for one in ids if one in stored]
        where = f"application {ids[0]}"
        if len(rows) != 1:
            what = "a receipt without a row" if not rows else "one form, several rows"
            yield Difference(where, what, " ".join(held.receipts.values()), _s(len(rows)))
            continue
        for receipt in held.receipts.values():
            if receipt not in rows[0].receipts:
                yield Difference(where, "receipt", receipt, " ".join(rows[0].receipts))
        if rows[0].position != held.position:
            yield Difference(where, "position", held.position, rows[0].position)
        if rows[0].status != held.status.value and not play.shared:
            yield Difference(where, "status", held.status.value, rows[0].status)
    if not play.shared:
        for other in sorted(stored.keys() - known):
            yield Difference(f"application {other}", "a row nobody has a receipt of", "", stored[other].receipts[0])


def _stages(play: Play) -> Iterator[Difference]:
    for hall in play.plan.halls:
        session, where = hall.session, f"stage/{hall.session}"
        first, now = play.before.stages[session].top, play.after.stages[session]
        done = play.ledger.stage_done.get(session, {})
        seen = play.ledger.stage_seen.get(session, {})
        for offset in sorted(done.keys() - set(range(first + 1, now.top + 1))):
            yield Difference(where, f"entry {offset} was accepted", done[offset].kind, f"the log ends at {now.top}")
        if not play.shared:
            known = {entry.offset: entry.kind for entry in (*now.tail, *seen.values())}
            for offset in sorted(set(range(first + 1, now.top + 1)) - done.keys()):
                kind = known.get(offset, "nobody saw it")
                if kind in CLOSING and session in play.ledger.pulled:
                    continue
                yield Difference(where, f"entry {offset} that nobody sent", "", kind)
        for entry in now.tail:
            for name, theirs in (("accepted", done), ("seen by viewers", seen)):
                other = theirs.get(entry.offset)
                if other is not None and other != entry:
                    what = f"entry {entry.offset} as {name}"
                    yield Difference(where, what, f"{other.kind} {other.position}", f"{entry.kind} {entry.position}")
        offsets = [entry.offset for entry in now.tail]
        if offsets and offsets != list(range(now.top - len(offsets) + 1, now.top + 1)):
            yield Difference(where, "entries without holes", f"up to {now.top}", f"{len(offsets)} of them")


def _chats(play: Play) -> Iterator[Difference]:
    for hall in play.plan.halls:
        session = hall.session
        lines = len(play.ledger.lines_done.get(session, ())) + play.ledger.lines_by_desk.get(session, 0)
        logged = play.after.chats[session] - play.before.chats[session]
        if not _same(play, lines, logged):
            yield Difference(f"chat/{session}", "lines accepted and logged", _s(lines), _s(logged))


def counted(ledger: Ledger, sessions: Iterable[str]) -> dict[str, Numbers]:
    """What each session's numbers must have grown by."""
    applications = Counter(held.session for held in ledger.forms.values())
    intents = Counter(held.session for held in ledger.forms.values() if held.intent)
    found: dict[str, Numbers] = {}
    for session in sessions:
        kinds = Counter(entry.kind for entry in ledger.stage_done.get(session, {}).values())
        cards = kinds["card_shown"] - kinds["card_undone"]
        found[session] = Numbers(cards=cards, applications=applications[session], intents=intents[session])
    return found


def _numbers(play: Play) -> Iterator[Difference]:
    """The portal's and the hosts' by session, the screen's by branch: what they grew by is what the log says."""
    ours = counted(play.ledger, (hall.session for hall in play.plan.halls))
    grown: Counter[tuple[str, str]] = Counter()
    for session, numbers in ours.items():
        for place, name, wanted, found in (
            ("portal", "cards", numbers.cards, play.after.cards[session] - play.before.cards[session]),
            ("host", "applications", numbers.applications, play.after.desks[session] - play.before.desks[session]),
        ):
            if not _same(play, wanted, found):
                yield Difference(f"{place}, {session}", name, _s(wanted), _s(found))
        for region in play.branches[play.session_regions[session]]:
            grown.update({(region, name): getattr(numbers, name) for name in COUNTED})
    for region, numbers in play.after.regions.items():
        for name in COUNTED:
            found = getattr(numbers, name) - getattr(play.before.regions[region], name)
            if not _same(play, grown[region, name], found):
                yield Difference(f"screen, {region}", name, _s(grown[region, name]), _s(found))


def _planned(play: Play) -> Iterator[Difference]:
    """Everything that was planned was done: nothing was given up on the way."""
    ledger, plan = play.ledger, play.plan
    if play.shared:
        return
    missing = [form.number for form in plan.applications if form.twin_of < 0 and form.number not in ledger.forms]
    if missing:
        yield Difference(
            "applications", "planned and sent without a receipt", _s(len(missing)), f"such as {missing[:5]}"
        )
    for hall in plan.halls:
        reached = sum(held.intent for held in ledger.forms.values() if held.session == hall.session)
        if reached != hall.intents:
            yield Difference(f"intents, {hall.session}", "planned and reached", _s(hall.intents), _s(reached))


def _s(number: int) -> str:
    return f"{number:,}"
