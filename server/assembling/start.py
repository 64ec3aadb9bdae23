"""How a hub is started, beside what its configuration says."""

import msgspec


class WorkerPlace(msgspec.Struct, frozen=True, kw_only=True):
    """This hub is worker `number` of `count` behind one port; `directory` has their doors to each other."""

    number: int
    count: int
    directory: str


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a hub is started, beside its configuration. `worker`: its place, where several share a port. `dev`: a trial,
    http is fine and pages are read from disk each time. `alone`: refused where another hub serves from the same SQLite
    database. `spread_s`: over how long viewers are sent away when it stops. `play`: the demonstration's day plays by
    itself, so many times as fast (`60x`)."""

    worker: WorkerPlace | None = None
    demo: bool = False
    dev: bool = False
    alone: bool = False
    spread_s: float = 5.0
    play: str = ""
