"""What alarms and dashboard ask for is told by a running hub, under just that name; and names are as Prometheus wants
them."""

import asyncio
import json
import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from server.web.metrics import merged
from tests.operators_tools import operators_tool, ran
from tests.wire.houses import HouseUnderTest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OF_SEVERAL = {"daigang_worker_up", "daigang_province_silent"}
"""Told where there are several workers, or other provinces."""


async def test_every_metric_that_is_asked_for_is_there(hub_server: HouseUnderTest) -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "daigang.rules.yml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    asked = [rule["expr"] for rule in rules]
    board = json.loads((DEPLOY / "grafana" / "daigang.json").read_text("utf-8"))
    asked += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    names = {name for expr in asked for name in re.findall(r"\b(?:daigang|process)[_:][a-z_:]+", expr)}
    text = (await hub_server.call("GET", "/metrics")).body.decode()
    families = list(text_string_to_metric_families(text))
    told = {sample.name for family in families for sample in family.samples}
    # One that has no label yet has no sample: its name is in the text all the same.
    told |= {f"{family.name}_total" for family in families if family.type == "counter" and not family.samples}
    recorded = {rule["record"] for rule in rules if "record" in rule}
    assert names - told - recorded - OF_SEVERAL == set()


async def test_promtool_finds_nothing_to_say(hub_server: HouseUnderTest) -> None:
    """Of one hub, and of several workers on one port."""
    promtool = operators_tool("promtool")
    text = (await hub_server.call("GET", "/metrics")).body
    for told in (text, merged({0: text, 1: text, 2: None})):
        said = await asyncio.to_thread(ran, promtool, "check", "metrics", typed=told.decode())
        assert said == ""
