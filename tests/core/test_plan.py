"""The plan of the day: its sums, its curve, and that the same seed makes the same day."""

import itertools
from collections import Counter, defaultdict

import msgspec
import pytest

from clients.simulator import corpus, curve, day
from clients.simulator.luck import Luck
from clients.simulator.plan import Apply, Fate, Plan, Say, Way, Wish
from clients.simulator.planning import parts, plan_day
from clients.simulator.planning_visits import peak_of
from server.core.model import SessionId
from server.core.wordfilter import found_said, tidy

CATALOGUE = day.generate()
WISH = Wish(seed=7, viewers=2_000)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_day(CATALOGUE, WISH)


def test_the_newspapers_sums_are_the_plans():
    halls = day.turnout()
    visitors, intents = [hall.visitors for hall in halls], [hall.intents for hall in halls]
    assert parts(20_000, visitors, least=1) == visitors  # 49 halls, 20,000 persons
    assert parts(6_000, intents) == intents
    assert (visitors[0], intents[0]) == (3_600, 1_050)
    main = CATALOGUE.shelves[SessionId("S01")]
    assert (len({slot.position.enterprise for slot in main}), len(main)) == (166, 362)
    assert sum(slot.position.openings for slot in main) == 3_160


def test_parts_are_exact_and_leave_nobody_out():
    assert parts(10, [1, 1, 1], least=1) == [4, 3, 3]
    assert parts(3, [100, 1, 1], least=1) == [1, 1, 1]
    assert sum(parts(997, [hall.visitors for hall in day.turnout()], least=1)) == 997


def test_a_smaller_day_keeps_its_sums(plan: Plan):
    assert len(plan.halls) == 49
    assert len({visit.person for visit in plan.visits}) == sum(hall.visitors for hall in plan.halls) == 2_000
    assert sum(hall.intents for hall in plan.halls) == 600
    first = [form for form in plan.applications if form.twin_of < 0]
    assert sum(form.fate is Fate.INTENT for form in first) == 600
    by_hall = Counter(form.hall for form in first if form.fate is Fate.INTENT)
    assert [by_hall[hall] for hall in range(49)] == [hall.intents for hall in plan.halls]


def test_every_title_of_every_hall_is_shown_in_the_order_of_its_shelf(plan: Plan):
    for hall in plan.halls:
        assert [show.position for show in hall.shows] == [s.position.id for s in CATALOGUE.shelves[hall.session]]
        times = [show.at_s for show in hall.shows]
        assert times == sorted(times)
        assert times[0] >= curve.RELAY_UNTIL_S
        assert times[-1] < hall.end_s
    assert sum(len(hall.shows) for hall in plan.halls) == 1_749


def test_the_same_seed_is_the_same_day(plan: Plan):
    again = plan_day(CATALOGUE, WISH)
    assert msgspec.json.encode(again) == msgspec.json.encode(plan)
    other = plan_day(CATALOGUE, Wish(seed=8, viewers=2_000))
    assert msgspec.json.encode(other.visits) != msgspec.json.encode(plan.visits)


def test_people_come_by_the_curve(plan: Plan):
    assert plan.peak == peak_of(plan.visits)
    assert 0.95 * 750 <= plan.peak <= 1.1 * 750  # three in eight at once
    hours = Counter(int(visit.at_s // 1800) for visit in plan.visits)
    assert max(hours, key=lambda slot: hours[slot]) == 18  # 09:00 to 09:30
    assert hours[27] > hours[24]  # 13:30 has more than 12:00
    assert all(curve.OPEN_S <= visit.at_s < visit.until_s <= plan.end_s for visit in plan.visits)
    sizes = Counter(visit.hall for visit in plan.visits)
    assert sizes[0] > 3 * sizes[1] > 3 * sizes[48]  # the main hall, a city, a county
    everybody = plan_day(CATALOGUE, Wish(seed=7, viewers=200, at_once=190))
    assert everybody.peak >= 150


def test_nobody_is_in_two_halls_at_once(plan: Plan):
    by_person = defaultdict(list)
    for visit in plan.visits:
        by_person[visit.person].append((visit.at_s, visit.until_s))
    for times in by_person.values():
        times.sort()
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(times))


def test_an_application_is_one_identity_and_its_acts_are_in_a_visit_of_its_hall(plan: Plan):
    first = [form for form in plan.applications if form.twin_of < 0]
    assert len({(form.phone, form.position, form.for_whom) for form in first}) == len(first)
    for twin in (form for form in plan.applications if form.twin_of >= 0):
        whose = plan.applications[twin.twin_of]
        assert (twin.phone, twin.position, twin.for_whom) == (whose.phone, whose.position, whose.for_whom)
        assert twin.at_s > whose.at_s
    sent = Counter(act.number for visit in plan.visits for act in visit.acts if isinstance(act, Apply))
    assert sent == {form.number: 1 for form in plan.applications}
    for visit in plan.visits:
        for act in visit.acts:
            if isinstance(act, Apply):
                assert plan.applications[act.number].hall == visit.hall
    ways = Counter(form.way for form in first)
    assert all(ways[way] for way in Way)
    assert any(form.for_whom for form in first)
    assert any(form.fate is Fate.WITHDRAWN for form in first)


def test_nobody_applies_for_a_position_that_was_pulled(plan: Plan):
    (pull,) = plan.pulls
    assert all(form.at_s < pull.at_s - 500 for form in plan.applications if form.position == pull.position)
    assert all(show.at_s < pull.at_s for show in plan.halls[pull.hall].shows if show.position == pull.position)


def test_every_number_is_of_the_block_that_stands_for_nobody(plan: Plan):
    assert all(form.phone.startswith("1990000") and len(form.phone) == 11 for form in plan.applications)


def test_where_numbers_are_confirmed_only_some_write():
    plan = plan_day(CATALOGUE, Wish(seed=7, viewers=300, talkers=20))
    talkers = {visit.person for visit in plan.visits for act in visit.acts if isinstance(act, Say)}
    assert len(talkers) == 20
    silent = plan_day(CATALOGUE, Wish(seed=7, viewers=300, talkers=0))
    assert not any(isinstance(act, Say) for visit in silent.visits for act in visit.acts)


def test_bad_lines_are_refused_for_their_reason_and_all_others_pass():
    luck = Luck(1)
    seen: Counter[str] = Counter()
    for _ in range(4_000):
        said = corpus.draw(luck, 30)
        found = found_said(said.text, tidy(said.text))
        assert (found.why.value if found else "") == said.why, said.text
        seen[said.why] += 1
    assert set(seen) == {"", *(bad.why for bad in corpus.BAD)}


def test_a_day_nobody_can_play_is_refused():
    with pytest.raises(ValueError, match="one viewer"):
        plan_day(CATALOGUE, Wish(seed=1, viewers=20))
    with pytest.raises(ValueError, match="09:30"):
        plan_day(CATALOGUE, Wish(seed=1, viewers=200, until_s=9 * 3600))
    with pytest.raises(ValueError, match="HH:MM"):
        curve.seconds_of("25:00")
