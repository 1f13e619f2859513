"""Callbacks that hear of something until they are called off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, ParamSpec

logger = logging.getLogger(__name__)

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Those who hear of one kind of thing. One that fails is logged, and disturbs nobody."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._all: list[Callable[P, None]] = []

    def add(self, heard: Callable[P, None]) -> Callable[[], None]:
        """Tell one more; returns what ends that."""

        def own(*args: P.args, **kwargs: P.kwargs) -> None:
            heard(*args, **kwargs)

        self._all.append(own)  # one who listens twice is called off once at a time
        return lambda: self._all.remove(own) if own in self._all else None

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell all; whether there is anybody."""
        told = list(self._all)
        for heard in told:
            try:
                heard(*args, **kwargs)
            except Exception:
                logger.exception("the callback for %s failed", self._what)
        return bool(told)
