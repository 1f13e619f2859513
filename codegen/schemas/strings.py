"""A text that meets demands: lengths, patterns, formats, and texts that it must not be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegen.patterns import compiled
from codegen.schemas import formats
from codegen.schemas.expressions import texts_of
from codegen.schemas.holding import matches
from codegen.schemas.languages import ALL, Texts, TooHardError, both, exactly, negation, shortest
from codegen.schemas.unfolding import Demand, value_of

if TYPE_CHECKING:
    from codegen.schemas.search import Outcome

_TRIES = 12


def find(demands: set[Demand]) -> Outcome:
    """A text, or that there is none."""
    from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415 - it calls this one

    least = max([0, *(demand[1] for demand in demands if demand[0] == "least")])
    most = min((demand[1] for demand in demands if demand[0] == "most"), default=None)
    patterns = {demand[1:] for demand in demands if demand[0] == "pattern"}
    named = {demand[1:] for demand in demands if demand[0] == "format"}
    others = {str(value_of(demand[1])) for demand in demands if demand[0] == "other"}
    if (most is not None and least > most) or _contradict(patterns) or _contradict(_spread(named)):
        return NONE
    texts, said = _regular(patterns, others)

    def fits(text: str, *, by_format: bool = True) -> bool:
        return (
            least <= len(text)
            and (most is None or len(text) <= most)
            and text not in others
            and all(matches(pattern, text) is expected for pattern, expected in patterns)
            and (
                not by_format or all(formats.fits(name, text) in {expected, None} for name, expected in named)
            )
        )

    try:
        short = shortest(texts, least, most)
    except TooHardError:
        short = None
        said = False
    if short is None and said:
        return NONE
    for text in _candidates(named, texts, short, least, most):
        if fits(text):
            return Outcome(exists=True, value=text)
    if not said:
        return UNKNOWN
    # No text with these formats is known. Formats may go unchecked, so that any text will do; but
    # that none *lacks* a format may just as well be because of the patterns.
    if any(not expected and formats.examples(name) for name, expected in named):
        return UNKNOWN
    return Outcome(exists=True, value=short) if short is not None else UNKNOWN


def _contradict(expected: set[tuple[str, bool]]) -> bool:
    return any((what, not yes) in expected for what, yes in expected)


def _spread(named: set[tuple[str, bool]]) -> set[tuple[str, bool]]:
    """Formats, and those that hold all their texts."""
    return named | {(wider, True) for name, yes in named if yes for wider in formats.WIDER.get(name, ())}


def _regular(patterns: set[tuple[str, bool]], others: set[str]) -> tuple[Texts, bool]:
    """The texts that patterns allow, and whether that is all that they say."""
    texts, said = ALL, True
    for pattern, expected in sorted(patterns):
        found = texts_of(pattern)
        if found is None:
            if compiled(pattern) is not None or not expected:
                said = False
            continue
        texts = both(texts, found if expected else negation(found))
    return both(texts, *(negation(exactly(text)) for text in sorted(others))), said


def _candidates(
    named: set[tuple[str, bool]], texts: Texts, short: str | None, least: int, most: int | None
) -> Iterator[str]:
    for name, expected in sorted(named):
        if expected:
            yield from formats.examples(name)
    if short:
        yield short
    try:
        longer = shortest(texts, max(least, 1), most)
        if longer is not None:
            yield longer
        if short is not None:
            yield short
        if any(not expected for _, expected in named) or short is None:
            yield from formats.OTHERS
            yield from (text.ljust(least, "!") for text in formats.OTHERS)
            left = texts
            for _ in range(_TRIES):
                text = shortest(left, least, most)
                if text is None:
                    return
                yield text
                left = both(left, negation(exactly(text)))
    except TooHardError:
        yield from formats.OTHERS
