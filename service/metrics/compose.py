"""What the settings make of this package."""

from __future__ import annotations

import os
from pathlib import Path

from service.metrics.admin import Admin
from service.metrics.monitor import Monitor
from service.metrics.peers import Peers
from service.metrics.places import Place, place_of
from service.metrics.sources import Sources
from service.settings import Settings

RUN_DIR_VARIABLE = "TAPEWIRE_RUN_DIR"
"""Where a supervisor says in which directory its workers find each other."""

WORKER_VARIABLE = "TAPEWIRE_WORKER"
"""Where it says which of them this is."""


def monitor_of(sources: Sources) -> Monitor:
    """What tells of this process, and of the others where a supervisor has started several."""
    run_dir, worker = os.environ.get(RUN_DIR_VARIABLE), os.environ.get(WORKER_VARIABLE)
    if not (run_dir and worker):
        return Monitor(sources)
    sources.worker = int(worker)
    return Monitor(sources, Peers(Path(run_dir), sources.worker))


def admin_of(settings: Settings, monitor: Monitor) -> Admin:
    """The listener apart: where `--admin` says, and where the other workers look for this one."""
    places: list[Place] = []
    if monitor.peers is not None:
        monitor.peers.clear()
        places.append(monitor.peers.place)
    if settings.admin is not None:
        places.append(place_of(settings.admin))
    return Admin(monitor, places, shared=monitor.peers is not None)
