"""Alerts, dashboard and runbook speak of metrics that there are, and the runbook of all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import promql_parser
import yaml
from aiohttp.test_utils import TestClient, TestServer
from architecture.rules import REPOSITORY
from prometheus_client.metrics_core import Metric

from bot.web.metrics import Metrics
from bot.web.server import application
from bot.web.state_metrics import StateFigures

RUNBOOK = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
RULES = yaml.safe_load((REPOSITORY / "deploy/alerts.yml").read_text(encoding="utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((REPOSITORY / "deploy/grafana/faultmaven.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
DURATION = re.compile(r"\d+[smhd]")
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
OF_THE_SYSTEM = {"process_resident_memory_bytes", "process_cpu_seconds_total", "up"}
"""The client library's own, where the system tells them, and Prometheus' own."""


async def nothing_yet() -> StateFigures:
    return StateFigures({}, 0, 0, 0, 0.0)


def ours() -> list[tuple[Metric, str]]:
    """Our metrics, each with its labels as a page writes them."""
    found = []
    for collector in Metrics(nothing_yet).registry._collector_to_names:
        if hasattr(collector, "_labelnames"):
            [metric] = collector.describe()  # type: ignore[attr-defined]  # it is a metric's
            found.append((metric, ", ".join(f"`{name}`" for name in collector._labelnames)))
    return found


def series() -> set[str]:
    return OF_THE_SYSTEM | {metric.name + suffix for metric, _ in ours() for suffix in SUFFIXES[metric.type]}


def selected(expression: str) -> set[str]:
    """The names of the metrics in an expression. Raises ValueError where it is none."""
    root = promql_parser.parse(expression.replace("$__rate_interval", "5m"))
    names: set[str] = set()

    def visit(part: promql_parser.Expr) -> bool:
        names.update({part.name} if isinstance(part, promql_parser.VectorSelector) else ())
        if isinstance(part, promql_parser.MatrixSelector):
            names.add(part.vector_selector.name)
        return True

    promql_parser.walk(root, visit)
    return names


def anchors() -> set[str]:
    return {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    yield from (target["expr"] for panel in PANELS for target in panel["targets"])


def test_every_metric_is_in_the_runbook_with_its_labels_and_words() -> None:
    rows = []
    for metric, labels in ours():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        rows.append(f"| `{name}` | {labels} | {metric.documentation} |")
    assert [line for line in RUNBOOK.splitlines() if line.startswith("| `faultmaven_")] == rows
    assert all(metric.documentation for metric, _ in ours())


def test_alerts_and_dashboard_ask_for_metrics_that_there_are() -> None:
    asked = [(expression, selected(expression)) for expression in expressions()]
    assert all(names for _, names in asked)
    assert [(expression, names - series()) for expression, names in asked if names - series()] == []


def test_an_alert_is_whole_and_named_once_and_leads_to_what_to_do() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert DURATION.fullmatch(rule.get("for", "0s"))
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (page, anchor in anchors()) == ("docs/operations.md", True), rule["alert"]
        assert anchor == rule["alert"].lower()


def test_the_dashboard_shows_every_metric_and_no_panel_covers_another() -> None:
    shown = set().union(*(selected(target["expr"]) for panel in PANELS for target in panel["targets"]))
    assert [m.name for m, _ in ours() if not any(m.name + s in shown for s in SUFFIXES[m.type])] == []
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not mine & cells
        cells |= mine


def test_the_runbooks_links_within_it_lead_somewhere() -> None:
    assert [a for a in re.findall(r"\]\(#([^)]+)\)", RUNBOOK) if a not in anchors()] == []


async def test_a_vendor_that_is_left_alone_degrades_and_does_not_stop_readiness() -> None:
    metrics = Metrics(nothing_yet)
    metrics.circuits = lambda: {"cohere_embed": "open", "pinecone": "closed"}
    async with TestClient(TestServer(application({}, metrics))) as web:
        response = await web.get("/readyz")
        body = await response.json()
    assert (response.status, body["ready"], body["degraded"]) == (200, True, ["cohere_embed"])
