"""Worked examples of what was added to applying: who sent it, outcomes, consents, all that is held."""

import msgspec

from server.core import protocol
from server.core.model import (
    About,
    Applicant,
    ApplicantOrder,
    ApplicationStatus,
    ApplicationStep,
    CallOutcome,
    Claim,
    Consent,
    Firm,
    Held,
    Look,
    LookPurpose,
    MyRecord,
    NightShift,
    Replies,
    Sending,
    UnsuitableReason,
)
from server.core.samples import A01, AT_MS, E01, KEY, MASKED, MINE, P01, S01

_CALLED = ApplicationStep(
    status=ApplicationStatus.CONTACTED, at_ms=AT_MS + 9_000, outcome=CallOutcome.NO_ANSWER, by_specialist=True
)
_INVITED = ApplicationStep(
    status=ApplicationStatus.INTERVIEW, at_ms=AT_MS + 60_000, interview_at_ms=AT_MS + 86_400_000, place="厂区东门"
)
FOLLOWED: Applicant = msgspec.structs.replace(
    MASKED,
    steps=(_CALLED, _INVITED),
    about=About(phone_confirmed=True, version=2, night_shift=NightShift.YES, start_in_days=3),
    claim=Claim(by="人事一", at_ms=AT_MS + 5_000, mine=True),
)
_LIMITED = msgspec.structs.replace(
    MINE,
    status=ApplicationStatus.APPLIED,
    changed_at_ms=AT_MS,
    steps=(ApplicationStep(status=ApplicationStatus.APPLIED, at_ms=AT_MS),),
    enterprise=E01,
    sending=Sending(limited=True),
    confirmed=True,
)

COMMANDS: tuple[tuple[str, protocol.Command], ...] = (
    (
        "apply, version and age told",
        protocol.Apply(
            id=40,
            session=S01,
            position=P01,
            name="求职者",
            phone="13800138000",
            consent="2026-11",
            age_confirmed=True,
            key=KEY,
            version=2,
            age=45,
        ),
    ),
    (
        "tell_more",
        protocol.TellMore(id=41, application=A01, key=KEY, night_shift=NightShift.YES, start_in_days=3),
    ),
    ("withdraw_consent", protocol.WithdrawConsent(id=42, enterprise=E01, key=KEY)),
    ("my_data", protocol.MyData(id=43)),
    ("erase_me", protocol.EraseMe(id=44, key=KEY)),
    ("list_firms", protocol.ListFirms(id=45)),
    (
        "list_applications, who waits longest",
        protocol.ListApplications(id=68, enterprise=E01, order=ApplicantOrder.LONGEST),
    ),
    (
        "list_applications, some",
        protocol.ListApplications(id=46, enterprise=E01, statuses=(ApplicationStatus.APPLIED,), position=P01),
    ),
    (
        "open_application, again",
        protocol.OpenApplication(id=47, application=A01, key=KEY, purpose=LookPurpose.FOLLOW_UP),
    ),
    (
        "answer_application, a call",
        protocol.AnswerApplication(
            id=48, application=A01, status=ApplicationStatus.CONTACTED, key=KEY, outcome=CallOutcome.NO_ANSWER
        ),
    ),
    (
        "answer_application, an interview",
        protocol.AnswerApplication(
            id=49,
            application=A01,
            status=ApplicationStatus.INTERVIEW,
            key=KEY,
            interview_at_ms=AT_MS + 86_400_000,
            place="厂区东门",
        ),
    ),
    (
        "answer_application, kindly",
        protocol.AnswerApplication(
            id=50, application=A01, status=ApplicationStatus.UNSUITABLE, key=KEY, reason=UnsuitableReason.HOURS
        ),
    ),
    ("fill_waiting", protocol.FillWaiting(id=52, enterprise=E01, key=KEY, position=P01, close=True)),
    ("fill_waiting, all", protocol.FillWaiting(id=53, enterprise=E01, key=KEY)),
)

REPLIES: tuple[tuple[str, protocol.Reply], ...] = (
    ("my_applications_are, limited", protocol.MyApplicationsAre(id=15, applications=(_LIMITED,))),
    ("filled", protocol.Filled(id=52, told=60)),
    ("applications_are, followed", protocol.ApplicationsAre(id=16, applications=(FOLLOWED,))),
    (
        "my_data_is",
        protocol.MyDataIs(
            id=43,
            at_ms=AT_MS,
            record=MyRecord(
                applications=(MINE,),
                held=(Held(application=A01, name="求职者", phone="13800138000"),),
                consents=(
                    Consent(
                        application=A01, enterprise=E01, enterprise_name="示例工厂", version="2026-11", at_ms=AT_MS
                    ),
                ),
                looks=(Look(application=A01, enterprise_name="示例工厂", at_ms=AT_MS + 5_000),),
            ),
        ),
    ),
    (
        "firms_are",
        protocol.FirmsAre(
            id=45,
            firms=(
                Firm(
                    enterprise=E01,
                    name="示例工厂",
                    waiting=2,
                    oldest_at_ms=AT_MS,
                    replies=Replies(received=10, answered=8, mean_ms=3_600_000),
                ),
            ),
        ),
    ),
)
