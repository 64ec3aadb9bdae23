"""The epoch: one life of a store's logs, shared by all its channels.

Offsets say where something is in a log; the epoch says in which life of it. When a database is replaced by an older
copy, offsets are given a second time for other things: then the epoch must change, so that no viewer is told
"recovered" wrongly. `daigang restore` renews it. What it cannot see is caught here: the epoch also lies in a file
beside the database, and `meta` remembers the past ones. If the file's epoch is neither the database's own nor one of
its past, the database comes from somewhere else: it gets a new epoch.

A missing file means a moved database on SQLite (renewed), and on PostgreSQL a further hub's first start (adopted).
"""

import os
import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from server.core.model import Epoch
from server.store.engines import upsert
from server.store.tables import meta

FILE_NAME: Final = "epoch"
PAST_KEPT: Final = 100
_NOW: Final = "epoch"
_PAST: Final = "past_epochs"


def settle_epoch(conn: Connection, var_dir: Path) -> Epoch:
    """The epoch as of this start, made or renewed where it must be; call inside a transaction and commit it, then
    write it beside the database with `keep_beside`."""
    stored = _get(conn, _NOW)
    if not stored:
        return renew_epoch(conn)
    beside = _read_beside(var_dir)
    if beside == stored:
        return Epoch(stored)
    if beside is None:
        return Epoch(stored) if conn.dialect.name == "postgresql" else renew_epoch(conn)
    return Epoch(stored) if beside in _get(conn, _PAST).split() else renew_epoch(conn)


def renew_epoch(conn: Connection) -> Epoch:
    """A new epoch; offsets simply go on. For `daigang restore`, while no hub is running on this store."""
    past = [*_get(conn, _PAST).split(), _get(conn, _NOW)][-PAST_KEPT:]
    fresh = secrets.token_hex(8)
    rows = [{"name": _NOW, "value": fresh}, {"name": _PAST, "value": " ".join(past).strip()}]
    conn.execute(upsert(conn.dialect.name, meta), rows)
    return Epoch(fresh)


def keep_beside(var_dir: Path, epoch: Epoch) -> None:
    """Write the epoch's file, whole or not at all."""
    if _read_beside(var_dir) == epoch:
        return
    var_dir.mkdir(parents=True, exist_ok=True)
    draft = var_dir / f"{FILE_NAME}.{os.getpid()}.new"
    with draft.open("w") as file:
        file.write(f"{epoch}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(var_dir / FILE_NAME)


def _read_beside(var_dir: Path) -> str | None:
    try:
        return (var_dir / FILE_NAME).read_text().strip() or None
    except FileNotFoundError:
        return None


def _get(conn: Connection, name: str) -> str:
    return conn.execute(select(meta.c.value).where(meta.c.name == name)).scalar() or ""
