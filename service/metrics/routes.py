"""HTTP for probes and for Prometheus, and what only the admin listener serves."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from service.metrics.health import Health, Reason
from service.metrics.monitor import Monitor
from service.metrics.status import MOST, Order, encode

API: Final = "/api/v1"

_UNREADY = 503

_JSON = "application/json"


class Alive(msgspec.Struct):
    """That the process does its work."""

    live: bool


class Ready(msgspec.Struct):
    """Whether newcomers should be sent here."""

    ready: bool
    reasons: tuple[Reason, ...]


def health_routes(monitor: Monitor) -> list[HTTPRouteHandler]:
    """For probes; they tell of the process that is asked."""

    @get(f"{API}/health", sync_to_thread=False)
    def health() -> Health:
        """Alive, and what it is doing."""
        return monitor.sources.health()

    @get(f"{API}/health/live", sync_to_thread=False)
    def live() -> Alive:
        """200 while the process does its work: one that does not does not answer."""
        return Alive(live=True)

    @get(f"{API}/health/ready", sync_to_thread=False)
    def ready() -> Response[Ready]:
        """200 where newcomers should be sent here, else 503; why is in the answer."""
        found = monitor.sources.health()
        return Response(
            Ready(found.ready, found.reasons),
            status_code=200 if found.ready else _UNREADY,
            headers={"cache-control": "no-store"},
        )

    return [health, live, ready]


def metrics_routes(monitor: Monitor) -> list[HTTPRouteHandler]:
    """For Prometheus; of all processes of the service."""

    @get("/metrics")
    async def metrics(request: Request[object, object, State]) -> Response[bytes]:
        """Text, or OpenMetrics where that is asked for."""
        text, media_type = await monitor.scrape.text(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": media_type})

    return [metrics]


def internal_routes(monitor: Monitor) -> list[HTTPRouteHandler]:
    """For who runs the service: not to be served on a public port, since they name topics and addresses."""

    @get("/internal/status")
    async def status(
        most: Annotated[int, QueryParameter(ge=0, le=10_000)] = MOST,
        order: Annotated[Order, QueryParameter()] = "subscribers",
        own: Annotated[bool, QueryParameter()] = False,
    ) -> Response[bytes]:
        """Topics, clients and totals of all processes; with `own`, of the one that is asked."""
        if own:
            return Response(encode(monitor.watch.status(most=most, order=order)), media_type=_JSON)
        return Response(encode(await monitor.status(most=most, order=order)), media_type=_JSON)

    @get("/internal/health")
    async def health() -> Response[bytes]:
        """Of every process, by worker; null for one that does not answer."""
        return Response(msgspec.json.encode(await monitor.health_of_all()), media_type=_JSON)

    @get("/internal/families", sync_to_thread=False)
    def families() -> Response[bytes]:
        """Metrics of this process, for the one that was asked."""
        return Response(monitor.scrape.told(), media_type=_JSON)

    return [status, health, families]
