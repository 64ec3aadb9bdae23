"""Who says, asks and reports what."""

from typing import Final

from clients.simulator.corpus import BAD, draw
from clients.simulator.luck import Luck
from clients.simulator.plan import Ask, Complain, Confirm, HallPlan, Say
from clients.simulator.planning_visits import Visits
from server.core.catalogue import Catalogue
from server.core.model import Position
from server.core.questions import EXPLAIN, quick_of

LINES: Final = 1.2
"""Chat lines for each person: 24,000 on the day."""
SPAM_LINES: Final = 12
QUESTIONS: Final = 0.4
MOST_REPORTS: Final = 20
"""A network address may send 30 at once; the day does not need as many."""
TALKER_PHONES: Final = 70_000
"""Numbers of those who confirm one to write begin here: 1990007xxxx, far from those who apply."""


def add_talk(
    luck: Luck, catalogue: Catalogue, halls: tuple[HallPlan, ...], visits: Visits, talkers: int | None
) -> None:
    """Lines, questions and reports, into the visits. `talkers`: only so many persons write, each once confirmed."""
    shelves = [[slot.position for slot in catalogue.shelves[hall.session]] for hall in halls]
    persons = 1 + max(visits[number].person for number in range(len(visits)))
    able = list(range(len(visits))) if talkers is None else _confirmed(luck, visits, persons, talkers)
    for _ in range(int(persons * LINES) if able else 0):
        number = luck.pick(able)
        hall = visits[number].hall
        said = draw(luck, len(shelves[hall]))
        visits.add(number, Say(visits.within(luck, number, halls[hall]), said.text, said.why))
    if able:
        _spam(luck, halls, visits, luck.pick(able))
    for _ in range(int(persons * QUESTIONS)):
        number = luck.below(len(visits))
        hall = visits[number].hall
        position = luck.pick(shelves[hall])
        visits.add(number, Ask(visits.within(luck, number, halls[hall]), position.id, _topic(luck, position)))
    for _ in range(min(MOST_REPORTS, 1 + persons // 100)):
        number = luck.below(len(visits))
        hall = visits[number].hall
        at_s = visits.within(luck, number, halls[hall])
        visits.add(number, Complain(at_s, luck.pick(shelves[hall]).id))


def _spam(luck: Luck, halls: tuple[HallPlan, ...], visits: Visits, number: int) -> None:
    """A wave of one bad line by one person; each of them is refused."""
    at_s = visits.within(luck, number, halls[visits[number].hall])
    bad = luck.pick([bad for bad in BAD if "{" not in bad.text])
    for _ in range(SPAM_LINES):
        visits.add(number, Say(at_s, bad.text, bad.why))


def _confirmed(luck: Luck, visits: Visits, persons: int, talkers: int) -> list[int]:
    """The visits of so many persons; each begins the first of them with a code."""
    step = max(1, persons // talkers) if talkers else persons + 1
    chosen = {person for index, person in enumerate(range(0, persons, step)) if index < talkers}
    phones: dict[int, str] = {}
    able: list[int] = []
    for number in range(len(visits)):
        person = visits[number].person
        if person in chosen:
            able.append(number)
            if person not in phones:
                phones[person] = f"199{TALKER_PHONES + len(phones):08d}"
                visits.add(number, Confirm(visits[number].at_s + 2 + luck.below(5), phones[person]))
    return able


def _topic(luck: Luck, position: Position) -> str:
    """What the card says nothing of, or that it be explained."""
    offered = quick_of(position)
    return luck.pick(offered) if offered and luck.chance(0.8) else EXPLAIN
