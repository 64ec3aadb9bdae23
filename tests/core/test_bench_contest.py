"""The benchmark's comparison with others: their messages read again, viewers who come back, lines that are said."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.comeback import ComingBack
from bench.control import Talk
from bench.manners import SAID_FROM, Centrifuge, SocketIo, read_text
from bench.menu import GROUPS, SHAPES, names_of, takes_s
from bench.named_manners import manner_of
from bench.peers.known import PEERS
from bench.peers.publisher import Publisher
from bench.peers.running import FIRST_ENTRY, text_of
from bench.plan import Plan
from bench.sides import Options
from bench.talk import Talking
from bench.viewer import IN, Viewer
from bench.visit import Shell, Visit, VisitError
from clients.python import frames as wire
from server.core.limits import BACKOFF_FIRST_S, BACKOFF_MAX_S, BACKOFF_MIN_S
from server.core.protocol import Done, Refused, Say, decode_command
from server.core.refusal import Code

PLAN = Plan(host="h", port=1, viewers=4, rooms=(("stage/0",), ("stage/1",)), manner="path", top=FIRST_ENTRY)


def unmasked(frame: bytes) -> bytes:
    size = frame[1] & 0x7F
    at = {126: 4, 127: 10}.get(size, 2)
    mask = frame[at : at + 4]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(frame[at + 4 :]))


@given(st.integers(0, 48), st.integers(FIRST_ENTRY, FIRST_ENTRY + 10_000), st.integers(100, 2_000))
def test_a_text_of_a_size_is_read_again_as_peers_send_it(room, entry, size):
    text = text_of(room, entry, size)
    assert len(text) == size
    as_event = b"42" + json.dumps(["m", text.decode()]).encode()
    as_push = b'{"result":{"channel":"1","data":{"data":%b}}}' % text
    for sent in (text, as_event, as_push, as_push + b"\n" + as_push):
        read = read_text(sent)
        assert {(place.channel, place.offset) for place in read.places} == {(room, entry)}
        assert not read.others


def test_what_is_no_entry_is_for_the_viewer():
    assert read_text(b"2").others == [b"2"]


def test_viewers_enter_socket_io_step_by_step():
    manner, viewer = SocketIo(PLAN), Viewer(3, 2)
    assert b"/socket.io/?EIO=4&transport=websocket" in manner.request(viewer)
    assert manner.upgraded(viewer) == b""
    assert unmasked(manner.hear(viewer, b'0{"sid":"x"}')) == b"40"
    assert unmasked(manner.hear(viewer, b'40{"sid":"y"}')) == b'420["join",1]'
    assert viewer.state != IN
    assert manner.hear(viewer, b"430[]") == b""
    assert viewer.state == IN
    assert viewer.tops[1] == FIRST_ENTRY
    assert unmasked(manner.hear(viewer, b"2")) == b"3"


def test_viewers_enter_centrifuge_and_hear_why_not():
    manner, viewer = Centrifuge(PLAN), Viewer(2, 2)
    assert b'"channel":"0"' in unmasked(manner.upgraded(viewer))
    manner.hear(viewer, b'{"id":1,"result":{}}')
    assert viewer.state != IN
    with pytest.raises(wire.WireError):
        manner.hear(viewer, b'{"id":2,"error":{"code":103}}')
    manner.hear(viewer, b'{"id":2,"result":{}}')
    assert viewer.state == IN


@pytest.mark.parametrize("peer", PEERS.values(), ids=lambda peer: peer.name)
def test_every_peer_has_a_manner(peer):
    plan = Plan(host="h", port=1, viewers=1, rooms=(("stage/0",),), manner=peer.manner)
    assert manner_of(plan, lambda _id, _reply: None).request(Viewer(0, 1)).startswith(b"GET /")


class Waiting:
    """A future that needs no loop."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def done(self) -> bool:
        return False

    def set_result(self, _: None) -> None:
        self._heard.append("taken")

    def set_exception(self, error: Exception) -> None:
        self._heard.append(str(error))


def test_answers_of_a_peer_may_come_in_any_pieces():
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n"
    for cut in range(len(answers)):
        publisher, heard = Publisher("h", 1), list[str]()
        publisher._waiting.extend([Waiting(heard), Waiting(heard)])  # type: ignore[list-item]
        publisher.data_received(answers[:cut])
        publisher.data_received(answers[cut:])
        assert heard == ["taken", "status 500"], cut


