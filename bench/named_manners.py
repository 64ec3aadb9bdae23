"""The manners by the names that plans give them."""

from collections.abc import Callable

from bench.clocks import Clocked
from bench.manners import Bare, Centrifuge, Daigang, Frames, Manner, Replied, SocketIo
from bench.plan import Plan


def manner_of(plan: Plan, replied: Replied) -> Manner:
    """The manner a plan names. Raises `KeyError`."""
    if plan.manner == "daigang":
        return Daigang(plan, replied)
    if plan.manner == "clocked":
        return Clocked(plan, replied)
    makers: dict[str, Callable[[], Manner]] = {
        "frames": lambda: Frames(plan),
        "nchan": lambda: Bare(plan, "/sub/{room}"),
        "path": lambda: Bare(plan, "/ws/{room}"),
        "socketio": lambda: SocketIo(plan),
        "centrifuge": lambda: Centrifuge(plan),
    }
    return makers[plan.manner]()
