"""Who may still fetch pictures."""

from server.core.model import SessionId
from server.media.admission import SOUND_KBIT_S, Admission, Asked, Rendition

S, T = SessionId("S"), SessionId("T")
PICTURE, SOUND = Rendition.PICTURE, Rendition.SOUND


def test_newcomers_wait_and_whoever_watches_goes_on():
    now = [0.0]
    admission = Admission(2_000, lambda: now[0])
    assert admission.admit(Asked(S, "a", PICTURE, 800))
    assert admission.admit(Asked(T, "b", PICTURE, 800))
    assert not admission.admit(Asked(S, "c", PICTURE, 800))
    assert admission.admit(Asked(S, "a", PICTURE, 800))
    assert (admission.watching(S), admission.watching(T)) == (1, 1)
    now[0] = 10.0
    assert admission.admit(Asked(S, "a", PICTURE, 800))
    now[0] = 16.0  # b has not asked for 16 s
    assert admission.watching(T) == 0
    assert admission.admit(Asked(S, "c", PICTURE, 800))


def test_a_player_without_a_name_is_let_in_while_there_is_room():
    admission = Admission(1_000, lambda: 0.0)
    assert admission.admit(Asked(S, "", PICTURE, 800))
    assert admission.watching(S) == 0
    assert admission.admit(Asked(S, "a", PICTURE, 800))
    assert not admission.admit(Asked(S, "", PICTURE, 800))


def test_without_a_cap_everybody_is_let_in_and_counted():
    admission = Admission(0, lambda: 0.0)
    assert all(admission.admit(Asked(S, f"p{n}", PICTURE, 8_000)) for n in range(1_000))
    assert admission.watching(S) == 1_000


def test_whoever_finds_no_room_for_the_picture_may_listen():
    admission = Admission(1_600, lambda: 0.0)
    assert admission.admit(Asked(S, "a", PICTURE, 800))
    assert admission.admit(Asked(S, "b", PICTURE, 800))
    assert not admission.admit(Asked(S, "c", PICTURE, 800))
    heard = [admission.admit(Asked(S, f"l{n}", SOUND, SOUND_KBIT_S)) for n in range(9)]
    assert heard == [True] * 5 + [False] * 4, "a quarter of the cap on top of it"
    assert admission.watching(S) == 7
