"""Who applies for what, how it is sent, and what becomes of it."""

from typing import Final

from msgspec.structs import replace

from clients.simulator import curve
from clients.simulator.luck import Luck
from clients.simulator.plan import Application, Apply, Fate, HallPlan, Way, Withdraw
from clients.simulator.planning_visits import Visits
from server.core.catalogue import Catalogue
from server.core.model import EnterpriseId, PositionId

AFTER_A_CARD: Final = 0.6
"""Of the applications, those within a minute after the card."""
MORE: Final = 0.5
"""Applications that come to nothing on this day, for each that becomes an intent."""
TWINS: Final = 0.02
FAVOUR: Final = 0.3
"""Of the applications of a hall that has favoured enterprises, those that go to them."""
FAMILY: Final = 0.05
WAYS: Final = ((Way.ONCE, 89.0), (Way.TWICE, 4.0), (Way.TWO_KEYS, 4.0), (Way.RESET, 1.5), (Way.CUT, 1.5))
FATES: Final = (
    (Fate.INTERVIEW, 10.0),
    (Fate.UNSUITABLE, 14.0),
    (Fate.CONTACTED, 12.0),
    (Fate.VIEWED, 20.0),
    (Fate.SILENT, 36.0),
    (Fate.WITHDRAWN, 8.0),
)
"""Of those that become no intent: a fifth of all enterprises never answers, as on every such day."""
LOOKS: Final = {Fate.SILENT: 0, Fate.WITHDRAWN: 0, Fate.VIEWED: 1, Fate.CONTACTED: 2, Fate.UNSUITABLE: 2}
"""How many steps an enterprise takes; three where nothing is said."""
KIN: Final = ("母亲", "父亲", "儿子", "女儿", "丈夫", "妻子")
_FAMILY_NAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN_NAMES: Final = ("试", "样", "例", "试一", "样二", "例三", "试四", "样五", "例六", "试七")
"""Names that nobody takes for somebody's."""


class Applicants:
    """Draws the applications of all halls; each is one identity (phone, position, for whom), but for the twins."""

    def __init__(
        self,
        luck: Luck,
        catalogue: Catalogue,
        halls: tuple[HallPlan, ...],
        visits: Visits,
        favoured: tuple[str, ...] = (),
    ) -> None:
        self._luck = luck
        self._halls = halls
        self._visits = visits
        self._firms: dict[PositionId, EnterpriseId] = {one.id: one.enterprise for one in catalogue.positions}
        self._shelves = {hall.session: [slot.position.id for slot in catalogue.shelves[hall.session]] for hall in halls}
        self._favoured = {
            session: [position for position in shelf if self._firms[position] in favoured]
            for session, shelf in self._shelves.items()
        }
        last_s = max(hall.end_s for hall in halls)
        self._pace = min(1.0, (last_s - curve.RELAY_UNTIL_S) / (curve.MAIN_END_S - curve.RELAY_UNTIL_S))
        self._phones: dict[int, str] = {}
        self._taken: set[tuple[str, PositionId, str]] = set()
        self._found: list[Application] = []

    def draw(self) -> tuple[Application, ...]:
        """All of them; their acts are in the visits then."""
        for hall, plan in enumerate(self._halls):
            others = int(plan.intents * MORE) + 1
            for number in range(plan.intents + others):
                fate = Fate.INTENT if number < plan.intents else self._luck.weighted(FATES)
                self._one(hall, fate)
        return tuple(self._found)

    def phone(self, person: int) -> str:
        """A number of the block that stands for nobody, one for each person that needs one."""
        return self._phones.setdefault(person, f"199{len(self._phones):08d}")

    def _one(self, hall: int, fate: Fate) -> None:
        luck = self._luck
        while True:
            visit, at_s, position = self._moment(hall)
            person = self._visits[visit].person
            phone = self.phone(person)
            for_whom = luck.pick(KIN) if luck.chance(FAMILY) else ""
            if (phone, position, for_whom) not in self._taken:
                break
        self._taken.add((phone, position, for_whom))
        made = Application(
            number=len(self._found),
            hall=hall,
            position=position,
            enterprise=self._firms[position],
            name=f"{_FAMILY_NAMES[person % len(_FAMILY_NAMES)]}{_GIVEN_NAMES[person % len(_GIVEN_NAMES)]}",
            phone=phone,
            at_s=at_s,
            way=luck.weighted(WAYS),
            fate=fate,
            for_whom=for_whom,
            steps=self._steps(at_s, fate),
        )
        if fate is Fate.WITHDRAWN:
            made = replace(made, withdrawn_s=at_s + luck.between(60, 900))
            self._visits.add(visit, Withdraw(made.withdrawn_s, made.number))
        self._visits.add(visit, Apply(at_s, made.number))
        self._found.append(made)
        if fate is not Fate.WITHDRAWN and luck.chance(TWINS):
            self._twin(made)

    def _moment(self, hall: int) -> tuple[int, float, PositionId]:
        """Whose visit, when, and for which position: most often the card that has just been shown."""
        luck, plan = self._luck, self._halls[hall]
        favoured = self._favoured[plan.session]
        if favoured and luck.chance(FAVOUR):
            somebody = self._visits.any_of(luck, hall)
            return somebody, self._visits.within(luck, somebody, plan), luck.pick(favoured)
        if plan.shows and luck.chance(AFTER_A_CARD):
            show = luck.pick(plan.shows)
            visit = self._visits.there_at(luck, hall, show.at_s)
            if visit is not None:
                return visit, min(show.at_s + luck.between(3, 60), plan.end_s - 30), show.position
        visit = self._visits.any_of(luck, hall)
        return visit, self._visits.within(luck, visit, plan), luck.pick(self._shelves[plan.session])

    def _twin(self, first: Application) -> None:
        """The same person once more from another device, a little later."""
        at_s = first.at_s + self._luck.between(30, 600)
        visit = self._visits.there_at(self._luck, first.hall, at_s)
        if visit is None or at_s > self._halls[first.hall].end_s - 30:
            return
        twin = replace(first, number=len(self._found), at_s=at_s, way=Way.ONCE, steps=(), twin_of=first.number)
        self._visits.add(visit, Apply(at_s, twin.number))
        self._found.append(twin)

    def _steps(self, at_s: float, fate: Fate) -> tuple[float, ...]:
        """When the enterprise looks, calls, decides; sooner on a shorter day."""
        times: list[float] = []
        for least, most in ((180, 5400), (120, 1800), (300, 3600))[: LOOKS.get(fate, 3)]:
            at_s += self._pace * self._luck.between(least, most)
            times.append(at_s)
        return tuple(times)
