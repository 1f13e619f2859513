"""Changes of the properties of mappings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from codegen.contract import Json
from codegen.diagnostics import in_code
from codegen.location import Location
from codegen.schemas.changes import Effect
from codegen.schemas.views import View
from codegen.schemas.wording import listed

if TYPE_CHECKING:
    from codegen.schemas.comparing import Comparison, Found, Pair


class _Places(TypedDict):
    """Where a property is written."""

    old_place: Location | None
    new_place: Location | None


def compare(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    """Changes of properties by name, then of all others."""
    old, new = pair.old.declared(), pair.new.declared()
    for name in dict.fromkeys([*old, *new, *pair.old.required(), *pair.new.required()]):
        yield from _property(comparison, pair, name, name in old, name in new)
    yield from _others(comparison, pair)


def _property(comparison: Comparison, pair: Pair, name: str, was: bool, now: bool) -> Iterator[Found]:
    at = (name,)
    old, new = (view.of(*view.applying(name)) for view in (pair.old, pair.new))
    needed, needs = name in pair.old.required(), name in pair.new.required()
    places = _Places(old_place=_place(pair.old, name, was), new_place=_place(pair.new, name, now))
    added = now and not was
    gone = was and not now
    closed = "narrower" if gone and not comparison.kinds(new.key) else None
    if needs and not needed:
        text = "must now be there" if not added else "is new and must be there"
        required = _Places(old_place=places["old_place"], new_place=pair.new.required()[name])
        yield pair.change("property-required", "narrower", text, old=False, new=True, at=at, **required)
        if added and not old.places:
            return
    elif needed and not needs:
        text = "need no longer be there"
        yield pair.change("property-optional", "wider", text, old=True, new=False, at=at, **places)
    if added:
        yield from _added(comparison, pair, name, (old, new), places)
    elif gone and closed:
        yield pair.change("property-removed", "narrower", "is no longer taken", at=at, **places)
    elif gone and not new.places:
        yield pair.change("property-removed", "wider", "is no longer described", at=at, **places)
    elif was or now:
        yield from comparison.compare((*pair.at, name), old, new)


def _place(view: View, name: str, declared: bool) -> Location | None:
    return next(view.applying(name), None) if declared else view.place


def _added(
    comparison: Comparison, pair: Pair, name: str, views: tuple[View, View], places: _Places
) -> Iterator[Found]:
    old, new = views
    if not comparison.kinds(new.key):
        if comparison.kinds(old.key):
            yield pair.change("property-removed", "narrower", "is no longer taken", at=(name,), **places)
        return
    if not comparison.kinds(old.key):
        yield pair.change(
            "property-added-to-closed", "wider", "is new, and was refused before", at=(name,), **places
        )
        return
    narrows = comparison.effect(old, new) not in {"same", "wider"}
    if (old.places or comparison.exact) and narrows:
        text = "is new, where anything else could stand under its name"
        yield pair.change("property-added-to-open", "narrower", text, at=(name,), **places)
    else:  # "same": whatever stood there is taken as before
        effect: Effect = "wider" if narrows else "same"
        yield pair.change("property-added", effect, "is new", at=(name,), **places)


def _others(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    """Changes of properties that have no name of their own."""
    old_patterns, new_patterns = (
        {
            pattern: at.child(pattern)
            for at, found in view.said("patternProperties")
            if isinstance(found, dict)
            for pattern in found
        }
        for view in (pair.old, pair.new)
    )
    for pattern in old_patterns:
        if pattern in new_patterns:
            views = pair.old.of(old_patterns[pattern]), pair.new.of(new_patterns[pattern])
            yield from comparison.compare((*pair.at, "*"), *views)
    by_name = pair.old.of_names(), pair.new.of_names()
    if set(old_patterns) != set(new_patterns):
        effect = comparison.between(*by_name)
        if effect != "same":
            fresh, gone = (
                listed([in_code(pattern) for pattern in one if pattern not in other], "and")
                for one, other in ((new_patterns, old_patterns), (old_patterns, new_patterns))
            )
            rules = "for properties whose names match"
            if set(new_patterns) > set(old_patterns):
                text = f"has a rule now {rules} {fresh}"
            elif set(old_patterns) > set(new_patterns):
                text = f"has no rule any more {rules} {gone}"
            else:
                text = f"has a rule now {rules} {fresh}, and none any more for {gone}"
            found = pair.change(
                "pattern-properties-changed",
                effect,
                text,
                old=list[Json](sorted(old_patterns)),
                new=list[Json](sorted(new_patterns)),
                keywords=("patternProperties",),
            )
            yield replace(found, old_part=by_name[0], new_part=by_name[1])
    old, new = (
        view.of(*(at for at, _ in view.said("additionalProperties"))) for view in (pair.old, pair.new)
    )
    if old.key == new.key and old.places:
        return
    old_closed, new_closed = (not comparison.kinds(view.key) for view in (old, new))
    where = ("additionalProperties",)
    if new_closed and not old_closed:
        text = (
            "no longer takes properties that are not named"
            if not old.places
            else "no longer takes other properties"
        )
        found = pair.change(
            "additional-properties-closed", "narrower", text, old=True, new=False, keywords=where
        )
        yield replace(found, old_part=by_name[0], new_part=by_name[1])
    elif old_closed and not new_closed:
        text = "may now have properties that are not named"
        found = pair.change(
            "additional-properties-opened", "wider", text, old=False, new=True, keywords=where
        )
        yield replace(found, old_part=by_name[0], new_part=by_name[1])
    elif not old_closed:
        yield from comparison.compare((*pair.at, "*"), old, new)
