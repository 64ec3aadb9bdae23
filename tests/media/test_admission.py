"""Who may still fetch pictures."""

from server.core.model import SessionId
from server.media.admission import Admission

S, T = SessionId("S"), SessionId("T")


def test_newcomers_wait_and_whoever_watches_goes_on():
    now = [0.0]
    admission = Admission(2_000, lambda: now[0])
    assert admission.admit(S, "a", 800)
    assert admission.admit(T, "b", 800)
    assert not admission.admit(S, "c", 800)
    assert admission.admit(S, "a", 800)
    assert (admission.watching(S), admission.watching(T)) == (1, 1)
    now[0] = 10.0
    assert admission.admit(S, "a", 800)
    now[0] = 16.0  # b has not asked for 16 s
    assert admission.watching(T) == 0
    assert admission.admit(S, "c", 800)


def test_a_player_without_a_name_is_let_in_while_there_is_room():
    admission = Admission(1_000, lambda: 0.0)
    assert admission.admit(S, "", 800)
    assert admission.watching(S) == 0
    assert admission.admit(S, "a", 800)
    assert not admission.admit(S, "", 800)


def test_without_a_cap_everybody_is_let_in_and_counted():
    admission = Admission(0, lambda: 0.0)
    assert all(admission.admit(S, f"p{n}", 8_000) for n in range(1_000))
    assert admission.watching(S) == 1_000
