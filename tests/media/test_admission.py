"""Who may still fetch pictures."""

from pathlib import Path

from server.core.model import SessionId
from server.media.admission import SOUND_KBIT_S, Admission, Asked, Rendition
from server.media.uplink import SharedUplink

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


def test_workers_of_one_machine_share_its_cap(tmp_path: Path):
    """A full hall may have all of it, whichever worker has its picture."""
    now = [0.0]
    one, other = (Admission(1_600, lambda: now[0], SharedUplink(tmp_path, number, 2)) for number in range(2))
    assert one.admit(Asked(S, "a", PICTURE, 800))
    assert one.admit(Asked(S, "b", PICTURE, 800))
    assert not other.admit(Asked(T, "c", PICTURE, 800))
    now[0] = 10.0
    assert one.admit(Asked(S, "a", PICTURE, 800)), "whoever watches goes on"
    now[0] = 16.0  # b has not asked for 16 s, which its worker sees when somebody asks
    assert one.admit(Asked(S, "a", PICTURE, 800))
    assert other.admit(Asked(T, "c", PICTURE, 800))
    assert not one.admit(Asked(S, "d", PICTURE, 800))


def test_a_worker_that_is_gone_takes_nothing_and_one_that_is_back_begins_anew(tmp_path: Path):
    now = [0.0]
    gone, other = (Admission(800, lambda: now[0], SharedUplink(tmp_path, number, 2)) for number in range(2))
    assert gone.admit(Asked(S, "a", PICTURE, 800))
    assert not other.admit(Asked(T, "b", PICTURE, 800))
    now[0] = 15.1
    assert other.admit(Asked(T, "b", PICTURE, 800))
    back = Admission(800, lambda: now[0], SharedUplink(tmp_path, 0, 2))
    assert not back.admit(Asked(S, "a", PICTURE, 800)), "what the other told is still there"
