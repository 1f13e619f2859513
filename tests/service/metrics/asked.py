"""A service, asked as Prometheus and probes do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.service.running import Running


@dataclass
class Scraped:
    """What one scrape told: the families, and the value of each series."""

    families: dict[str, Metric] = field(default_factory=dict)
    series: dict[tuple[str, frozenset[tuple[str, str]]], float] = field(default_factory=dict)

    def __getitem__(self, wanted: str | tuple[str, dict[str, str]]) -> float:
        """The value of one series; 0 where there is none."""
        name, labels = (wanted, {}) if isinstance(wanted, str) else wanted
        return self.series.get((name, frozenset(labels.items())), 0.0)

    def labels(self) -> dict[str, set[str]]:
        """The names of labels that each name comes with."""
        found: dict[str, set[str]] = {}
        for name, labels in self.series:
            found.setdefault(name, set()).update(key for key, _ in labels)
        return found


def read(text: str) -> Scraped:
    """Read the text format; a series that stands there twice is a mistake."""
    scraped = Scraped()
    for family in text_string_to_metric_families(text):
        assert family.name not in scraped.families, family.name
        scraped.families[family.name] = family
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in scraped.series, key
            scraped.series[key] = sample.value
    return scraped


async def get(running: Running, path: str, **headers: str) -> httpx.Response:
    """GET from the public port."""
    async with httpx.AsyncClient(base_url=running.url) as http:
        return await http.get(path, headers=headers)


async def scrape(running: Running) -> Scraped:
    """The metrics of the service as they are now, whoever asked a moment ago."""
    running.app.state.monitor.scrape.forget()
    answer = await get(running, "/metrics")
    assert answer.status_code == 200
    return read(answer.text)


def names(scraped: Scraped) -> Iterator[str]:
    """The names of all series."""
    yield from (name for name, _ in scraped.series)
