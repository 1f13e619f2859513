"""Smaller frames that may show the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from codegen.contract import Json
from codegen.verify.session import Try
from codegen.verify.sight import Sight

_MOST = 6


def reductions(sight: Sight, one: Try) -> Iterator[Try]:
    """A frame without what it need not have, the smallest first: still valid, or still broken in the same place."""
    if one.message is None or not isinstance(one.frame, dict):
        return
    message = one.message
    fault = sight.fault(message, one.frame)
    made: list[Json] = [one.frame]
    for frame in made:
        for smaller in _without_one(frame):
            left = sight.fault(message, smaller)
            alike = (left is None) == (fault is None) and (
                left is None or fault is None or (left.by, left.at) == (fault.by, fault.at)
            )
            if alike and sight.by_tag(smaller, sight.incoming) is message:
                made.append(smaller)
                break
    for frame in [*reversed(made[1:])][:_MOST]:
        yield replace(one, frame=frame)


def _without_one(frame: Json) -> Iterator[Json]:
    """The frame with one property or item less, those of the innermost last."""
    if isinstance(frame, dict):
        for name in reversed(list(frame)):
            yield {key: value for key, value in frame.items() if key != name}
        for name, value in frame.items():
            for smaller in _without_one(value):
                yield {**frame, name: smaller}
    elif isinstance(frame, list) and frame:
        yield frame[:-1]
