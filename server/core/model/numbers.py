"""What is counted."""

from server.core.model.ids import RegionCode, Value


class Numbers(Value, frozen=True, kw_only=True):
    """The numbers of one region branch or one session. `cards` are shows less undone ones; `applications`
    are applications ever made; `intents` those that ever reached 初步意向."""

    live: int = 0
    online: int = 0
    cards: int = 0
    applications: int = 0
    intents: int = 0


class RegionNumbers(Value, frozen=True, kw_only=True):
    """A line of the operator's region tree: the branch's sums. `online` is presence (latest known), the others
    equal the log."""

    region: RegionCode
    numbers: Numbers
