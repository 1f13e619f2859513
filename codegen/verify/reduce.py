"""Smaller frames that show the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from codegen.contract import Json
from codegen.verify.session import Try
from codegen.verify.sight import Sight
from codegen.written import Fault

T = TypeVar("T")

_MOST_SENT = 30
"""Smaller frames that are sent for one finding."""
_LONGEST = 5.0
"""Seconds after which no more are sent."""
_MOST_JUDGED = 400
"""Smaller frames that are looked at for one step."""
_ITEMS = 12
"""Items of a list that are left out one by one, after its halves."""
_SHORT = 16
"""Texts of so many characters are short enough."""
_LEAPS = 3


async def smallest_showing(
    sight: Sight, one: Try, found: T, shows: Callable[[Try], Awaitable[T | None]]
) -> T:
    """What the smallest frame shows that still shows something, of which `found` is what the frame itself does.

    Frames that are tried are still valid, or still broken in the same place.
    """
    loop = asyncio.get_running_loop()
    end, left = loop.time() + _LONGEST, _MOST_SENT

    async def tried(smaller: Try) -> T | None:
        nonlocal left
        left -= 1
        return await shows(smaller) if left >= 0 and loop.time() < end else None

    for smaller in _leaps(sight, one):
        again = await tried(smaller)
        if again is not None:
            one, found = smaller, again
            break
    moved = True
    while moved:
        moved = False
        for smaller in reductions(sight, one):
            again = await tried(smaller)
            if again is not None:
                one, found, moved = smaller, again, True
                break
    return found


def reductions(sight: Sight, one: Try) -> Iterator[Try]:
    """A frame with one thing less, the largest first: still valid, or still broken in the same place."""
    if one.message is None or not isinstance(one.frame, dict):
        return
    message, fault = one.message, sight.fault(one.message, one.frame)
    for number, smaller in enumerate(_smaller(one.frame)):
        if number >= _MOST_JUDGED:
            return
        alike = _place(sight.fault(message, smaller)) == _place(fault)
        if alike and sight.by_tag(smaller, sight.incoming) is message:
            yield replace(one, frame=smaller)


def _leaps(sight: Sight, one: Try) -> Iterator[Try]:
    """The smallest frames that there are, the very smallest first."""
    steps: list[Try] = []
    last: Try | None = one
    while last is not None and len(steps) < _MOST_JUDGED:
        last = next(reductions(sight, last), None)
        steps += [last] if last is not None else []
    yield from [*reversed(steps)][:_LEAPS]


def _place(fault: Fault | None) -> object:
    """What is broken, wherever in a list."""
    if fault is None:
        return None
    return fault.by, tuple("*" if isinstance(key, int) else key for key in fault.at)


def _smaller(value: Json) -> Iterator[Json]:
    """The value with less in it: without half, one property, or one item; then the same of what is in it."""
    if isinstance(value, dict):
        for name in reversed(list(value)):
            yield {key: member for key, member in value.items() if key != name}
        for name, member in value.items():
            yield from ({**value, name: smaller} for smaller in _smaller(member))
    elif isinstance(value, list):
        half = len(value) // 2
        if half > 1:
            yield value[:half]
            yield value[half:]
        for index in reversed(range(min(_ITEMS, len(value)))):
            yield [*value[:index], *value[index + 1 :]]
        for index, item in enumerate(value[:_ITEMS]):
            yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _smaller(item))
    elif isinstance(value, str) and len(value) > _SHORT:
        yield value[: len(value) // 2]
