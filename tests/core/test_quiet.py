"""No message at night: 21:00 to 08:00, Beijing time."""

import pytest

from server.core.model import ApplicationStatus
from server.core.quiet import BEIJING_MS, DAY_MS, HOUR_MS, out_of_quiet
from server.core.texts import STEP_WORDS, code_text, step_text

MIDNIGHT = 19_000 * DAY_MS - BEIJING_MS


@pytest.mark.parametrize(
    ("asked", "due"),
    [(0, 8), (7.99, 8), (8, 8), (12, 12), (20.99, 20.99), (21, 32), (23.5, 32), (24, 32)],
)
def test_the_night_is_quiet(asked: float, due: float):
    assert out_of_quiet(MIDNIGHT + round(asked * HOUR_MS)) == MIDNIGHT + round(due * HOUR_MS)


def test_messages_are_short_and_say_nothing_of_people():
    link = "https://gangwei.example.cn/#mine"
    for status in STEP_WORDS:
        text = step_text("直播带岗", "数控车床操作工（长白班包吃住免费班车）", status, link)
        assert len(text) <= 2 * 67, "two messages at most, as they are billed"
        assert text.endswith(link)
    assert len(step_text("直播带岗", "焊工", ApplicationStatus.INTERVIEW, link)) <= 70
    assert len(code_text("直播带岗", "123456", 5)) <= 70
