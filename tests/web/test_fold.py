"""What the hub and the pages both work out comes to the same: the stage's fold (three times), the quick questions."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.core import samples
from server.core.bodies import (
    AnyBody,
    CardHidden,
    CardShown,
    CardUndone,
    NoticeCleared,
    NoticePinned,
    PictureSet,
    ShelfChanged,
    StateChanged,
    TalkRuled,
    encode_body,
)
from server.core.model import Picture, PictureKind, PositionId, SessionState, TalkMode, TalkRule
from server.core.questions import QUICK, quick_of
from server.core.stage_fold import StageState
from server.hub.openroom import Stage

NODE = shutil.which("node")
LOGS = 300


def log_of(chance: random.Random) -> list[AnyBody]:
    card = msgspec.structs.replace(samples.CARD, number=chance.randint(1, 9))
    one: list[AnyBody] = [
        StateChanged(state=chance.choice(list(SessionState)), cut_off=chance.random() < 0.2),
        CardShown(card=card),
        CardHidden(position=PositionId("P01")),
        CardUndone(position=PositionId("P01"), card=chance.choice([None, card])),
        ShelfChanged(revision=chance.randint(1, 9)),
        NoticePinned(text="九点"),
        NoticeCleared(),
        PictureSet(picture=Picture(kind=chance.choice(list(PictureKind)), url=chance.choice(["", "https://x"]))),
        TalkRuled(talk=TalkRule(mode=chance.choice(list(TalkMode)), slow_s=chance.choice([0, 10]))),
    ]
    return [chance.choice(one) for _ in range(chance.randint(0, 12))]


def in_the_hub(log: list[AnyBody]) -> dict[str, object]:
    session = msgspec.structs.replace(samples.SESSION, state=SessionState.SCHEDULED, live_at_ms=None)
    stage = Stage(session, StageState())
    for at, body in enumerate(log):
        stage.fold(body, at + 1)
    now = stage.snapshot()
    return {
        "state": now.session.state.value,
        "shelf_revision": now.session.shelf_revision,
        "cut_off": now.session.cut_off,
        "card": now.card and now.card.number,
        "notice": now.notice,
        "picture": {"kind": now.picture.kind.value, "url": now.picture.url},
        "talk": {"mode": now.talk.mode.value, "slow_s": now.talk.slow_s},
        "live_at_ms": now.session.live_at_ms,
        "ended_at_ms": now.session.ended_at_ms,
    }


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_hub_viewer_and_host_fold_alike() -> None:
    logs = [log_of(random.Random(seed)) for seed in range(LOGS)]
    # As they travel: what is a default is not there.
    plain = [[msgspec.msgpack.decode(encode_body(body)) for body in log] for log in logs]
    found = pages({"logs": plain, "positions": []})
    for log, (viewer, host) in zip(logs, found["folds"], strict=True):
        hub = {name: value for name, value in in_the_hub(log).items() if value is not None}
        for page in (viewer, host):
            assert {name: value for name, value in page.items() if value is not None} == hub, log


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_page_and_hub_ask_the_same_quick_questions() -> None:
    chance = random.Random(1)
    said = ["", "长白班", "包住", "夫妻房", "五险", "班车接送", "每月10号发工资", "试用期一个月", "18-45岁", "餐补"]
    positions = [
        msgspec.structs.replace(
            samples.POSITION,
            shift=chance.choice(["", "两班倒"]),
            rest=chance.choice(["", "月休四天"]),
            base_yuan=chance.choice([None, 2000]),
            benefits=tuple(chance.sample(said, chance.randint(0, 4))),
            duties=chance.choice(said),
            requirements=chance.choice(said),
        )
        for _ in range(200)
    ]
    found = pages({"logs": [], "positions": [msgspec.to_builtins(position) for position in positions]})
    assert found["table"] == [{"topic": q.topic, "facts": list(q.facts), "words": list(q.words)} for q in QUICK]
    assert found["quick"] == [list(quick_of(position)) for position in positions]


def pages(given: dict[str, Any]) -> Any:
    assert NODE is not None
    run = subprocess.run(
        [NODE, str(Path(__file__).with_name("fold.mjs"))],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
