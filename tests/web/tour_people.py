"""The people of a fair that is looked at: a hall on air, an HR with sixty applicants, a specialist with forty
enterprises, some of whom wait for days."""

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.core.model import Position, Role, ShelfSlot
from server.core.protocol import Apply, Command, EditPosition, GoLive, Receipt, ShowCard
from server.core.refusal import Refusal
from tests.faults.processes import HubProcess

SESSION: Final = "S01"
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True)
class Fair:
    """What the walks need to know."""

    slots: tuple[ShelfSlot, ...]
    firms: tuple[str, ...]
    own: str


async def patiently(hub: HubProcess, command: Command, token: str) -> object:
    """The reply, however often the house says: later."""
    while True:
        try:
            return await hub.doors.call(command, token)
        except Refusal as refusal:
            if not refusal.temporary:
                raise
            await asyncio.sleep(0.2)


async def on_air(hub: HubProcess) -> tuple[ShelfSlot, ...]:
    """The hall is live; its shelf."""
    host = await hub.doors.demo(Role.HOST)
    await patiently(hub, GoLive(session=SESSION, key="go-live-1"), host.token)
    page = await hub.doors.session(SESSION)
    return (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots


async def applied(hub: HubProcess, slot: ShelfSlot, n: int) -> Receipt:
    """Somebody's application."""
    guest = await hub.doors.guest()
    command = Apply(
        session=SESSION,
        position=slot.position.id,
        name=f"求职者{n}",
        phone=f"139{n:08d}",
        consent="2026-11",
        age_confirmed=True,
        key=f"apply-{n:06d}",
        version=slot.position.version,
    )
    reply = await patiently(hub, command, guest.token)
    assert isinstance(reply, Receipt)
    return reply


async def applicants(hub: HubProcess, slots: list[tuple[ShelfSlot, int]]) -> None:
    """So many for each, eight at a time."""
    queue = [(slot, slot_n * 1000 + n) for slot_n, (slot, count) in enumerate(slots, 1) for n in range(count)]

    async def some() -> None:
        while queue:
            await applied(hub, *queue.pop())

    await asyncio.gather(*(some() for _ in range(8)))


async def pays_less(hub: HubProcess, position: Position) -> None:
    """The enterprise edits it on air: everybody who applied before saw another pay."""
    own = ("id", "enterprise", "enterprise_name", "region", "closed", "synthetic")
    facts = {name: getattr(position, name) for name in position.__struct_fields__ if name not in own}
    facts |= {"pay_min_yuan": 3_000, "pay_max_yuan": 3_100, "base_yuan": 2_000}
    hr = await hub.doors.demo(Role.HR)
    await patiently(hub, EditPosition(position=position.id, key="edit-position-1", **facts), hr.token)


def let_time_pass(var_dir: Path, ago_ms: dict[str, int]) -> None:
    """The applications of these enterprises were sent that much earlier."""
    with sqlite3.connect(var_dir / "daigang.db", timeout=20) as db:
        db.executemany(
            "UPDATE applications SET applied_at_ms = applied_at_ms - ? WHERE enterprise = ?",
            [(ms, firm) for firm, ms in ago_ms.items()],
        )


async def staff(hub: HubProcess) -> tuple[str, tuple[str, ...]]:
    """The HR's enterprise, and the specialist's."""
    own = (await hub.doors.demo(Role.HR)).grants[0].scope
    return own, tuple(grant.scope for grant in (await hub.doors.demo(Role.SPECIALIST)).grants)


async def fill(hub: HubProcess) -> Fair:
    """On air, with a card, and applicants everywhere."""
    slots = await on_air(hub)
    host = await hub.doors.demo(Role.HOST)
    await patiently(hub, ShowCard(session=SESSION, position=slots[0].position.id, key="show-card-1"), host.token)
    own, firms = await staff(hub)
    first = {firm: next(slot for slot in slots if slot.position.enterprise == firm) for firm in firms}
    await applicants(hub, [(first[own], 60), *((first[firm], 1 + n % 7) for n, firm in enumerate(firms[1:]) if n % 3)])
    let_time_pass(hub.var_dir, {firm: n * HOUR_MS for n, firm in enumerate(firms)})
    await pays_less(hub, first[own].position)
    return Fair(slots, firms, own)
