"""Every reason of the importer is one sentence, the same in a correction workbook and on the pages."""

import json
from pathlib import Path

from server.core.cells import Why
from server.core.why_words import WHY_WORDS

LOCALES = Path(__file__).parents[2] / "clients" / "web" / "locales"


def test_every_reason_has_its_sentence_and_the_pages_have_the_same():
    assert set(WHY_WORDS) == set(Why)
    words = json.loads((LOCALES / "zh-CN.staff.json").read_text("utf-8"))
    assert {f"why.{why.value}": text for why, text in WHY_WORDS.items()}.items() <= words.items()
    english = json.loads((LOCALES / "en.staff.json").read_text("utf-8"))
    assert {f"why.{why.value}" for why in Why} <= english.keys()
