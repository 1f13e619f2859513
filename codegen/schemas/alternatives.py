"""Changes of alternatives: arms of `oneOf` and `anyOf` that came, went, or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.diagnostics import in_code
from codegen.location import Location
from codegen.schemas.enumerated import listed
from codegen.schemas.forms import text_of
from codegen.schemas.views import View
from codegen.schemas.wording import listed as listing
from codegen.schemas.wording import said, types

if TYPE_CHECKING:
    from codegen.schemas.comparing import Comparison, Found, Pair

_KEYWORDS = ("oneOf", "anyOf")


def compare(comparison: Comparison, pair: Pair, told: frozenset[str]) -> Iterator[Found]:
    """Changes of arms; `told`: types whose coming or going is told already."""
    if not (pair.old.unions or pair.new.unions):
        return
    old, new = _arms(pair.old, alone=not pair.new.unions), _arms(pair.new, alone=not pair.old.unions)
    if old is None or new is None:
        yield from _as_a_whole(comparison, pair)
        return
    split = is_split(comparison, pair)
    if split:
        yield from _split(comparison, pair, split)
        return
    matched, gone, came = _matched(comparison, pair, old, new)
    for before, after in matched:
        if (before.places, after.places) != (pair.old.places, pair.new.places):
            inner = comparison.compare(pair.at, before, after)
            yield from (each for each in inner if not _told_around(pair, each))
    for arm in gone:
        if comparison.apart(arm, pair.new)[0] is not True and not _told(comparison, arm, told):
            text, name = f"can no longer be {_called(comparison, arm)}", _name(arm)
            found = pair.change(
                "arm-removed", "narrower", text, old=name, old_place=arm.place, keywords=_KEYWORDS
            )
            yield replace(found, old=arm.key, new_part=pair.new.key)
    for arm in came:
        if comparison.apart(pair.old, arm)[1] is not True and not _told(comparison, arm, told):
            text, name = f"may now also be {_called(comparison, arm)}", _name(arm)
            found = pair.change("arm-added", "wider", text, new=name, new_place=arm.place, keywords=_KEYWORDS)
            yield replace(found, new=arm.key, old_part=pair.old.key)


def is_split(comparison: Comparison, pair: Pair) -> list[View]:
    """The alternatives that one schema has come to be, or that became one, where they restrict it; else none.

    Only where no more than one of them takes anything that the one schema takes, it became that one.
    """
    if len(pair.old.unions) + len(pair.new.unions) != 1:
        return []
    one, other = (pair.old, pair.new) if pair.new.unions else (pair.new, pair.old)
    arms = [arm for arm in _arms(other, alone=True) or [] if comparison.kinds(arm.key)]
    find = comparison.prover.find
    if sum(find([(one.key, True), (arm.key, True)]).exists is not False for arm in arms) < 2:
        return []
    sent = one.key if comparison.exact else one.sent
    restricts = find([(sent, True), (other.sliced(*_KEYWORDS), False)]).exists is not False
    return arms if restricts else []


def say(pair: Pair, arms: Sequence[View], found: Found) -> bool:
    """Whether a property that came or went at one schema is what the alternatives beside the other one say."""
    change = found.change
    if not arms or len(change.at) != len(pair.at) + 1:
        return False
    name = change.at[-1]
    came, needed = ("removed", "optional") if pair.new.unions else ("added", "required")
    if change.kind.startswith(f"property-{came}"):
        return any(name in arm.declared() for arm in arms)
    return change.kind == f"property-{needed}" and all(name in arm.required() for arm in arms)


def _split(comparison: Comparison, pair: Pair, arms: Sequence[View]) -> Iterator[Found]:
    union = (pair.old.unions or pair.new.unions)[0]
    effect = comparison.between(pair.old.sliced(*_KEYWORDS), pair.new.sliced(*_KEYWORDS))
    names = [_called(comparison, arm, arm.of(arm.places[0])) for arm in arms]
    told = listing(names) if len(set(names)) == len(names) else f"one of {len(names)} alternatives"
    text = f"must now be {told}" if pair.new.unions else f"need no longer be {told}"
    old_place, new_place = (None, union.place) if pair.new.unions else (union.place, None)
    yield pair.change(
        "alternatives-changed", effect, text, keywords=_KEYWORDS, old_place=old_place, new_place=new_place
    )


def _arms(view: View, *, alone: bool) -> list[View] | None:
    """The arms of the only alternatives; a schema without any is an arm itself. None: there are several lists.

    `alone`: the other schema has no alternatives, so that an arm is one with what stands around the alternatives.
    """
    if len(view.unions) > 1:
        return None
    if not view.unions:
        return [view]
    union = view.unions[0]
    if alone:
        decided = view.decided | {union.place}
        return [View(view.world, view.side, (arm, *view.places), decided) for arm in union.arms]
    return [view.of(arm) for arm in union.arms]


def _told_around(pair: Pair, found: Found) -> bool:
    """Whether a property that an arm came to name, or names no more, is named beside the alternatives all the time."""
    change = found.change
    return (
        change.kind.startswith(("property-added", "property-removed"))
        and change.at[:-1] == pair.at
        and all(change.at[-1] in view.declared() for view in (pair.old, pair.new))
    )


def _told(comparison: Comparison, arm: View, told: frozenset[str]) -> bool:
    kinds = {"number" if kind == "integer" else kind for kind in comparison.kinds(arm.key)}
    return kinds <= told


def _matched(
    comparison: Comparison, pair: Pair, old: Sequence[View], new: Sequence[View]
) -> tuple[list[tuple[View, View]], list[View], list[View]]:
    """Which arm became which: equal ones first, then by tag, name, what holds what, properties, and type."""
    left, right = list(old), list(new)
    found: list[tuple[View, View]] = []

    def match(fits: Callable[[View, View], bool]) -> None:
        for before in list(left):
            for after in list(right):
                if fits(before, after):
                    found.append((before, after))
                    left.remove(before)
                    right.remove(after)
                    break

    def by(mark: Callable[[View], object]) -> Callable[[View, View], bool]:
        return lambda before, after: mark(before) is not None and mark(before) == mark(after)

    def only(before: View, after: View) -> bool:
        kinds = comparison.kinds(before.key)
        return kinds == comparison.kinds(after.key) and all(
            sum(comparison.kinds(arm.key) == kinds for arm in arms) == 1 for arms in (left, right)
        )

    match(lambda before, after: before.key == after.key)
    match(by(lambda arm: _tags(comparison, arm)))
    match(by(_name))
    match(lambda before, after: True in comparison.apart(before, after))
    match(by(lambda arm: frozenset(arm.declared()) or None))
    match(lambda before, after: comparison.effect(before, after) in {"same", "wider", "narrower"})
    match(only)
    return found, left, right


def _tags(comparison: Comparison, arm: View) -> str | None:
    fixed = _fixed(comparison, arm)
    return text_of(fixed) if fixed else None


def _fixed(comparison: Comparison, arm: View) -> dict[str, Json]:
    """The properties that an arm fixes to one value."""
    fixed: dict[str, Json] = {}
    for name, places in arm.declared().items():
        values = listed(comparison, arm.of(*places))
        if values is not None and len(values) == 1:
            fixed[name] = values[0]
    return fixed


def _name(arm: View) -> str | None:
    """What people call an arm: its title, or the key that it is referred to by."""
    for _, title in arm.said("title"):
        return str(title)
    place = arm.place
    target = place if place is None else arm.document.follow(place)
    if target is None or target == place:
        return None
    return str(target.pointer[-1]) if target.pointer else Path(target.file).stem


def _called(comparison: Comparison, arm: View, own: View | None = None) -> str:
    """What to call an arm; `own`: what it says by itself, where it is taken with what stands around it."""
    own = own or arm
    name = _name(own)
    if name is not None:
        return in_code(name)
    values = listed(comparison, arm)
    if values is not None and len(values) == 1:
        return said(values[0])
    kinds = types(sorted(comparison.kinds(arm.key)))
    fixed = _fixed(comparison, own)
    if fixed:
        return f"{kinds} with " + listing(
            [f"{in_code(name)} {said(value)}" for name, value in fixed.items()], "and"
        )
    names = sorted(own.required() or own.declared())
    return f"{kinds} with {', '.join(map(in_code, names))}" if names else f"{kinds} of another kind"


def _as_a_whole(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    for keyword in ("oneOf", "anyOf"):
        old, new = pair.old.sliced(keyword), pair.new.sliced(keyword)
        effect = comparison.between(old, new)
        if effect != "same":
            place: Location | None = pair.old.where(keyword)
            yield pair.change(
                "alternatives-changed", effect, "has other alternatives", old_place=place, keywords=(keyword,)
            )
