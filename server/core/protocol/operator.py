"""What operators ask."""

from server.core.model import RegionNumbers
from server.core.protocol.message import CommandBase, ReplyBase, ShortId


class Overview(CommandBase, frozen=True, kw_only=True, tag="overview"):
    """The numbers of every branch below a region. Replied by `overview_is`."""

    region: ShortId


class OverviewIs(ReplyBase, frozen=True, kw_only=True, tag="overview_is"):
    """The branch itself first, then every branch below it; counters are as of `at_ms`."""

    at_ms: int
    regions: tuple[RegionNumbers, ...]
