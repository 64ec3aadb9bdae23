"""Every table of the store, once; the migrations build exactly these (a test compares the two).

Ids are opaque text, times integer milliseconds UTC. What is only carried and never searched (a position's facts, a
session's card) is a msgpack blob. Text that is compared in order has the C collation on PostgreSQL: the order of
bytes, which is the order SQLite and Python know."""

from server.store.tables.applications import application_senders, application_steps, applications, firm_visits
from server.store.tables.cameras import camera_passes
from server.store.tables.catalogue import (
    enterprises,
    fairs,
    position_reviews,
    position_versions,
    positions,
    regions,
    shelf_wishes,
    venues,
)
from server.store.tables.log import heads, keys, log
from server.store.tables.numbers import audit, counters, minutes
from server.store.tables.people import (
    accounts,
    code_sends,
    confirmed_phones,
    grants,
    invitations,
    job_locks,
    outgoing,
    phone_codes,
    revocations,
)
from server.store.tables.reports import reports
from server.store.tables.schema import BYTE_ORDERED, HOT, ROW_NUMBER, meta, metadata
from server.store.tables.sessions import hidden_recordings, sessions, shelf_slots
from server.store.tables.streaming import restream_targets, stream_keys
from server.store.tables.talk import answers, askers, mutes, questions, speakers, waiting_lines

__all__ = [
    "BYTE_ORDERED",
    "HOT",
    "ROW_NUMBER",
    "accounts",
    "answers",
    "application_senders",
    "application_steps",
    "applications",
    "askers",
    "audit",
    "camera_passes",
    "code_sends",
    "confirmed_phones",
    "counters",
    "enterprises",
    "fairs",
    "firm_visits",
    "grants",
    "heads",
    "hidden_recordings",
    "invitations",
    "job_locks",
    "keys",
    "log",
    "meta",
    "metadata",
    "minutes",
    "mutes",
    "outgoing",
    "phone_codes",
    "position_reviews",
    "position_versions",
    "positions",
    "questions",
    "regions",
    "reports",
    "restream_targets",
    "revocations",
    "sessions",
    "shelf_slots",
    "shelf_wishes",
    "speakers",
    "stream_keys",
    "venues",
    "waiting_lines",
]
