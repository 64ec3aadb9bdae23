"""Looking after positions: review, edits, 招满."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import LIST_LIMIT, MOST_POSITIONS
from server.core.model import PayUnit, PositionFile, PositionId, Review, ReviewFirm
from server.core.position_limits import MOST_OPENINGS
from server.core.protocol.message import CommandBase, Key, ReplyBase, ShortId, Text

Skip = Annotated[int, Meta(ge=0, le=100_000, description="`next` of the page before")]
Rows = Annotated[int, Meta(ge=1, le=LIST_LIMIT)]
Words = Annotated[str, Meta(max_length=2_000)]
Yuan = Annotated[int, Meta(ge=0, le=1_000_000)]


class ListReviews(CommandBase, frozen=True, kw_only=True, tag="list_reviews"):
    """待审 of a branch by enterprise, those with flags first. Replied by `reviews_are`."""

    region: ShortId
    skip: Skip = 0
    limit: Rows = 50


class ListPositions(CommandBase, frozen=True, kw_only=True, tag="list_positions"):
    """An enterprise's positions, of these states of review or of all, flagged ones first: all of them for who answers
    for the enterprise, those of their branch for operators. Replied by `positions_are`."""

    enterprise: ShortId
    reviews: Annotated[tuple[Review, ...], Meta(max_length=4)] = ()
    skip: Skip = 0
    limit: Rows = 50


class ReviewPositions(CommandBase, frozen=True, kw_only=True, tag="review_positions"):
    """`approved`, `refused` (with the reason in words) or back to `waiting`. Without `positions`: all of the enterprise
    that wait in the person's branch. Positions whose facts were written after `seen_ms` (`at_ms` of the list) are left
    as they are: nobody has seen them. Replied by `changed`."""

    enterprise: ShortId
    review: Review
    seen_ms: Annotated[int, Meta(ge=0, le=2**53)]
    key: Key
    positions: Annotated[tuple[ShortId, ...], Meta(max_length=MOST_POSITIONS)] = ()
    reason: Text = ""


class EditPosition(CommandBase, frozen=True, kw_only=True, tag="edit_position"):
    """Facts of a position as they are from now on, by who answers for the enterprise or operates the branch. `version`
    is the one that was edited. What is left out is said to be missing. Replied by `changed`."""

    position: ShortId
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    title: Words
    place: Words
    openings: Annotated[int, Meta(ge=0, le=MOST_OPENINGS)]
    key: Key
    base_yuan: Yuan | None = None
    pay_min_yuan: Yuan | None = None
    pay_max_yuan: Yuan | None = None
    pay_unit: PayUnit = PayUnit.MONTH
    pay_negotiable: bool = False
    shift: Words = ""
    rest: Words = ""
    education: Words = ""
    employment_type: Words = ""
    benefits: Annotated[tuple[Words, ...], Meta(max_length=20)] = ()
    duties: Words = ""
    requirements: Words = ""
    valid_until: Annotated[str, Meta(pattern=r"^(20[0-9]{2}-[01][0-9]-[0-3][0-9])?$")] = ""


class ClosePosition(CommandBase, frozen=True, kw_only=True, tag="close_position"):
    """招满: it takes no applications any more; with `closed` false it does again. By who answers for the enterprise,
    hosts a session with it, or operates the branch. Replied by `changed`."""

    position: ShortId
    key: Key
    closed: bool = True


class ReviewsAre(ReplyBase, frozen=True, kw_only=True, tag="reviews_are"):
    """A page of enterprises as of `at_ms`; `next` is 0 on the last. `waiting` and `drafts` are the branch's sums."""

    at_ms: int
    firms: tuple[ReviewFirm, ...]
    next: int = 0
    waiting: int = 0
    drafts: int = 0


class PositionsAre(ReplyBase, frozen=True, kw_only=True, tag="positions_are"):
    """A page of positions as of `at_ms`; `next` is 0 on the last."""

    at_ms: int
    positions: tuple[PositionFile, ...]
    next: int = 0


class Changed(ReplyBase, frozen=True, kw_only=True, tag="changed"):
    """The positions that are another now, and how many of those asked for were left as they were. `review` is what
    stands for the last of them."""

    positions: tuple[PositionId, ...]
    left: int = 0
    review: Review = Review.APPROVED
