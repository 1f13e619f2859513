"""All that is told of a service, of this process and of the others."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from service.metrics import status as status_module
from service.metrics.health import Health
from service.metrics.peers import Peers
from service.metrics.scrape import Scrape
from service.metrics.sources import Sources
from service.metrics.status import Order, Status, Watch, WorkerStatus, joined

_MORE = 4
"""Of how many times the topics that are told of the others are asked: who is last here may be first in all."""


class Monitor:
    """One for each process."""

    def __init__(self, sources: Sources, peers: Peers | None = None) -> None:
        self.sources = sources
        self.peers = peers
        self.watch = Watch(sources)
        self.scrape = Scrape(sources, peers)

    async def status(self, *, most: int = status_module.MOST, order: Order = "subscribers") -> Status:
        """Topics, clients and totals of all processes."""
        if self.peers is None:
            return self.watch.status(most=most, order=order)
        each = most * _MORE
        answers = await self.peers.ask_others(f"/internal/status?own=true&most={each}&order={order}")
        found = [self.watch.status(most=each, order=order)]
        silent = []
        for answer in answers:
            if answer.body is None:
                silent.append(WorkerStatus(answer.worker, answered=False, pid=answer.pid))
            else:
                found.append(status_module.decode(answer.body))
        there = {self.peers.worker, *(answer.worker for answer in answers)}
        silent += [WorkerStatus(worker, answered=False) for worker in self.peers.missing(there)]
        whole = joined(found, most=most, order=order)
        workers = sorted((*whole.workers, *silent), key=lambda one: (one.worker or 0, one.pid))
        return replace(whole, workers=tuple(workers))

    async def health_of_all(self) -> dict[str, Health | None]:
        """By worker; None for one that does not answer. Of one process alone, `0`."""
        found: dict[str, Health | None] = {str(self.sources.worker or 0): self.sources.health()}
        if self.peers is not None:
            answers = await self.peers.ask_others("/api/v1/health")
            for answer in answers:
                name = str(answer.worker)
                health = None if answer.body is None else msgspec.json.decode(answer.body, type=Health)
                found[f"{name}-leaving" if name in found else name] = health
            there = {self.peers.worker, *(answer.worker for answer in answers)}
            found |= dict.fromkeys(map(str, self.peers.missing(there)))
        return dict(sorted(found.items()))
