"""Worked examples of the messages of the catalogue; `examples` puts them beside the others."""

from typing import Final

from server.core import protocol
from server.core.model import EnterpriseId, Flag, PositionFile, PositionId, RegionCode, Review, ReviewFirm
from server.core.samples import AT_MS, CHANGCHUN, E01, JILIN, KEY, P01, POSITION

_FILE: Final = PositionFile(
    position=POSITION,
    review=Review.DRAFT,
    flags=(Flag(why="sex_and_age", column="requirements", text="限男性"),),
    edited_at_ms=AT_MS,
)

COMMANDS: Final[tuple[tuple[str, protocol.Command], ...]] = (
    ("list_reviews", protocol.ListReviews(id=30, region=JILIN)),
    ("list_positions", protocol.ListPositions(id=31, enterprise=E01, reviews=(Review.WAITING, Review.DRAFT), limit=20)),
    (
        "review_positions, all that wait",
        protocol.ReviewPositions(id=32, enterprise=E01, review=Review.APPROVED, seen_ms=AT_MS, key=KEY),
    ),
    (
        "review_positions, one refused",
        protocol.ReviewPositions(
            id=33,
            enterprise=E01,
            review=Review.REFUSED,
            seen_ms=AT_MS,
            key=KEY,
            positions=(P01,),
            reason="请写清工作地点到县区",
        ),
    ),
    (
        "edit_position",
        protocol.EditPosition(
            id=34,
            position=P01,
            version=1,
            title="焊工",
            place="长春市绿园区",
            openings=10,
            key=KEY,
            base_yuan=4000,
            pay_min_yuan=5500,
            pay_max_yuan=7500,
            shift="长白班",
            benefits=("五险", "包住"),
            valid_until="2021-12-31",
        ),
    ),
    ("close_position", protocol.ClosePosition(id=35, position=P01, key=KEY)),
    ("close_position, open again", protocol.ClosePosition(id=36, position=P01, key=KEY, closed=False)),
)

REPLIES: Final[tuple[tuple[str, protocol.Reply], ...]] = (
    (
        "reviews_are",
        protocol.ReviewsAre(
            id=30,
            at_ms=AT_MS,
            firms=(
                ReviewFirm(
                    enterprise=EnterpriseId("E01"),
                    name="示例工厂",
                    region=RegionCode(CHANGCHUN),
                    waiting=12,
                    drafts=3,
                    flagged=1,
                    synthetic=True,
                ),
            ),
            waiting=12,
            drafts=3,
        ),
    ),
    ("positions_are", protocol.PositionsAre(id=31, at_ms=AT_MS, positions=(_FILE,))),
    ("changed", protocol.Changed(id=32, positions=(PositionId("P01"),), left=2)),
)
