"""The dashboard, the alerts and the page on both: they name what a service has that works, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.environment import RUN_DIR_VARIABLE, WORKER_VARIABLE
from service.files import room_for
from service.metrics.health import BEARABLE, REASON_CODES
from tests.service.metrics.asked import Scraped, get, read
from tests.service.running import service

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "deploy" / "grafana" / "tapewire.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
PAGE = ROOT / "docs" / "on-call.md"

OF_THE_SCRAPE = {"job", "instance"}
"""Labels that Prometheus adds, and `up`, which it makes itself."""

_WORDS = frozenset({"and", "or", "unless", "bool", "offset"}) | frozenset(
    {"sum", "min", "max", "rate", "increase", "delta", "deriv", "histogram_quantile", "clamp_max"}
)

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\$\{?\w+\}?|[a-zA-Z_:][a-zA-Z0-9_:]*|[{}()=!~<>,]|[0-9.e+-]+|\S'
)


@dataclass
class Query:
    """What a query of Prometheus names."""

    metrics: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    """By metric, those that it is selected by."""
    grouped: set[str] = field(default_factory=set)
    """Those that it is grouped by."""


def parse(expression: str) -> Query:
    """Read as much of PromQL as names metrics and labels."""
    query = Query()
    tokens = _TOKEN.findall(expression)
    at, metric = 0, ""
    while at < len(tokens):
        token = tokens[at]
        if token in {"by", "without", "on", "ignoring"}:
            end = tokens.index(")", at)
            query.grouped |= {one for one in tokens[at + 2 : end] if one != ","}
            at = end
        elif token == "{":
            end = tokens.index("}", at)
            inside = tokens[at + 1 : end]
            query.labels.setdefault(metric, set()).update(
                name for name, then in pairwise(inside) if then in {"=", "!"}
            )
            at = end
        elif re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", token) and token not in _WORDS:
            metric = token
            query.metrics.add(metric)
        at += 1
    return query


def queries_of_dashboard() -> Iterator[tuple[str, str]]:
    """Title and expression of everything that the dashboard asks."""
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            name = variable["query"]["query"].removeprefix("label_values(").partition(",")[0]
            yield variable["name"], name


def rules() -> list[dict[str, Any]]:
    """All alerts."""
    found: dict[str, Any] = YAML(typ="safe").load(ALERTS.read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


@pytest.fixture
async def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scraped:
    """What a worker under some load tells."""
    monkeypatch.setenv(RUN_DIR_VARIABLE, str(tmp_path))
    monkeypatch.setenv(WORKER_VARIABLE, "0")
    async with service() as running, running.client() as client:
        await client.subscribe()
        for number in range(20):
            running.publish(float(number))
            await client.receive()
        return read((await get(running, "/metrics")).text)


async def test_whatever_is_asked_for_is_there(told: Scraped) -> None:
    """Each metric and each label in dashboard and alerts stands in the scrape of a real service."""
    labels = told.labels()
    asked = [*queries_of_dashboard(), *((rule["alert"], rule["expr"]) for rule in rules())]
    assert len(asked) > 60
    for where, expression in asked:
        query = parse(expression)
        assert query.metrics, (where, expression)
        for metric in query.metrics - {"up"}:
            assert metric in labels, (where, metric)
            missing = query.labels.get(metric, set()) - labels[metric] - OF_THE_SCRAPE
            assert not missing, (where, metric, missing)
        known = set().union(*(labels.get(metric, set()) for metric in query.metrics)) | OF_THE_SCRAPE
        assert query.grouped <= known, (where, query.grouped - known)


async def test_whatever_there_is_can_be_seen(told: Scraped) -> None:
    """No metric of ours is on no panel and in no alert: whoever adds one shows it."""
    seen: set[str] = set()
    for _, expression in [*queries_of_dashboard(), *((rule["alert"], rule["expr"]) for rule in rules())]:
        seen |= {re.sub(r"_(bucket|sum|count)$", "", name) for name in parse(expression).metrics}
    ours = {
        re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in told.series if name.startswith("tapewire_")
    }
    assert ours - seen == set()


def test_whatever_calls_somebody_can_be_seen() -> None:
    """Each metric of ours that an alert goes by is on a panel: who is called sees its course."""
    on_panels = set().union(*(parse(expression).metrics for _, expression in queries_of_dashboard()))
    called = set().union(*(parse(rule["expr"]).metrics for rule in rules()))
    assert {name for name in called - on_panels if name.startswith("tapewire_")} == set()


@pytest.mark.parametrize(
    ("expression", "metrics", "labels", "grouped"),
    [
        ("up == 0", {"up"}, {}, set()),
        ('sum by (a, b) (rate(x_total{c="1",d!~"y"}[5m]))', {"x_total"}, {"x_total": {"c", "d"}}, {"a", "b"}),
        (
            "histogram_quantile(0.99, sum by (le) (rate(y_bucket[5m]))) > 2e6 and z > 0.5",
            {"y_bucket", "z"},
            {},
            {"le"},
        ),
        ('x{i=~"$instance"} / on (i) y', {"x", "y"}, {"x": {"i"}}, {"i"}),
    ],
)
def test_queries_are_read_as_they_are_meant(
    expression: str, metrics: set[str], labels: dict[str, set[str]], grouped: set[str]
) -> None:
    """The test's own reader finds metrics, labels that are selected by and labels that are grouped by."""
    query = parse(expression)
    assert (query.metrics, query.labels, query.grouped) == (metrics, labels, grouped)


