"""Changes of schemas that list their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.forms import plain, text_of
from codegen.schemas.views import View
from codegen.schemas.wording import values

if TYPE_CHECKING:
    from codegen.schemas.comparing import Comparison, Found, Pair

_DEEPEST = 6
"""Alternatives within each other; deeper ones may be endless."""
_KEYWORDS = ("enum", "const")


def compare(comparison: Comparison, pair: Pair) -> list[Found] | None:
    """What changed where one of a pair lists its values; None where none does."""
    old, new = (listed(comparison, view) for view in (pair.old, pair.new))
    if old is None and new is None:
        return None
    if old is None or new is None:
        return _one_sided(comparison, pair, old, new)
    return list(_both(pair, old, new))


def listed(comparison: Comparison, view: View, depth: int = 0) -> list[Json] | None:
    """The values that a schema accepts, where it lists them."""
    candidates: list[Json] | None = None
    for keyword, value in [*view.said("enum"), *view.said("const")]:
        is_enum = keyword.pointer[-1] == "enum"
        candidates = value if is_enum and isinstance(value, list) else [value]
        break
    if candidates is None and view.unions and depth < _DEEPEST:
        arms = [listed(comparison, view.of(arm), depth + 1) for arm in view.unions[0].arms]
        found = [arm for arm in arms if arm is not None]
        if len(found) == len(arms):
            candidates = [value for arm in found for value in arm]
    if candidates is None:
        return None
    unique = {text_of(plain(value)): plain(value) for value in candidates}
    key = view.key
    return [value for value in unique.values() if comparison.prover.search.holds((key, True), value)]


def _both(pair: Pair, old: list[Json], new: list[Json]) -> Iterator[Found]:
    before, after = ({text_of(value): value for value in found} for found in (old, new))
    gained = [value for text, value in after.items() if text not in before]
    lost = [value for text, value in before.items() if text not in after]
    if len(old) == len(new) == 1 and gained:
        text = f"must now be {values(new)} (was {values(old)})"
        yield pair.change("const-changed", "other", text, old=old[0], new=new[0], keywords=_KEYWORDS)
        return
    if gained:
        text = f"may now also be {values(gained)}"
        yield pair.change("enum-value-added", "wider", text, old=old, new=new, keywords=_KEYWORDS)
    if lost:
        text = f"can no longer be {values(lost)}"
        yield pair.change("enum-value-removed", "narrower", text, old=old, new=new, keywords=_KEYWORDS)


def _one_sided(
    comparison: Comparison, pair: Pair, old: list[Json] | None, new: list[Json] | None
) -> list[Found] | None:
    effect = comparison.effect(pair.old, pair.new)
    if effect == "same":
        return []
    kinds = [comparison.kinds(view.key) for view in (pair.old, pair.new)]
    if new is not None:
        if new and effect == "other":
            return None  # more than a list came: the walk says what
        text = f"must now be {values(new)} (any other value was taken)" if new else "can no longer be there"
        return [pair.change("enum-added", effect, text, new=new, keywords=_KEYWORDS)]
    if effect == "other" or kinds[0] - kinds[1]:
        return None
    text = f"is no longer one of a list (was {values(old or [])})"
    return [pair.change("enum-removed", effect, text, old=old, keywords=_KEYWORDS)]