def test_who_comes_back_waits_as_our_clients_do():
    coming = ComingBack()
    viewers = [Viewer(number, 1) for number in range(200)]
    for viewer in viewers:
        coming.later(viewer, 100.0)
    assert coming.due(100.0 + BACKOFF_MIN_S - 0.01) == []
    assert len(coming.due(100.0 + BACKOFF_FIRST_S)) == 200
    for _ in range(8):
        coming.later(viewers[0], 0.0)
        assert coming.due(BACKOFF_MAX_S) == [viewers[0]]


def said(data: bytes) -> Say:
    command = decode_command(unmasked(data))
    assert isinstance(command, Say)
    return command


def test_lines_are_said_evenly_and_what_became_of_them_is_known():
    plan = Plan(host="h", port=1, viewers=4, rooms=(("stage/S01", "chat/S01"), ("stage/S02", "chat/S02")))
    talking = Talking(plan)
    viewers = [Viewer(number, 4) for number in range(4)]
    for viewer in viewers:
        viewer.state = IN
        talking.enter(viewer)
    talking.start(Talk(lines_per_s=10, seconds=2), 100.0)
    lines = [line for step in range(300) for line in talking.speak(100.0 + step / 100, 5_000 + step)]
    assert len(lines) == 20
    spoken = [said(data) for _, data in lines]
    assert len({line.key for line in spoken}) == 20
    assert sum(line.session == "S01" for line in spoken) == 10
    assert {viewer.number for viewer, _ in lines} == {0, 1, 2, 3}
    assert talking.unanswered == 20
    for offset, line in enumerate(spoken[:-1]):
        talking.replied(line.id, Done(id=line.id, offset=offset + 1))
    talking.replied(spoken[-1].id, Refused(id=spoken[-1].id, code=Code.CHAT_SLOW, temporary=False))
    talking.replied(SAID_FROM, Done(id=SAID_FROM))  # nobody's
    assert talking.unanswered == 0
    assert sum(talking.said.stored.values()) == 19
    assert talking.said.refused == {"chat_slow": 1}
    assert sum(map(len, talking.times.values())) == 19


def test_the_menu_knows_its_groups_and_how_long_they_take():
    for group, names in GROUPS.items():
        assert names_of(group) == list(names)
        assert set(names) <= set(SHAPES)
        assert takes_s(Options(), list(names), []) > 60
    assert names_of("idle,one-room") == ["idle", "cards", "saturated", "chat"]
    with pytest.raises(ValueError, match="no such shape"):
        names_of("nothing")


PAGE = b'<link href="/static/v-0123456789ab/shared/a.css"><script src="/static/v-0123456789ab/viewer/main.js"></script>'


def answer(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d Any\r\nContent-Type: x\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@pytest.mark.parametrize("piece", [7, 64, 10_000])
def test_a_visitor_loads_the_page_its_files_and_a_token(piece):
    shell = Shell("h:1", "/room/S01")
    for _ in range(3):  # the second and third only count bytes
        visit = Visit(shell)
        asked = [visit.begin()]
        files = answer(b"a" * 300) * shell.files if shell.files else answer(b"a" * 300) * 4
        for answers in (answer(gzip.compress(PAGE)), files + answer(b"{}"), answer(b'{"token":"T"}')):
            assert not visit.token
            for at in range(0, len(answers), piece):
                more = visit.hear(answers[at : at + piece])
                if more:
                    asked.append(more)
        assert visit.token == "T"
        assert len(asked) == 3
        assert asked[1].count(b"GET ") == shell.files + 1 == 5
        assert b"GET /static/v-0123456789ab/locales/zh-CN.viewer.json " in asked[1]
        assert asked[2].startswith(b"POST /api/guest ")


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_visitor_hears_a_refusal(step):
    visit = Visit(Shell("h:1", "/"))
    answers = [answer(PAGE), answer(b"a") * 4 + answer(b"{}"), answer(b'{"token":"T"}')]
    answers[step] = answer(b"no", 503)
    for data in answers[:step]:
        visit.hear(data)
    with pytest.raises(VisitError):
        visit.hear(answers[step])