def test_alerts_are_whole() -> None:
    """Each has what Prometheus wants, a severity, a summary, a description that says more, and a name of its own."""
    found = rules()
    names = [rule["alert"] for rule in found]
    assert len(set(names)) == len(names)
    for rule in found:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"Tapewire[A-Z]\w+", rule["alert"])
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["labels"] == {"severity": rule["labels"]["severity"]}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        assert len(rule["annotations"]["description"]) > len(rule["annotations"]["summary"])
        for opening, closing in ("()", "{}", "[]"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing), rule["alert"]
        for text in rule["annotations"].values():
            assert text.count("{{") == text.count("}}")


@pytest.mark.parametrize("limit", [100, 200, 400, 1024, 4096, 65_536])
def test_open_files_are_told_of_before_somebody_is_turned_away(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many connections as there is room for the alert has long fired; with half of them it has not."""
    monkeypatch.setattr("service.files.resource.getrlimit", lambda _: (limit, limit))
    monkeypatch.setattr("service.files.resource.setrlimit", lambda *_: None)
    room = room_for(1_000_000)
    (rule,) = (rule for rule in rules() if rule["alert"] == "TapewireFilesNearLimit")
    expression = rule["expr"].replace('{job="tapewire"}', "")

    def fires(connections: float) -> bool:
        figures = {"process_max_fds": limit, "process_open_fds": 15 + 2 * connections, "clamp_max": min}
        return bool(eval(expression, {"__builtins__": {}}, figures))

    assert fires(0.97 * room)
    assert not fires(room / 2)


def test_prometheus_is_told_of_the_alerts() -> None:
    """The configuration beside them loads the file, and names the job as the alerts do."""
    config = YAML(typ="safe").load((ALERTS.parent / "prometheus.yml").read_text())
    assert f"/etc/prometheus/{ALERTS.name}" in config["rule_files"]
    assert [job["job_name"] for job in config["scrape_configs"]] == ["tapewire"]


def test_each_alert_has_a_section_that_says_what_to_do() -> None:
    """Its link leads to a section of its name, with what it means, what to look at and what to do; and no other."""
    sections = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    for rule in rules():
        name = rule["alert"]
        assert rule["annotations"]["runbook_url"] == f"docs/on-call.md#{name.lower()}"
        for part in ("**Means**", "**Look at**", "**Do**"):
            assert part in sections[name], (name, part)
    assert set(sections) == {rule["alert"] for rule in rules()}


def test_each_reason_is_on_the_page_and_in_an_alert() -> None:
    """What health may say is wrong calls somebody, be it as what makes a process not ready, and can be read up."""
    asked = " ".join(rule["expr"] for rule in rules())
    page = PAGE.read_text()
    assert [code for code in REASON_CODES if f"`{code}`" not in page] == []
    assert [code for code in BEARABLE if code not in asked] == []


async def test_the_page_names_only_what_there_is(told: Scraped) -> None:
    """Metrics in the prose of the page exist."""
    named = set(re.findall(r"tapewire_[a-z_]+[a-z]", PAGE.read_text()))
    assert named - set(told.labels()) == set()


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Panels have numbers of their own, lie on the grid beside each other, and say what they show."""
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"]
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
