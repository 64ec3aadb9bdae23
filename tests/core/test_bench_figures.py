"""The benchmark's report: medians, ratios against C of the same round, and a page whose table is replaced."""

import os
import time

import msgspec
import pytest

from bench.figures import Idle, Round, rows, spread
from bench.machine import Machine, cpu_s, rss_bytes
from bench.report import BEGIN, END, Result, markdown, put_into, shown
from clients.python.histogram import Histogram


def made_round(server: str, cpu_s: float, **changes: object) -> Round:
    latency = Histogram()
    latency.add(1_000, 99)
    latency.add(9_000)
    one = Round(
        shape="cards",
        server=server,
        viewers=100,
        sent=50,
        deliveries=5_000,
        frames=2_500,
        wall_s=10.0,
        cpu_s=cpu_s,
        load_cpu_s=1.0,
        latency=latency,
    )
    return msgspec.structs.replace(one, **changes)


def test_spread_is_median_least_and_greatest():
    assert spread([5.0, 1.0, 9.0]) == spread(iter([9.0, 5.0, 1.0]))
    found = spread([5.0, 1.0, 9.0])
    assert (found.median, found.low, found.high) == (5.0, 1.0, 9.0)
    with pytest.raises(ValueError, match="nothing"):
        spread([])


def test_figures_of_a_round():
    figures = rows([made_round("daigang", 0.05)], [])[0].figures
    assert figures["cpu_us_per_delivery"].median == pytest.approx(10.0)
    assert figures["cpu_us_per_frame"].median == pytest.approx(20.0)
    assert figures["deliveries_per_frame"].median == pytest.approx(2.0)
    assert figures["deliveries_per_s"].median == pytest.approx(500.0)
    assert figures["server_busy"].median == pytest.approx(0.005)
    assert figures["p50_ms"].median == pytest.approx(1.0, rel=1 / 64)
    assert figures["max_ms"].median == pytest.approx(9.0)


def test_ratio_is_taken_round_by_round_against_c():
    rounds = [made_round("daigang", 0.06), made_round("C", 0.05), made_round("C", 0.10), made_round("daigang", 0.09)]
    ours, theirs = rows(rounds, [])
    assert ours.server == "daigang"
    assert ours.figures["ratio_to_c"].low == pytest.approx(0.9)
    assert ours.figures["ratio_to_c"].high == pytest.approx(1.2)
    assert "ratio_to_c" not in theirs.figures


def test_round_without_deliveries_has_no_figures_per_delivery():
    figures = rows([made_round("daigang", 0.05, deliveries=0, frames=0, latency=Histogram())], [])[0].figures
    assert "cpu_us_per_delivery" not in figures
    assert "p99_ms" not in figures


def test_memory_by_viewer():
    idle = Idle(
        shape="idle",
        viewers=1_000,
        rss_before_bytes=50_000_000,
        rss_after_bytes=65_000_000,
        joined_in_s=1.0,
        wall_s=10.0,
        cpu_s=0.1,
    )
    figures = rows([], [idle])[0].figures
    assert figures["kb_per_viewer"].median == pytest.approx(15.0)
    assert figures["server_busy"].median == pytest.approx(0.01)


def test_table_shows_what_was_measured_and_keeps_the_page_around_it():
    rounds = [made_round("daigang", 0.05), made_round("daigang", 0.07)]
    machine = Machine(system="X", processor="Y", cores=2, memory_gib=8.0, python="3.11", packages={})
    result = Result(
        measured_on="2026-11-23",
        command="python -m bench.run",
        commit="abc",
        machine=machine,
        rows=rows(rounds, []),
        rounds=rounds,
        idles=[],
        notes=["a note"],
    )
    text = markdown(result)
    assert "12.00 (10.00 to 14.00)" in text
    assert "* a note" in text
    page = put_into(f"before\n{BEGIN}\nold\n{END}\nafter\n", text)
    assert page.startswith("before\n")
    assert page.endswith("\nafter\n")
    assert "old" not in page
    assert put_into(page, text) == page
    with pytest.raises(ValueError, match="wants the two lines"):
        put_into("no marks", text)


def test_figure_that_did_not_move_has_no_brackets():
    assert shown(spread([3.0, 3.0]), 1) == "3.0"
    assert shown(spread([3.0, 4.0]), 1) == "3.5 (3.0 to 4.0)"
    assert shown(None, 1) == ""


def test_processor_time_of_a_process_is_what_the_process_itself_says():
    before_s = time.process_time()
    found_s = cpu_s(os.getpid())
    assert before_s - 0.02 <= found_s <= time.process_time() + 0.02
    assert rss_bytes(os.getpid()) > 5_000_000
