"""What the players hold: breaches that show at once, and what numbers must have grown by."""

from msgspec.structs import replace

from clients.simulator.comparing import Play, counted, differences
from clients.simulator.ledger import Entry, Got, Ledger
from clients.simulator.looking import House, Log
from clients.simulator.plan import HallPlan, Plan, Wish
from clients.simulator.watching import summed
from server.core.model import ApplicationId, ApplicationStatus, Numbers, SessionId


def got(number: int, device: int, application: str, receipt: str = "R-1") -> Got:
    return Got(number, device, ApplicationId(application), receipt, "S01", "P1")


def test_each_device_has_an_id_and_a_receipt_of_its_own_and_keeps_them():
    ledger = Ledger()
    ledger.receipt(got(1, 7, "a"))
    ledger.receipt(got(1, 7, "a"))
    ledger.receipt(got(1, 8, "b", "R-2"))
    assert not ledger.problems
    assert list(ledger.forms[1].receipts.values()) == ["R-1", "R-2"]
    assert ledger.held[ApplicationId("a")] is ledger.held[ApplicationId("b")]
    for breach in (got(1, 7, "c"), got(2, 9, "a"), got(1, 7, "a", "R-9")):
        before = len(ledger.problems)
        ledger.receipt(breach)
        assert len(ledger.problems) == before + 1


def test_an_entry_has_one_content_and_an_offset_one_command():
    ledger = Ledger()
    ledger.saw("S01", Entry(3, "card_shown", "P1"))
    ledger.saw("S01", Entry(3, "card_shown", "P1"))
    ledger.staged("S01", Entry(3, "card_shown", "P1"))
    ledger.said("S01", 5)
    assert not ledger.problems
    ledger.saw("S01", Entry(3, "card_shown", "P2"))
    ledger.staged("S01", Entry(3, "notice_pinned"))
    ledger.said("S01", 5)
    ledger.moved(ApplicationId("nobody's"), ApplicationStatus.VIEWED)
    assert len(ledger.problems) == 4


def test_numbers_grow_by_shows_less_undone_ones_by_forms_and_by_what_ever_was_an_intent():
    ledger = Ledger()
    for offset, kind in enumerate(("state_changed", "card_shown", "card_shown", "card_undone"), start=1):
        ledger.staged("S01", Entry(offset, kind))
    ledger.receipt(got(1, 7, "a"))
    ledger.receipt(got(1, 8, "b", "R-2"))
    ledger.receipt(got(2, 7, "c", "R-3"))
    ledger.moved(ApplicationId("b"), ApplicationStatus.INTENT)
    ledger.moved(ApplicationId("b"), ApplicationStatus.WITHDRAWN)
    assert counted(ledger, ["S01", "S02"]) == {
        "S01": Numbers(cards=1, applications=2, intents=1),
        "S02": Numbers(),
    }


def test_among_others_a_refusal_may_be_their_doing():
    alone, shared = Ledger(), Ledger(shared=True)
    alone.thwarted("show_card session_ended")
    shared.thwarted("show_card session_ended")
    assert (len(alone.problems), len(shared.problems)) == (1, 0)


def test_what_follows_when_a_position_is_pulled_is_known_from_the_log_where_no_viewer_saw_it():
    wish = Wish(seed=1, viewers=1, halls=1)
    hall = HallPlan(session=SessionId("S01"), visitors=1, intents=0, start_s=0, end_s=1, relayed=False, shows=())
    plan = Plan(wish=wish, halls=(hall,), visits=(), applications=(), pulls=(), peak=0)
    house = House(
        applications={},
        stages={"S01": Log("e", 0)},
        chats={"S01": 0},
        cards={"S01": 0},
        desks={"S01": 0},
        regions={},
        reports=0,
    )
    ledger = Ledger()

    def found(*entries: Entry) -> list[str]:
        after = replace(house, stages={"S01": Log("e", len(entries), entries)})
        play = Play(
            plan=plan,
            ledger=ledger,
            before=house,
            after=after,
            branches={"r": ()},
            session_regions={"S01": "r"},
        )
        return [one.found for one in differences(play)]

    assert found(Entry(1, "shelf_changed")) == ["shelf_changed"]
    ledger.pulled.add("S01")
    assert found(Entry(1, "shelf_changed")) == []
    assert found(Entry(1, "shelf_changed"), Entry(2, "card_shown", "P1")) == ["card_shown"]


def test_several_workers_are_one_hub():
    text = (
        "# TYPE daigang_connections gauge\n"
        'daigang_connections{worker="0"} 3.0\ndaigang_connections{worker="1"} 4.0\n'
        'daigang_pictures{state="gone",worker="0"} 9.0\nprocess_cpu_seconds_total 1.5e+01\n'
    )
    assert summed(text) == {"daigang_connections": 7.0, "process_cpu_seconds_total": 15.0}
