"""Makes the plan of a day: halls and their cards here, visits, applications and talk in the files beside it."""

from clients.simulator import curve
from clients.simulator.day import turnout
from clients.simulator.facts import Hall
from clients.simulator.luck import Luck
from clients.simulator.plan import Application, Complain, HallPlan, Plan, Pull, Show, Wish
from clients.simulator.planning_applications import Applicants
from clients.simulator.planning_talk import add_talk
from clients.simulator.planning_visits import Visits, draw_visits
from server.core.catalogue import Catalogue
from server.core.model import SessionId

FIGURES: int = 20_000
"""The persons of the newspaper, to whom its 6,000 intents belong."""
_INTENTS = 6_000
_UNDONE = 0.02
_ENDS_EARLY = "V48"
"""A hall whose host ends before the time."""
_EARLY = 0.3
_MAIN = "220100"


_PULLED = 0.7
_QUIET_S = 600.0
_QUIET_GAPS = 100.0


def plan_day(catalogue: Catalogue, wish: Wish) -> Plan:
    """The day that was wished for. Raises `ValueError` for less than one viewer a hall or a day that ends before it
    begins."""
    halls = _chosen(wish)
    if wish.viewers < len(halls):
        raise ValueError(f"wants at least one viewer for each of {len(halls)} halls")
    if wish.until_s < curve.RELAY_UNTIL_S + 600:
        raise ValueError("wants a day until 09:30 at least")
    luck = Luck(wish.seed)
    whole = len(halls) == len(turnout())
    visitors = parts(wish.viewers, [hall.visitors for hall in halls], least=1)
    total = wish.viewers * _INTENTS // FIGURES
    intents = parts(total, [hall.intents if whole else visited for hall, visited in zip(halls, visitors, strict=True)])
    plans = tuple(
        _hall_plan(luck, catalogue, wish, hall, numbers)
        for hall, *numbers in zip(halls, visitors, intents, strict=True)
    )
    visits: Visits = draw_visits(luck, wish, plans)
    applications = Applicants(luck, catalogue, plans, visits, wish.favoured).draw()
    add_talk(luck, catalogue, plans, visits, wish.talkers)
    pulls = _pulls(wish, plans, visits, applications) if wish.faults else ()
    return Plan(
        wish=wish,
        halls=plans,
        visits=visits.finished(),
        applications=applications,
        pulls=pulls,
        peak=visits.peak,
    )


def _pulls(wish: Wish, halls: tuple[HallPlan, ...], visits: Visits, forms: tuple[Application, ...]) -> tuple[Pull, ...]:
    """One position, in the first hall that has one which was shown and for which nobody applies any more, with time
    for who has to send it again. Somebody who is there reports it."""
    for hall, plan in enumerate(halls):
        at_s = plan.start_s + _PULLED * (plan.end_s - plan.start_s)
        quiet_s = max(_QUIET_S, wish.gap_s * _QUIET_GAPS)
        wanted = {form.position for form in forms if form.hall == hall and form.at_s > at_s - quiet_s}
        able = [show.position for show in plan.shows if show.at_s < at_s - 10 and show.position not in wanted]
        there = [number for number in visits.of(hall) if visits[number].at_s < at_s - 10 < visits[number].until_s]
        if able and there:
            visits.add(there[0], Complain(at_s - 10, able[0]))
            return (Pull(at_s, hall, able[0]),)
    return ()


def parts(total: int, weights: list[int], least: int = 0) -> list[int]:
    """Whole parts of `total` in proportion to the weights, by largest remainder; each at least so many."""
    whole = sum(weights)
    found = [total * weight // whole for weight in weights]
    rest = total - sum(found)
    order = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in order[:rest]:
        found[index] += 1
    for index, part in enumerate(found):
        if part < least:
            largest = max(range(len(found)), key=lambda other: (found[other], -other))
            found[largest] -= least - part
            found[index] = least
    return found


def _chosen(wish: Wish) -> tuple[Hall, ...]:
    halls = turnout() if wish.main else turnout()[1:]
    if wish.halls == len(turnout()) or wish.main:
        return halls[: wish.halls]
    return halls[-wish.halls :]


def _hall_plan(luck: Luck, catalogue: Catalogue, wish: Wish, hall: Hall, numbers: list[int]) -> HallPlan:
    """The cards in the order of the shelf, evenly with a little unrest from 09:20 until five minutes before the end."""
    session = SessionId("S" + hall.id[1:])
    end_s = min(curve.MAIN_END_S if hall.unit == _MAIN else curve.COUNTY_END_S, wish.until_s)
    if wish.faults and hall.id == _ENDS_EARLY:
        end_s -= _EARLY * (end_s - curve.RELAY_UNTIL_S)
    slots = catalogue.shelves[session]
    room_s = end_s - 300 - curve.RELAY_UNTIL_S
    count = len(slots) if wish.gap_s <= 0 else min(len(slots), max(1, int(room_s / wish.gap_s)))
    gap_s = room_s / count
    shows = tuple(
        Show(
            at_s=curve.RELAY_UNTIL_S + gap_s * (index + 0.4 * luck.below(1000) / 1000),
            position=slot.position.id,
            undone=luck.chance(_UNDONE),
        )
        for index, slot in enumerate(slots[:count])
    )
    visitors, intents = numbers
    return HallPlan(
        session=session,
        visitors=visitors,
        intents=intents,
        start_s=curve.START_S,
        end_s=end_s,
        relayed=hall.unit != _MAIN,
        shows=shows,
    )
