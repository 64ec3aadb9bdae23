"""What enterprises do: look at an applicant, answer. One function per kind of write."""

from typing import Final

from server.core import rules
from server.core.bodies import ApplicationChanged
from server.core.model import Applicant, ApplicationStatus, ApplicationStep
from server.core.protocol import Done, Filled, Opened
from server.core.refusal import Code, Refusal
from server.store.application_batch import Asked, Batch, applicant, firm
from server.store.application_rows import Application
from server.store.counting import INTENTS
from server.store.handling import Count, Effect
from server.store.people import unseal
from server.store.writes import AnswerApplication, FillWaiting, OpenApplication

S = ApplicationStatus
WAITING: Final = (S.APPLIED, S.VIEWED)
"""Nobody has answered these yet."""
OPEN_APPLICATION = "open_application"
"""What the audit log calls a look at name and number."""


def open_application(batch: Batch, write: OpenApplication) -> Effect:
    """Name and number in the clear, written down every time. The first look claims. Raises `Refusal`."""
    row = batch.of_firm(write.application, write.enterprises)
    if row.status is S.WITHDRAWN:
        raise Refusal(Code.STEP_NOT_ALLOWED, now=row.status.value, wanted=S.VIEWED.value)
    batch.rows.note(write.by, OPEN_APPLICATION, row.id, write.at_ms, write.purpose.value)
    claimed = not row.claimed_by
    if claimed:
        row.claimed_by, row.claimed_name, row.claimed_at_ms = write.by, write.by_name, write.at_ms
        batch.rows.touch(row)
    if row.status is S.APPLIED:
        effect = batch.moved(row, _step(row, write, S.VIEWED))
    elif claimed:
        body = ApplicationChanged(application=row.id, position=row.position)
        effect = Effect(reply=Done(), bodies=[(firm(row), body)])
    else:
        effect = Effect(reply=Done())
    effect.reply = Opened(application=_in_the_clear(batch, write, row))
    return effect


def _in_the_clear(batch: Batch, write: OpenApplication, row: Application) -> Applicant:
    personal = unseal(batch.context.keyring, row.id, row.sealed)
    steps = (*batch.steps.get(row.id, ()), *batch.rows.steps_of_batch(row.id))
    confirmed = any(batch.senders.owns(row, sender.person) for sender in batch.senders.standing(row))
    title = batch.titles.get(row.position, "")
    others = tuple(sorted({one.receipt for one in batch.senders.standing(row)} - {row.receipt}))
    asked = Asked(title=title, by=write.by, phone_confirmed=confirmed, revealed=True, receipts=others)
    return applicant(row, personal, steps, asked)


def answer(batch: Batch, write: AnswerApplication) -> Effect:
    """A step, or a call written down. Raises `Refusal`."""
    row = batch.of_firm(write.application, write.enterprises)
    if not rules.may_step(row.status, write.status, call=bool(write.outcome)):
        raise Refusal(Code.STEP_NOT_ALLOWED, now=row.status.value, wanted=write.status.value)
    counts = []
    if write.status in rules.REACHED_INTENT and not row.reached_intent:
        row.reached_intent = True
        counts = [Count(row.session, INTENTS, 1)]
    if row.replied_at_ms is None:
        row.replied_at_ms = write.at_ms
    effect = batch.moved(row, _step(row, write, write.status))
    effect.counts, effect.offset_in = counts, firm(row)
    return effect


def fill(batch: Batch, write: FillWaiting) -> Effect:
    """岗位已招满 for those who still wait. What moved on meanwhile, or is not theirs, stays as it is."""
    effect, told = Effect(reply=Filled(told=0)), 0
    for application in dict.fromkeys(write.applications):
        row = batch.rows.by_id.get(application)
        if row is None or row.enterprise not in write.enterprises or row.consent_withdrawn_at_ms is not None:
            continue
        if row.status not in WAITING:
            continue
        if row.replied_at_ms is None:
            row.replied_at_ms = write.at_ms
        effect.bodies += batch.moved(row, _step(row, write, S.FILLED)).bodies
        told += 1
    effect.reply = Filled(told=told)
    return effect


def _step(
    row: Application, write: OpenApplication | AnswerApplication | FillWaiting, status: ApplicationStatus
) -> ApplicationStep:
    by_specialist = row.enterprise in write.specialist_of
    if not isinstance(write, AnswerApplication):
        return ApplicationStep(status=status, at_ms=write.at_ms, by_specialist=by_specialist)
    return ApplicationStep(
        status=status,
        at_ms=write.at_ms,
        note=write.note,
        outcome=write.outcome,
        interview_at_ms=write.interview_at_ms,
        place=write.place,
        reason=write.reason,
        by_specialist=by_specialist,
    )
