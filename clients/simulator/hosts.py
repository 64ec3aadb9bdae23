"""The hosts: they go on air together, relay the opening, show card after card, take a wrong one back, answer, end.

The product has no relay of pictures from hall to hall, and needs none: a hall names another page as its picture
(`elsewhere`), pins where the opening is seen, and takes its own picture back at 09:20.
"""

import asyncio

from clients.simulator import curve
from clients.simulator.corpus import GREETINGS, NOTICES, answer_to
from clients.simulator.daytime import Daytime
from clients.simulator.ledger import Entry, Ledger
from clients.simulator.luck import Luck
from clients.simulator.plan import HallPlan
from clients.simulator.staff import Station
from server.core.model import PictureKind
from server.core.protocol import (
    AnswerQuestion,
    ClearNotice,
    Command,
    DeskIs,
    Done,
    EndSession,
    GoLive,
    ListDesk,
    PinNotice,
    Say,
    SetPicture,
    ShowCard,
    UndoCard,
)
from server.core.refusal import Code, Refusal

RELAY_URL = "https://channels.weixin.qq.com/"
"""Where the opening is seen: the front page of a platform that the product lists, and nobody's live room."""
RELAY_NOTICE = "正在转播主会场开幕式，九点二十本会场开讲"
ANSWER_EVERY = 6
"""After so many cards a host answers what was asked most."""
UNDO_AFTER_S = 20.0
LEAST_REAL_S = 0.05


class Host:
    """One hall's day, over one or more links of its host (a hub rations what one link sends)."""

    def __init__(self, hall: HallPlan, stations: list[Station], daytime: Daytime, ledger: Ledger, run: str) -> None:
        self._hall = hall
        self._stations = stations
        self._daytime = daytime
        self._ledger = ledger
        self._run = f"{run}-{hall.session}"
        self._keys = 0
        self._luck = Luck(sum(hall.session.encode()))

    async def day(self) -> None:
        """From 09:00 to the end. Raises `TimeoutError` when the hub does not answer any more."""
        hall = self._hall
        await self._daytime.until(hall.start_s)
        await self._stage("state_changed", GoLive(session=hall.session, key=self._key()))
        if hall.relayed:
            await self._relay()
        await self._talk(self._luck.pick(GREETINGS))
        await self._stage("notice_pinned", PinNotice(session=hall.session, text=NOTICES[0], key=self._key()))
        for number, show in enumerate(hall.shows, start=1):
            await self._daytime.until(show.at_s)
            await self._show(show.position)
            if show.undone:
                await asyncio.sleep(max(UNDO_AFTER_S / self._daytime.speed, LEAST_REAL_S))
                undo = UndoCard(session=hall.session, key=self._key())
                if await self._stage("card_undone", undo, show.position):
                    self._ledger.counts["cards undone"] += 1
            if number % ANSWER_EVERY == 0:
                await self._answer()
        await self._daytime.until(hall.end_s)
        await self._stage("state_changed", EndSession(session=hall.session, key=self._key()))

    async def _relay(self) -> None:
        """The opening of the main hall, until 09:20."""
        session = self._hall.session
        elsewhere = SetPicture(session=session, kind=PictureKind.ELSEWHERE, url=RELAY_URL, key=self._key())
        await self._stage("picture_set", elsewhere)
        await self._stage("notice_pinned", PinNotice(session=session, text=RELAY_NOTICE, key=self._key()))
        await self._daytime.until(curve.RELAY_UNTIL_S)
        await self._stage("notice_cleared", ClearNotice(session=session, key=self._key()))
        await self._stage("picture_set", SetPicture(session=session, kind=PictureKind.HERE, key=self._key()))

    async def _show(self, position: str) -> None:
        show = ShowCard(session=self._hall.session, position=position, key=self._key())
        if await self._stage("card_shown", show, position):
            self._ledger.counts["cards shown"] += 1

    async def _answer(self) -> None:
        """What is asked most and has no answer yet."""
        session = self._hall.session
        desk = await self._persist(ListDesk(session=session))
        open_ones = [one for one in desk.questions if not one.answered] if isinstance(desk, DeskIs) else []
        if open_ones:
            answer = AnswerQuestion(
                session=session,
                position=open_ones[0].position,
                topic=open_ones[0].topic,
                key=self._key(),
                text=answer_to(open_ones[0].topic, open_ones[0].text),
            )
            if isinstance(await self._persist(answer), Done):
                self._ledger.lines_by_desk[session] += 1

    async def _talk(self, text: str) -> None:
        done = await self._persist(Say(session=self._hall.session, text=text, key=self._key()))
        if isinstance(done, Done):
            self._ledger.said(self._hall.session, done.offset)

    async def _stage(self, kind: str, command: Command, position: str = "") -> bool:
        """Do it and write down which entry of the stage it became; False when it was refused."""
        done = await self._persist(command)
        if not isinstance(done, Done):
            return False
        self._ledger.staged(self._hall.session, Entry(done.offset, kind, position))
        return True

    async def _persist(self, command: Command) -> object:
        station = self._stations[self._keys % len(self._stations)]
        try:
            return await station.persist(command)
        except Refusal as refusal:
            name = f"{command.__struct_config__.tag} {refusal.code.value}"
            self._ledger.refused[name] += 1
            if refusal.code is not Code.ALREADY_LIVE:
                self._ledger.thwarted(f"host of {self._hall.session}: {name}")
            return None

    def _key(self) -> str:
        self._keys += 1
        return f"{self._run}-{self._keys}"
