"""The table of targets and the picture: what was measured against what was wanted."""

import xml.etree.ElementTree as xml

from bench.figures import Row, Spread
from bench.menu import GROUPS
from bench.plot import PANELS, plotted
from bench.report import put_into
from bench.targets import TARGETS, verdicts


def row(shape: str, server: str = "daigang", **figures: float) -> Row:
    spreads = {name: Spread(value, value * 0.9, value * 1.1) for name, value in figures.items()}
    return Row(shape=shape, server=server, viewers=19_600, rounds=3, figures=spreads)


def test_a_target_is_held_missed_or_even_the_aim_reached():
    shape = "49 rooms, 2/s in each"
    for ratio, word in ((1.2, "held, and the aim"), (1.5, "held"), (1.7, "missed")):
        text = verdicts([row(shape, ratio_to_c=ratio), row(shape, "ws", ratio_to_c=1.4)])
        assert f"| <= 1.6 x C, aim 1.3 | {ratio:.2f} x C | {word} | ws 1.40 x C |" in text
    assert "| >= 3/s | 2/s | missed |" in verdicts([row("49 rooms, highest rate held", held_per_s=2.0)])


def test_what_was_not_measured_is_not_judged():
    assert verdicts([]) == ""
    assert verdicts([row("49 rooms, 2/s in each", "ws", ratio_to_c=1.0)]) == ""


def test_every_target_names_a_figure_once():
    assert len({(target.shape, target.figure) for target in TARGETS}) == len(TARGETS)


def test_the_picture_has_a_bar_for_each_server():
    rows = [row(panel.shape, server, **{panel.figure: 5.0}) for panel in PANELS for server in ("daigang", "C", "a<b")]
    root = xml.fromstring(plotted(rows))
    bars = root.findall(".//{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 1 + len(rows)
    assert plotted(rows[:1]) == ""


def test_tables_of_a_name_go_between_the_marks_of_that_name():
    page = "a\n<!-- bench: begin -->\nx\n<!-- bench: end -->\n<!-- province: begin -->\ny\n<!-- province: end -->\nz\n"
    done = put_into(page, "T", "province")
    assert "\nx\n" in done
    assert "\ny\n" not in done
    assert "\nT\n" in done


def test_the_province_is_measured_by_shapes_that_have_targets():
    assert {"steps", "flood", "lone", "lines", "idle", "storm", "arrivals"} <= set(GROUPS["all-province"])
