"""Changes of what the items of lists must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.schemas.comparing import Comparison, Found, Pair


def compare(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    """Changes of the items, one after another where they have schemas of their own."""
    prefix = max(pair.old.prefix(), pair.new.prefix())
    for index in range(prefix + 1):
        old, new = pair.old.of(*pair.old.items(index)), pair.new.of(*pair.new.items(index))
        yield from comparison.compare((*pair.at, index if index < prefix else "*"), old, new)
