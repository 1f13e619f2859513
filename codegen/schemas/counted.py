"""Changes of what numbers and texts must be: ranges, steps, lengths, patterns, formats, and of conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from codegen.contract import Json
from codegen.diagnostics import in_code
from codegen.schemas.forms import text_of
from codegen.schemas.holding import exact
from codegen.schemas.views import View
from codegen.schemas.wording import listed, said

if TYPE_CHECKING:
    from codegen.schemas.comparing import Comparison, Found, Pair

_COUNTS = (
    ("string", "Length", "length", "character", "long"),
    ("array", "Items", "items", "item", ""),
    ("object", "Properties", "properties", "property", ""),
)
_PLURALS = {"property": "properties"}


def compare(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    """Changes at a pair that one keyword tells."""
    if pair.old.key == pair.new.key:
        return
    # Of values of a type that came or went, that is all there is to tell.
    both = comparison.kinds(pair.old.key) & comparison.kinds(pair.new.key)
    numbers = all(comparison.kinds(view.key) & {"integer", "number"} for view in (pair.old, pair.new))
    if numbers:
        yield from _bound(pair, lower=True)
        yield from _bound(pair, lower=False)
        yield from _sliced(comparison, pair, "multipleOf", "multiple-of", "a multiple of")
    for owner, word, kind, unit, _ in _COUNTS:
        if owner in both:
            yield from _count(pair, f"min{word}", kind, unit, lower=True)
            yield from _count(pair, f"max{word}", kind, unit, lower=False)
    if "string" in both:
        yield from _sliced(comparison, pair, "pattern", "pattern", "matched by")
    yield from _format(comparison, pair)
    if "array" in both:
        yield from _flag(pair)
        yield from _condition(comparison, pair, ("contains",), "contains", "what the list must hold")
    if "object" in both:
        what = "the names that its properties may have"
        yield from _condition(comparison, pair, ("propertyNames",), "property-names", what)
        yield from _condition(comparison, pair, ("dependencies",), "dependencies", _dependencies)
    yield from _condition(comparison, pair, ("not",), "not", "what it must not be")
    yield from _condition(comparison, pair, ("if", "then", "else"), "condition", _conditions)


def _numbers(view: View, keyword: str) -> list[Fraction]:
    return [
        exact(value)
        for _, value in view.said(keyword)
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _bound_of(view: View, *, lower: bool) -> tuple[Fraction, bool] | None:
    """The tighter of the bounds at one end, and whether it is itself left out."""
    plain, strict = ("minimum", "exclusiveMinimum") if lower else ("maximum", "exclusiveMaximum")
    found = [(value, False) for value in _numbers(view, plain)] + [
        (value, True) for value in _numbers(view, strict)
    ]
    if not found:
        return None
    if lower:
        return max(found)
    return min(found, key=lambda bound: (bound[0], not bound[1]))


def _bound(pair: Pair, *, lower: bool) -> Iterator[Found]:
    old, new = _bound_of(pair.old, lower=lower), _bound_of(pair.new, lower=lower)
    if old == new:
        return
    keywords = ("minimum", "exclusiveMinimum") if lower else ("maximum", "exclusiveMaximum")

    def told(bound: tuple[Fraction, bool]) -> str:
        words = ("more than", "at least") if lower else ("less than", "at most")
        return f"{words[not bound[1]]} {_number(bound[0])}"

    def value(bound: tuple[Fraction, bool] | None) -> Json:
        return None if bound is None else _number(bound[0])

    def rank(bound: tuple[Fraction, bool]) -> tuple[Fraction, bool]:
        return bound if lower else (-bound[0], bound[1])

    was = "unbounded" if old is None else told(old)
    if new is None:
        tighter, text = False, f"is no longer bounded {'below' if lower else 'above'} (was {was})"
    else:
        tighter = old is None or rank(new) > rank(old)
        if old is not None and old[1] == new[1]:
            was = said(_number(old[0]))
        text = f"must now be {told(new)} (was {was})"
        if not tighter and not new[1]:
            text = f"may now be {'as low as' if lower else 'up to'} {_number(new[0])} (was {was})"
        elif not tighter:
            text = f"may now be anything {'above' if lower else 'below'} {_number(new[0])} (was {was})"
    yield pair.change(
        "range-narrowed" if tighter else "range-widened",
        "narrower" if tighter else "wider",
        text,
        old=value(old),
        new=value(new),
        keywords=keywords,
    )


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _count(pair: Pair, keyword: str, kind: str, unit: str, *, lower: bool) -> Iterator[Found]:
    pick = max if lower else min
    old, new = (
        pick(found, default=None) for found in (_numbers(pair.old, keyword), _numbers(pair.new, keyword))
    )
    if lower:
        old, new = old or None, new or None
    if old == new:
        return

    def told(count: Fraction | None) -> str:
        if count is None:
            return "unbounded" if not lower else "any number"
        plural = unit if count == 1 else _PLURALS.get(unit, f"{unit}s")
        return f"at {'least' if lower else 'most'} {count} {plural}"

    tighter = old is None or (new is not None and (new > old if lower else new < old))
    if new is None:
        end, units = "least" if lower else "greatest", _PLURALS.get(unit, f"{unit}s")
        text = f"has no {end} number of {units} any more (was {told(old)})"
    else:
        text = f"must now have {told(new)} (was {told(old) if old is None else old})"
        if not tighter:
            text = text.replace("must now have at least", "may now have as few as")
            text = text.replace("must now have at most", "may now have up to")
    yield pair.change(
        f"{kind}-{'narrowed' if tighter else 'widened'}",
        "narrower" if tighter else "wider",
        text,
        old=None if old is None else int(old),
        new=None if new is None else int(new),
        keywords=(keyword,),
    )


def _distinct(view: View, keyword: str) -> list[Json]:
    return list({text_of(value): value for _, value in view.said(keyword)}.values())


def _sliced(comparison: Comparison, pair: Pair, keyword: str, kind: str, words: str) -> Iterator[Found]:
    old, new = _distinct(pair.old, keyword), _distinct(pair.new, keyword)
    if sorted(map(text_of, old)) == sorted(map(text_of, new)):
        return
    effect = comparison.between(pair.old.sliced(keyword), pair.new.sliced(keyword))
    if effect == "same":
        return
    was, now = (
        listed((in_code(value) if isinstance(value, str) else said(value) for value in found), "and")
        for found in (old, new)
    )
    if not new:
        change, text = "removed", f"need no longer be {words} {was}"
    elif not old:
        change, text = "added", f"must now be {words} {now}"
    else:
        change, text = "changed", f"must now be {words} {now} (was {was})"
        if effect == "wider":
            text = f"need only be {words} {now} now (was {was})"
    yield pair.change(f"{kind}-{change}", effect, text, old=_one(old), new=_one(new), keywords=(keyword,))


def _one(found: list[Json]) -> Json:
    return None if not found else found[0] if len(found) == 1 else found


def _format(comparison: Comparison, pair: Pair) -> Iterator[Found]:
    old, new = _distinct(pair.old, "format"), _distinct(pair.new, "format")
    if sorted(map(str, old)) == sorted(map(str, new)):
        return
    effect = comparison.between(pair.old.sliced("format"), pair.new.sliced("format"))
    if not any("string" in comparison.kinds(view.key) for view in (pair.old, pair.new)):
        effect = "same"  # of other values it is a remark
    elif effect == "same":
        return
    was, now = (listed((in_code(str(value)) for value in found), "and") for found in (old, new))
    if not new:
        change, text = "removed", f"need no longer have the format {was}"
    elif not old:
        change, text = "added", f"must now have the format {now}"
    else:
        change, text = "changed", f"must now have the format {now} (was {was})"
    yield pair.change(f"format-{change}", effect, text, old=_one(old), new=_one(new), keywords=("format",))


def _flag(pair: Pair) -> Iterator[Found]:
    old, new = (any(value is True for _, value in view.said("uniqueItems")) for view in (pair.old, pair.new))
    if old == new:
        return
    text = "must now hold no item twice" if new else "may now hold an item twice"
    yield pair.change(
        "unique-items-added" if new else "unique-items-removed",
        "narrower" if new else "wider",
        text,
        old=old,
        new=new,
        keywords=("uniqueItems",),
    )


_Telling: TypeAlias = "Callable[[Pair, str], str]"


def _conditions(_: Pair, change: str) -> str:
    verb = {"added": "must now meet a", "removed": "need no longer meet a"}.get(
        change, "must now meet another"
    )
    return f"{verb} condition (`if`, `then`, `else`)"


def _dependencies(pair: Pair, change: str) -> str:
    """What a list of names asks for beside a property, in words."""
    old, new = (
        {
            (name, other)
            for _, found in view.said("dependencies")
            if isinstance(found, dict)
            for name, others in found.items()
            if isinstance(others, list)
            for other in others
        }
        for view in (pair.old, pair.new)
    )
    lists = all(
        isinstance(others, list)
        for view in (pair.old, pair.new)
        for _, found in view.said("dependencies")
        if isinstance(found, dict)
        for others in found.values()
    )
    fresh, gone = (
        [f"{in_code(str(other))} beside {in_code(name)}" for name, other in sorted(one - two)]
        for one, two in ((new, old), (old, new))
    )
    if not lists:
        verb = {"added": "is now restricted", "removed": "is no longer restricted"}.get(change, "has changed")
        return f"{verb} in what must be there beside some of its properties"
    clauses = [f"must now have {listed(fresh, 'and')}"] if fresh else []
    clauses += [f"need no longer have {listed(gone, 'and')}"] if gone else []
    return " and ".join(clauses)


def _condition(
    comparison: Comparison, pair: Pair, keywords: tuple[str, ...], kind: str, what: str | _Telling
) -> Iterator[Found]:
    old, new = pair.old.sliced(*keywords), pair.new.sliced(*keywords)
    if old == new:
        return
    effect = comparison.between(old, new)
    if effect == "same":
        return
    before, after = (bool(view.said(keywords[0])) for view in (pair.old, pair.new))
    if before and after:
        text, change = f"has changed in {what}", "changed"
    elif after:
        text, change = f"is now restricted in {what}", "added"
    else:
        text, change = f"is no longer restricted in {what}", "removed"
    if not isinstance(what, str):
        text = what(pair, change)
    values = [next((value for _, value in view.said(keywords[0])), None) for view in (pair.old, pair.new)]
    yield pair.change(f"{kind}-{change}", effect, text, old=values[0], new=values[1], keywords=keywords)
