"""Properties that nobody sends: those of open objects that only the other of two documents names.

An object that says nothing of other properties allows them. Where that counts as never meant, a schema is taken
together with what this module adds to it: that the names which the other document knows, and this schema does not, are
not there. What an alternative does not name counts as not there beside it, even if another alternative names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from codegen.document import Document
from codegen.location import Location

Forms = list[Any]


@dataclass(slots=True)
class _Own:
    """What schemas say of the value itself, alternatives left aside."""

    names: set[str] = field(default_factory=set)
    says: bool = False
    """Whether they say how other properties are."""
    is_object: bool = False
    unions: list[list[Location]] = field(default_factory=list)


def unsent(
    document: Document, places: Sequence[Location], others: Set[str], form_of: Callable[[Location], Any]
) -> Forms:
    """Forms that leave out of a schema what is never sent; `others` are the names that the other document knows."""

    def closed(at: Sequence[Location], around: Set[str], depth: int) -> Forms:
        own = _own(document, at)
        names = set(around) | own.names
        if own.says or depth > 5:
            return []
        if not own.unions:
            missing = others - names
            return (
                [{"properties": dict.fromkeys(sorted(missing), False)}]
                if missing and (names or own.is_object)
                else []
            )
        found: Forms = []
        for index, arms in enumerate(own.unions):
            beside = names.union(
                *(_all_names(document, each) for each in own.unions[:index] + own.unions[index + 1 :])
            )
            inner = [closed([arm], beside, depth + 1) for arm in arms]
            if any(inner):
                found.append(
                    {
                        "anyOf": [
                            {"allOf": [form_of(arm), *added]} for arm, added in zip(arms, inner, strict=True)
                        ]
                    }
                )
        return found

    return closed(places, frozenset(), 0)


def _own(document: Document, places: Sequence[Location]) -> _Own:
    own = _Own()
    waiting, seen = list(places), set()
    while waiting:
        place = document.follow(waiting.pop())
        value = document.value(place)
        if place in seen or not isinstance(value, dict):
            continue
        seen.add(place)
        for key in ("properties", "required"):
            own.names.update(value.get(key) or ())  # type: ignore[arg-type]
        own.says = own.says or "additionalProperties" in value or "patternProperties" in value
        own.is_object = own.is_object or "object" in (value.get("type") or ())  # type: ignore[operator]
        for key in ("allOf", "anyOf", "oneOf"):
            members = value.get(key)
            if isinstance(members, list):
                arms = [place.child(key, index) for index in range(len(members))]
                if key == "allOf" or len(arms) == 1:
                    waiting += arms
                else:
                    own.unions.append(arms)
        waiting += [place.child(key) for key in ("if", "then", "else") if isinstance(value.get(key), dict)]
        dependent = value.get("dependencies")
        if isinstance(dependent, dict):
            waiting += [place.child("dependencies", name) for name in dependent]
    return own


def _all_names(document: Document, places: Sequence[Location]) -> set[str]:
    """The names of schemas and of all their alternatives."""
    names: set[str] = set()
    waiting, seen = list(places), set()
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            own = _own(document, [place])
            names |= own.names
            waiting += [arm for arms in own.unions for arm in arms]
    return names
