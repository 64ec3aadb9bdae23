"""Who may do what, and what an application may become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core import rules
from server.core.limits import NAME_LIMIT, TEXT_LIMIT
from server.core.model import (
    ApplicationStatus,
    EnterpriseId,
    Grant,
    PersonId,
    Principal,
    RegionCode,
    Role,
    Session,
    SessionId,
)
from server.core.refusal import Code, Refusal


def person(*grants: Grant) -> Principal:
    return Principal(person=PersonId("p"), token_id="t", issued_at_ms=0, until_ms=1, grants=grants)


def test_a_host_hosts_only_the_own_session() -> None:
    host = person(Grant(role=Role.HOST, scope="S01"))
    rules.require_host(host, SessionId("S01"))
    with pytest.raises(Refusal) as refused:
        rules.require_host(host, SessionId("S02"))
    assert refused.value.code is Code.FORBIDDEN


@pytest.mark.parametrize("role", [Role.GUEST, Role.HR, Role.OPERATOR, Role.ADMIN, Role.SPECIALIST])
def test_no_other_role_hosts(role: Role) -> None:
    with pytest.raises(Refusal):
        rules.require_host(person(Grant(role=role, scope="S01")), SessionId("S01"))


def test_an_operator_sees_the_own_branch_and_nothing_beside_it() -> None:
    changchun = person(Grant(role=Role.OPERATOR, scope="220100"))
    rules.require_operator(changchun, (RegionCode("220122"), RegionCode("220100"), RegionCode("220000")))
    for path in [("220200", "220000"), ("220000",), ()]:
        with pytest.raises(Refusal):
            rules.require_operator(changchun, tuple(RegionCode(code) for code in path))


def test_enterprises_are_those_of_hr_and_specialist_grants() -> None:
    specialist = person(
        Grant(role=Role.SPECIALIST, scope="E1"), Grant(role=Role.HR, scope="E2"), Grant(role=Role.HOST, scope="E3")
    )
    assert rules.enterprises_of(specialist) == ("E1", "E2")
    with pytest.raises(Refusal):
        rules.require_enterprise(specialist, EnterpriseId("E3"))


def test_a_chat_line_is_marked_with_the_role_on_duty_here() -> None:
    session = Session(id="S01", venue="V01", fair="F1", region="220100", title="t")  # type: ignore[arg-type]
    path = (RegionCode("220100"), RegionCode("220000"))
    assert rules.staff_role(person(Grant(role=Role.HOST, scope="S01")), session, path) == "host"
    assert rules.staff_role(person(Grant(role=Role.HOST, scope="S02")), session, path) == ""
    assert rules.staff_role(person(Grant(role=Role.OPERATOR, scope="220000")), session, path) == "operator"
    assert rules.staff_role(person(), session, path) == ""


def test_what_is_withdrawn_or_at_work_is_answered_no_more() -> None:
    for wanted in ApplicationStatus:
        assert not rules.may_step(ApplicationStatus.WITHDRAWN, wanted)
        assert not rules.may_step(ApplicationStatus.AT_WORK, wanted)


def test_no_answer_pretends_to_be_the_seeker_or_the_opening() -> None:
    for now in ApplicationStatus:
        for wanted in (ApplicationStatus.APPLIED, ApplicationStatus.VIEWED, ApplicationStatus.WITHDRAWN):
            assert not rules.may_step(now, wanted)


def test_a_mistaken_no_may_be_taken_back() -> None:
    assert rules.may_step(ApplicationStatus.UNSUITABLE, ApplicationStatus.INTERVIEW)
    assert rules.may_step(ApplicationStatus.FILLED, ApplicationStatus.CONTACTED)


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "0086-13800138000",
        "8613800138000",
        "１３８００１３８０００",
    ],
)
def test_a_phone_is_understood_however_it_was_typed(typed: str) -> None:
    assert rules.normal_phone(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed", ["", "1380013800", "138001380000", "12800138000", "abc", "٣٨٠٠١٣٨٠٠٠١", "86", "+861380013800a"]
)
def test_what_is_no_mobile_number_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.normal_phone(typed)
    assert refused.value.code is Code.PHONE_INVALID
    assert refused.value.params == {}


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_refusal(typed: str) -> None:
    try:
        digits = rules.normal_phone(typed)
    except Refusal:
        return
    assert len(digits) == 11
    assert digits.isascii()
    assert digits.isdigit()
    assert rules.normal_phone(digits) == digits


@given(st.text(max_size=3 * TEXT_LIMIT))
def test_a_line_is_one_printable_line_within_its_limit(text: str) -> None:
    try:
        line = rules.clean_line(text)
    except Refusal as refusal:
        known = refusal.code in (Code.TEXT_EMPTY, Code.TEXT_TOO_LONG)
    else:
        known = 0 < len(line) <= TEXT_LIMIT and line.isprintable() and rules.clean_line(line) == line
    assert known


def test_a_name_has_its_own_limit() -> None:
    assert rules.clean_name(" 张\n师傅 ") == "张 师傅"
    for name in ("", " \t", "长" * (NAME_LIMIT + 1)):
        with pytest.raises(Refusal) as refused:
            rules.clean_name(name)
        assert refused.value.code is Code.NAME_INVALID


def test_a_call_is_written_down_at_any_open_step_and_moves_nothing():
    status = ApplicationStatus
    assert rules.may_step(status.HIRED, status.HIRED, call=True)
    assert not rules.may_step(status.HIRED, status.HIRED)
    for closed in (status.APPLIED, status.VIEWED, status.UNSUITABLE, status.FILLED, status.WITHDRAWN, status.AT_WORK):
        assert not rules.may_step(closed, closed, call=True)


def test_a_specialist_who_is_the_enterprises_own_hr_answers_as_that():
    grants = (
        Grant(role=Role.SPECIALIST, scope="E1"),
        Grant(role=Role.SPECIALIST, scope="E2"),
        Grant(role=Role.HR, scope="E2"),
    )
    who = Principal(person=PersonId("p"), token_id="t", issued_at_ms=0, until_ms=1, grants=grants)
    assert rules.specialist_of(who) == ("E1",)
