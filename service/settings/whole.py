"""All settings, and what contradicts each other."""

from __future__ import annotations

import sys
from typing import Self

from pydantic import model_validator

from service.broker.address import MEMORY
from service.metrics.places import Address, place_of
from service.settings.access import KEY_SOURCES, Access
from service.settings.clients import Clients
from service.settings.feeding import Feeding
from service.settings.processes import Processes
from service.settings.serving import Serving

_REPLAY_ONLY = ("file", "symbol", "resolution", "rate", "start", "wait_for", "loop", "bad_rows")


# The last one's settings come first.
class Settings(Access, Clients, Processes, Feeding, Serving):
    """All settings, checked. Times are in seconds, sizes in bytes.

    Raises pydantic's ValidationError for a value that is not allowed, or for two that contradict each other.
    """

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.feed == "replay":
            if self.file is None:
                raise ValueError("--feed replay needs --file FILE.csv")
            if self.speed is not None and self.rate is not None:
                raise ValueError("give --speed or --rate, not both")
        else:
            given = [name for name in _REPLAY_ONLY if name in self.model_fields_set]
            if given:
                flags = ", ".join("--" + name.replace("_", "-") for name in given)
                raise ValueError(f"only --feed replay takes {flags}")
        if self.accounts == "simulate" and self.feed != "simulate":
            raise ValueError("--accounts simulate trades on the simulated market: it needs --feed simulate")
        if self.accounts == "simulate" and not any(getattr(self, name) for name in KEY_SOURCES):
            raise ValueError(
                "--accounts simulate needs a key to judge by who may see them: --development-key, or another"
            )
        if self.metrics == "admin" and self.admin is None:
            raise ValueError("--metrics admin needs --admin HOST:PORT or unix:PATH")
        self._ports_apart()
        if self.workers > 1:
            self._fit_for_many()
        if self.broker != MEMORY and self.feed == "simulate" and self.speed not in {None, 1.0}:
            raise ValueError(
                "--broker redis://… takes no --speed with the simulated market: whichever process feeds, its "
                "market has to be at the same moment as the others', which only real time is for all"
            )
        if self.speed == "max" and self.feed != "replay":
            raise ValueError("only --feed replay takes --speed max")
        return self

    def _ports_apart(self) -> None:
        """ValueError where what is for nobody else would be served on the port that is for all."""
        place = None if self.admin is None else place_of(self.admin)
        if isinstance(place, Address) and place.port == self.port != 0:
            raise ValueError(
                f"--admin {place} has the port of the public listener (--port {self.port}): give it one of its own"
            )

    def _fit_for_many(self) -> None:
        """ValueError where several processes cannot be one service."""
        if self.broker == MEMORY:
            raise ValueError(
                "--workers above 1 needs --broker redis://…: with the memory broker each process numbers and "
                "remembers updates for itself, and whoever reconnects to another one would miss some unawares"
            )
        if self.feed == "replay":
            raise ValueError(
                "--feed replay takes no --workers above 1: a recording is played by one process; play it in one of "
                "its own (--workers 1) with the same --broker, and serve with --feed none"
            )
        if sys.platform == "win32":
            raise ValueError(
                "--workers above 1 needs a system whose processes inherit sockets; this has none"
            )
