"""What lies in `deploy/`, read by the programs it is written for. Every alarm is raised by its own trouble, and none by
a fair day at rest."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.operators_tools import operators_tool, ran

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "daigang.rules.yml"
HUB = 'job="daigang",instance="hub1:8081"'
EVERY_S = 5
LOOKS = 120
"""Ten minutes: longer than any alarm waits."""

Series = Mapping[str, str]
"""Value at the beginning and what is added with every look, by name and labels (`HUB` is among them)."""


def buckets(name: str, late_by_look: int) -> dict[str, str]:
    """Of a histogram: 50 samples by look, of which so many took between a quarter of a second and a half."""
    quick = 50 - late_by_look
    counts = {"0.01": quick, "0.05": quick, "0.25": quick, "0.5": 50, "+Inf": 50}
    return {f'{name}_bucket{{le="{le}"}}': f"0+{count}" for le, count in counts.items()}


AT_REST: Series = {
    "up": "1+0",
    "daigang_ready": "1+0",
    'daigang_worker_up{worker="0"}': "1+0",
    "daigang_writes_waiting": "20+0",
    "daigang_disk_free_bytes": "9e9+0",
    "daigang_bus_silent": "0+0",
    "daigang_bus_dropped_total": "3+0",
    'daigang_province_silent{province="220000"}': "0+0",
    "daigang_left_slow_total": "0+5",
    "daigang_cut_off_total": "0+10",
    "daigang_broken_requests_total": "0+10",
    "daigang_commands_total": "0+100",
    "daigang_refused_total": "0+2",
    'daigang_pictures{state="live"}': "40+0",
    'daigang_pictures{state="gone"}': "0+0",
    'daigang_platforms{state="stopped"}': "0+0",
    "daigang_messages_sent_total": "0+1",
    "daigang_messages_failed_total": "0+1",
    **buckets("daigang_loop_lag_seconds", 0),
    **buckets("daigang_store_commit_seconds", 0),
}
TROUBLES: Mapping[str, Series] = {
    "HubAway": {"up": "0+0"},
    "HubNotReady": {"daigang_ready": "0+0"},
    "WorkerAway": {'daigang_worker_up{worker="0"}': "0+0"},
    "LoopLate": buckets("daigang_loop_lag_seconds", 1),
    "WritesWait": {"daigang_writes_waiting": "1001+0"},
    "CommitsSlow": buckets("daigang_store_commit_seconds", 1),
    "DiskFills": {"daigang_disk_free_bytes": "2e9+0"},
    "BusSilent": {"daigang_bus_silent": "1+0"},
    "ProvinceSilent": {'daigang_province_silent{province="220000"}': "1+0"},
    "BusDrops": {"daigang_bus_dropped_total": "0+1"},
    "ManyLeaveSlow": {"daigang_left_slow_total": "0+30"},
    "SomebodyKnocks": {"daigang_cut_off_total": "0+60", "daigang_broken_requests_total": "0+60"},
    "ManyRefusals": {"daigang_refused_total": "0+25"},
    "PictureGone": {'daigang_pictures{state="gone"}': "1+0"},
    "PlatformGivenUp": {'daigang_platforms{state="stopped"}': "1+0"},
    "MessagesFail": {"daigang_messages_sent_total": "9+0"},
}


def labelled(name: str) -> str:
    """As a hub's sample reaches Prometheus."""
    plain, _, labels = name.partition("{")
    return f"{plain}{{{HUB},{labels}" if labels else f"{plain}{{{HUB}}}"


def a_day(series: Series, alarm: str | None) -> dict[str, object]:
    """One of promtool's tests: at the end that alarm is on, and no other."""
    on = [{"labels": f'{{alertname="{alarm}"}}', "value": 1}] if alarm else []
    return {
        "name": alarm or "at rest",
        "interval": f"{EVERY_S}s",
        "input_series": [{"series": labelled(name), "values": f"{value}x{LOOKS}"} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{EVERY_S * LOOKS}s",
                "exp_samples": on,
            }
        ],
    }


def test_every_alarm_is_raised_by_its_own_trouble_and_none_by_a_day_at_rest(tmp_path: Path) -> None:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    assert {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule} == set(TROUBLES)
    days = [a_day(AT_REST, None), *(a_day({**AT_REST, **trouble}, alarm) for alarm, trouble in TROUBLES.items())]
    told = {"rule_files": [str(RULES)], "evaluation_interval": f"{EVERY_S}s", "tests": days}
    (tmp_path / "days.yml").write_text(yaml.safe_dump(told), "utf-8")
    assert "SUCCESS" in ran(operators_tool("promtool"), "test", "rules", str(tmp_path / "days.yml"))


def test_prometheus_takes_its_configuration_as_it_is_shipped(tmp_path: Path) -> None:
    """Only the file with the token lies elsewhere."""
    for file in (DEPLOY / "prometheus").iterdir():
        text = file.read_text("utf-8").replace("/etc/prometheus/daigang-token", str(tmp_path / "daigang-token"))
        (tmp_path / file.name).write_text(text, "utf-8")
    (tmp_path / "daigang-token").write_text("token", "utf-8")
    said = ran(operators_tool("promtool"), "check", "config", str(tmp_path / "prometheus.yml"))
    assert "1 rule files found" in said


def test_what_the_dashboard_asks_is_understood(tmp_path: Path) -> None:
    """Each question as a rule that records its answer."""
    board = json.loads((DEPLOY / "grafana" / "daigang.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [{"record": f"asked:{n}", "expr": expr.replace("$instance", ".*")} for n, expr in enumerate(asked)]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}), "utf-8")
    said = ran(operators_tool("promtool"), "check", "rules", str(tmp_path / "asked.yml"))
    assert f"{len(asked)} rules found" in said


@pytest.mark.parametrize("unit", ["daigang.service", "daigang@.service", "daigang.target", "daigang-rtmp.service"])
def test_systemd_understands_every_line_of_a_unit(tmp_path: Path, unit: str) -> None:
    """What it does not, it only warns of. The programs are other ones: theirs are not installed here."""
    text = (DEPLOY / unit).read_text("utf-8")
    text = re.sub(r"(?m)^(ExecStart|ExecStartPre|ExecReload)=\S+", r"\1=/bin/true", text)
    placed = tmp_path / unit.replace("@.", "@8081.")
    placed.write_text(text, "utf-8")
    said = ran(operators_tool("systemd-analyze"), "verify", str(placed))
    assert str(placed) not in said, said
