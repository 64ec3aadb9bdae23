"""Accounts for a day that is played (`daigang simulate`): made in a house that holds nothing but synthetic fairs, with
one password that lies in a file of its owner's alone."""

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from server.config import Config, ConfigError
from server.core.model import Grant, PersonId, Role, SessionId
from server.core.played_staff import DESK, HOST, OPERATOR, Duty, StaffFile
from server.demo import jilin_day
from server.store import account_queries, catalogue_queries
from server.store.catalogue_writes import load_catalogue
from server.store.store import Store
from server.store.writes import AddAccount
from server.web.signin import hash_password

FILE_NAME = "simulate.json"
SESSIONS_EACH = 4
"""Sessions one host has: one link may send five commands a second."""
FIRMS_EACH = 32
"""Enterprises one desk answers for: the roles of an account travel in its token, which has a bound."""


async def prepare_staff(store: Store, config: Config, clock_ms: Callable[[], int], leave_to: str = "") -> Path:
    """Load the Jilin day into an empty house, make the accounts anew, and write VAR/simulate.json (0600). `leave_to`:
    an account whose enterprises the played staff leaves alone.

    Raises `ConfigError` where a real fair is held, or where messages to phones would leave the house: the numbers are
    made up, but somebody may have them.
    """
    fairs = await store.read(catalogue_queries.fairs)
    if any(not fair.synthetic for fair in fairs):
        raise ConfigError("the database holds a real fair: nothing is played in it. Give it another one (DAIGANG_VAR)")
    if config.sender.kind != "console":
        raise ConfigError("sender.kind: wants console where a day is played; made-up numbers may be somebody's")
    if not fairs:
        await store.transact(load_catalogue, jilin_day(), clock_ms())
    staff = _staff(
        sorted(session.id for session in await store.read(catalogue_queries.sessions)),
        await store.read(catalogue_queries.enterprise_ids),
        config.province.code,
    )
    account = await store.read(account_queries.account, leave_to) if leave_to else None
    if account is not None:
        staff = msgspec.structs.replace(staff, left=tuple(grant.scope for grant in account.grants))
    await _make_accounts(store, staff, clock_ms)
    file = Path(config.server.var_dir) / FILE_NAME
    _write_private(file, msgspec.json.encode(staff))
    return file


def _staff(sessions: Sequence[SessionId], enterprises: Sequence[str], province: str) -> StaffFile:
    """The first session is the main hall's, with as many cards as ten others: its host has no other."""
    shared = [sessions[at : at + SESSIONS_EACH] for at in range(1, len(sessions), SESSIONS_EACH)]
    firms = [enterprises[at : at + FIRMS_EACH] for at in range(0, len(enterprises), FIRMS_EACH)]
    return StaffFile(
        password=secrets.token_urlsafe(24),
        hosts=tuple(
            Duty(f"{HOST}{number}", tuple(mine)) for number, mine in enumerate([sessions[:1], *shared], start=1)
        ),
        desks=tuple(Duty(f"{DESK}{number}", tuple(mine)) for number, mine in enumerate(firms, start=1)),
        operator=Duty(OPERATOR, (province,)),
    )


async def _make_accounts(store: Store, staff: StaffFile, clock_ms: Callable[[], int]) -> None:
    hashed = hash_password(staff.password)  # one for all: they share the password
    duties = [
        *((Role.HOST, duty) for duty in staff.hosts),
        *((Role.HR, duty) for duty in staff.desks),
        (Role.OPERATOR, staff.operator),
    ]
    for role, duty in duties:
        at_ms = clock_ms()
        await store.write(
            AddAccount(
                by=PersonId("simulate"),
                key=f"{duty.name}-{secrets.token_hex(8)}",
                at_ms=at_ms,
                name=duty.name,
                shown_name="模拟",
                password_hash=hashed,
                grants=tuple(Grant(role=role, scope=scope) for scope in duty.scopes),
            )
        )


def _write_private(file: Path, data: bytes) -> None:
    """Nobody else can read it at any moment."""
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
    beside.replace(file)
