"""Looking after positions: lists for reviewers and enterprises, review, edits, 招满."""

import msgspec

from server.core import rules
from server.core.cells import Why
from server.core.days import day_of
from server.core.limits import MOST_POSITIONS
from server.core.model import (
    EnterpriseId,
    Flag,
    Position,
    PositionFile,
    PositionId,
    Principal,
    RegionCode,
    Review,
    Role,
)
from server.core.places import Atlas
from server.core.position_check import faults
from server.core.protocol import (
    ClosePosition,
    EditPosition,
    ListPositions,
    ListReviews,
    PositionsAre,
    ReviewPositions,
    ReviewsAre,
)
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.store import review_queries, writes
from server.store.country import country
from server.store.store import Store

_PLACES = frozenset({Why.PLACE_MISSING, Why.PLACE_UNKNOWN, Why.PLACE_AMBIGUOUS, Why.PLACE_TOO_WIDE, Why.PLACE_OUTSIDE})


class Map:
    """The tree, and the names of its units ready for finding."""

    def __init__(self, tree: RegionTree) -> None:
        self.tree = tree
        self.atlas = Atlas(tree, country())


async def list_reviews(
    store: Store, tree: RegionTree, principal: Principal, command: ListReviews, at_ms: int
) -> writes.Committed:
    """What waits in a branch, by enterprise."""
    region = RegionCode(command.region)
    rules.require_operator(principal, tree.path(region))
    firms, after, (waiting, drafts) = await store.read(review_queries.firms, region, command.skip, command.limit)
    return writes.Committed(reply=ReviewsAre(at_ms=at_ms, firms=firms, next=after, waiting=waiting, drafts=drafts))


async def list_positions(store: Store, principal: Principal, command: ListPositions, at_ms: int) -> writes.Committed:
    """Positions of an enterprise with what is wrong with them. Only reviewers are told the words that limit sex or
    age: the enterprise wrote them, and nobody else needs them."""
    enterprise = EnterpriseId(command.enterprise)
    own = enterprise in rules.enterprises_of(principal)
    branches = _branches(principal)
    if not own and not branches:
        raise Refusal(Code.FORBIDDEN, needs="operator")
    within = None if own else branches
    files, after = await store.read(
        review_queries.files, enterprise, command.reviews, within, command.skip, command.limit
    )
    if own and not branches:
        files = tuple(_for_the_enterprise(file) for file in files)
    return writes.Committed(reply=PositionsAre(at_ms=at_ms, positions=files, next=after))


def _for_the_enterprise(file: PositionFile) -> PositionFile:
    hidden = tuple(Flag(why=f.why, column=f.column) if f.why == Why.SEX_AND_AGE else f for f in file.flags)
    return msgspec.structs.replace(file, flags=hidden)


def _branches(principal: Principal) -> tuple[RegionCode, ...]:
    return tuple(RegionCode(g.scope) for g in principal.grants if g.role in (Role.OPERATOR, Role.ADMIN))


async def review_positions(
    store: Store, tree: RegionTree, principal: Principal, command: ReviewPositions, at_ms: int
) -> writes.Committed:
    """A reviewer's word on positions of the own branch. Raises `Refusal`: NOT_FOUND for one that lies elsewhere."""
    branches = _branches(principal)
    if not branches:
        raise Refusal(Code.FORBIDDEN, needs="operator")
    if command.review is Review.DRAFT:
        raise Refusal(Code.BAD_MESSAGE, detail="review: a draft is what an import or an edit makes")
    reason = rules.clean_line(command.reason) if command.review is Review.REFUSED else ""
    if command.positions:
        wanted = [PositionId(id) for id in command.positions]
        found = await store.read(review_queries.regions_of, wanted)
        for id in wanted:
            if id not in found or not rules.over_region(principal, tree.path(found[id])):
                raise Refusal(Code.NOT_FOUND, what="position", id=id[:80])
        positions = tuple((id, found[id]) for id in dict.fromkeys(wanted))
    else:
        firm = EnterpriseId(command.enterprise)
        positions = await store.read(review_queries.waiting_of, firm, branches, command.seen_ms, MOST_POSITIONS)
    return await store.write(
        writes.ReviewPositions(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            positions=positions,
            review=command.review,
            seen_ms=command.seen_ms,
            reason=reason,
            waiting_only=not command.positions,
        )
    )


async def edit_position(
    store: Store, places: Map, principal: Principal, command: EditPosition, at_ms: int
) -> writes.Committed:
    """Other facts. Raises `Refusal`: POSITION_CHANGED, POSITION_FAULTY, NOT_FOUND."""
    found = await store.read(review_queries.file, PositionId(command.position))
    if found is None:
        raise Refusal(Code.NOT_FOUND, what="position", id=command.position)
    file, _ = found
    operator = rules.over_region(principal, places.tree.path(file.position.region))
    if not operator:
        rules.require_enterprise(principal, file.position.enterprise)
    edited, why = _edited(file, command, places)
    return await store.write(
        writes.EditPosition(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            position=edited,
            flags=faults(edited, why, day_of(at_ms)),
            operator=operator,
        )
    )


def _edited(file: PositionFile, command: EditPosition, places: Map) -> tuple[Position, Why | None]:
    """The position as the command has it, and what is wrong with its place."""
    there = file.position
    place = " ".join(command.place.split())
    region, why = places.atlas.county(place)
    known = place == there.place and not any(flag.why in _PLACES for flag in file.flags)
    if known:
        region, why = there.region, None
    lines = {
        name: " ".join(str(getattr(command, name)).split())
        for name in ("title", "shift", "rest", "education", "employment_type", "duties", "requirements")
    }
    paid = command.pay_min_yuan, command.pay_max_yuan
    return (
        msgspec.structs.replace(
            there,
            version=command.version,
            place=place,
            region=region or there.region,
            openings=command.openings,
            base_yuan=command.base_yuan,
            pay_min_yuan=paid[0],
            pay_max_yuan=paid[1],
            pay_unit=command.pay_unit,
            pay_negotiable=command.pay_negotiable and paid == (None, None),
            benefits=tuple(dict.fromkeys(" ".join(word.split()) for word in command.benefits if word.strip())),
            valid_until=command.valid_until,
            **lines,
        ),
        why,
    )


async def close_position(
    store: Store, tree: RegionTree, principal: Principal, command: ClosePosition, at_ms: int
) -> writes.Committed:
    """招满, or open again."""
    found = await store.read(review_queries.file, PositionId(command.position))
    if found is None:
        raise Refusal(Code.NOT_FOUND, what="position", id=command.position)
    file, sessions = found
    hosts = any(rules.has(principal, (Role.HOST, Role.ASSISTANT), session) for session in sessions)
    if not hosts and not rules.over_region(principal, tree.path(file.position.region)):
        rules.require_enterprise(principal, file.position.enterprise)
    return await store.write(
        writes.ClosePosition(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            position=file.position.id,
            closed=command.closed,
        )
    )
