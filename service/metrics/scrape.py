"""One answer to Prometheus, whichever process is asked: the metrics of all, told apart by the label `worker`."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder

from service.metrics.families import ServiceCollector
from service.metrics.peers import Peers
from service.metrics.sources import Sources
from service.metrics.tally import Tally

_FRESH = 0.25
"""Seconds for which an answer is good for whoever else asks: asking often costs the clients nothing."""


class Family(msgspec.Struct, array_like=True):
    """One metric family on its way to another process."""

    name: str
    help: str
    type: str
    samples: list[tuple[str, dict[str, str], float | None]]
    """None is what JSON has for NaN."""


class Told(msgspec.Struct):
    """What one process tells another."""

    worker: int
    uptime_seconds: float
    families: list[Family]


class Scrape:
    """Answers scrapes."""

    def __init__(self, sources: Sources, peers: Peers | None) -> None:
        self._sources = sources
        self._peers = peers
        self._collector = ServiceCollector(sources)
        self._lock = asyncio.Lock()
        self._answers: dict[str, bytes] = {}
        """By media type."""
        self._until = 0.0

    async def text(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its media type, as the `Accept` header would have it: text or OpenMetrics."""
        encoder, media_type = choose_encoder(accept)
        async with self._lock:
            now = time.monotonic()
            if now >= self._until:
                self._answers.clear()
            answer = self._answers.get(media_type)
            if answer is None:
                answer = self._answers[media_type] = encoder(_Collected(await self._families()))
                self._until = time.monotonic() + _FRESH
        return answer, media_type

    def forget(self) -> None:
        """Answer the next one anew."""
        self._until = 0.0

    def told(self) -> bytes:
        """For the process that was asked: what this one has to say."""
        return msgspec.json.encode(self._told())

    def _told(self) -> Told:
        families = [
            Family(
                family.name,
                family.documentation,
                family.type,
                [(sample.name, dict(sample.labels), sample.value) for sample in family.samples],
            )
            for family in self._collector.collect()
        ]
        return Told(self._sources.worker or 0, self._sources.health().uptime_seconds, families)

    async def _families(self) -> list[Metric]:
        if self._peers is None:
            return list(self._collector.collect())
        answers = await self._peers.ask_others("/internal/families")
        told = [self._told()]
        silent = 0
        for answer in answers:
            if answer.body is None:
                silent += 1
            else:
                told.append(msgspec.json.decode(answer.body, type=Told))
        return [*joined(told), *_workers(len(told), silent, self._peers.tally())]


class _Collected:
    """Families that are there already, for an encoder that asks a registry."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """These."""
        return self._families


def joined(told: Sequence[Told]) -> list[Metric]:
    """The families of several processes as one set, each sample with the label of its worker."""
    found: dict[str, Metric] = {}
    for label, one in _labelled(told):
        for family in one.families:
            metric = found.get(family.name)
            if metric is None:
                metric = found[family.name] = Metric(family.name, family.help, family.type)
            for name, labels, value in family.samples:
                metric.add_sample(name, {"worker": label, **labels}, math.nan if value is None else value)
    return list(found.values())


def _labelled(told: Sequence[Told]) -> Iterator[tuple[str, Told]]:
    """In a restart a worker is two processes for a while: the younger has the name, the elder is on its leave."""
    taken: set[str] = set()
    for one in sorted(told, key=lambda one: (one.worker, one.uptime_seconds)):
        label = str(one.worker)
        if label in taken:
            label = f"{label}-leaving"
        if label not in taken:
            taken.add(label)
            yield label, one


def _workers(answered: int, silent: int, tally: Tally) -> Iterator[Metric]:
    family = Metric("tapewire_workers", "Processes of the service, by whether they answered.", "gauge")
    family.add_sample("tapewire_workers", {"answered": "yes"}, float(answered))
    family.add_sample("tapewire_workers", {"answered": "no"}, float(silent))
    yield family
    family = Metric("tapewire_workers_configured", "Workers that there are to be.", "gauge")
    family.add_sample("tapewire_workers_configured", {}, float(tally.configured))
    yield family
    family = Metric(
        "tapewire_worker_restarts", "Workers that ended and were not told to, or failed to start.", "counter"
    )
    for worker in range(tally.configured):
        restarts = tally.restarts.get(worker, 0)
        family.add_sample("tapewire_worker_restarts_total", {"worker": str(worker)}, float(restarts))
    yield family
