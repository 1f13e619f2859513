"""What the settings make of this package."""

from __future__ import annotations

from service import environment
from service.metrics.admin import Admin
from service.metrics.monitor import Monitor
from service.metrics.peers import Peers
from service.metrics.places import Place, place_of
from service.metrics.sources import Sources
from service.settings import Settings


def monitor_of(sources: Sources) -> Monitor:
    """What tells of this process, and of the others where a supervisor has started several."""
    run_dir, worker = environment.run_dir(), environment.worker()
    if run_dir is None or worker is None:
        return Monitor(sources)
    sources.worker = worker
    return Monitor(sources, Peers(run_dir, worker))


def admin_of(settings: Settings, monitor: Monitor) -> Admin:
    """The listener apart: where `--admin` says, and where the other workers look for this one.

    A supervisor holds the sockets of `--admin`, and hands them to each worker.
    """
    places: list[Place] = []
    if monitor.peers is not None:
        monitor.peers.clear()
        places.append(monitor.peers.place)
    doors = environment.admin_doors()
    if settings.admin is not None and not doors:
        places.append(place_of(settings.admin))
    return Admin(monitor, places, doors)
