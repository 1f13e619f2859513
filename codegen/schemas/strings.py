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


def find(demands: set[Demand]) -> Outcome:  # noqa: PLR0911 - one way out for each way to know
    """A text, or that there is none."""
    from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415 - it calls this one

    least = max([0, *(demand[1] for demand in demands if demand[0] == "least")])
    most = min((demand[1] for demand in demands if demand[0] == "most"), default=None)
    patterns = {demand[1:] for demand in demands if demand[0] == "pattern"}
    named = {demand[1:] for demand in demands if demand[0] == "format"}
    others = {str(value_of(demand[1])) for demand in demands if demand[0] == "other"}
    if (most is not None and least > most) or _contradict(patterns) or _contradict(_spread(named)):
        return NONE
    if not patterns and not named:
        return _any_text(least, most, others)
    texts, said = _regular(patterns, others)

    def fits(text: str) -> bool:
        return (
            least <= len(text)
            and (most is None or len(text) <= most)
            and text not in others
            and all(matches(pattern, text) is expected for pattern, expected in patterns)
            and all(formats.fits(name, text) in {expected, None} for name, expected in named)
        )

    try:
        short = shortest(texts, least, most)
    except TooHardError:
        short = None
        said = False
    if short is None and said:
        return NONE
    exhausted: list[bool] = []
    for text in _candidates(named, texts, (least, most), exhausted):
        if fits(text):
            return Outcome(exists=True, value=text)
    if exhausted and all(formats.examples(name) and not expected for name, expected in named):
        return NONE
    if not said:
        return UNKNOWN
    # No text with these formats is known. Formats may go unchecked, so that any text will do; but
    # that none *lacks* a format may just as well be because of the patterns.
    if any(not expected and formats.examples(name) for name, expected in named):
        return UNKNOWN
    return Outcome(exists=True, value=short) if short is not None else UNKNOWN


def _any_text(least: int, most: int | None, others: set[str]) -> Outcome:
    """A text of which nothing but its length is asked."""
    from codegen.schemas.search import NONE, Outcome  # noqa: PLC0415 - as above

    if most == 0:
        return NONE if "" in others else Outcome(exists=True, value="")
    firsts = (chr(ord("a") + number if number < 26 else 0x100 + number) for number in range(len(others) + 1))
    found = (first + "a" * (max(least, 1) - 1) for first in firsts)
    return Outcome(exists=True, value=next(text for text in found if text not in others))


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
    named: set[tuple[str, bool]], texts: Texts, lengths: tuple[int, int | None], exhausted: list[bool]
) -> Iterator[str]:
    """Texts worth a try; `exhausted` gets an entry where these are all that the patterns allow."""
    for name, expected in sorted(named):
        if expected:
            yield from formats.examples(name)
    least, most = lengths
    try:
        longer = shortest(texts, max(least, 1), most)
        if longer is not None:
            yield longer
        if any(not expected for _, expected in named):
            yield from formats.OTHERS
            yield from (text.ljust(least, "!") for text in formats.OTHERS)
        left = texts
        for _ in range(_TRIES):
            text = shortest(left, least, most)
            if text is None:
                exhausted.append(True)
                return
            yield text
            left = both(left, negation(exactly(text)))
    except TooHardError:
        yield from formats.OTHERS
