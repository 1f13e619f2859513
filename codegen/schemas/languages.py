"""Sets of texts: regular expressions with union, intersection and complement, and a text that is in one.

Brzozowski's derivatives: what may follow a character is again such a set, and there are finitely many of them. Sets
are interned, so that equal ones are one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

LAST = 0x10FFFF
EASY_SETS = 100
"""Derivatives that a search looks at before it goes another way."""
MAX_SETS = 4000
"""Derivatives that it looks at there before it gives up."""
Ranges = tuple[tuple[int, int], ...]


class TooHardError(Exception):
    """The search for a text was given up."""


class Texts:
    """A set of texts."""

    __slots__ = ("kind", "nullable", "parts")

    def __init__(self, kind: str, parts: tuple[object, ...], *, nullable: bool) -> None:
        self.kind = kind
        self.parts = parts
        self.nullable = nullable


_interned: dict[tuple[object, ...], Texts] = {}


def _made(kind: str, *parts: object, nullable: bool) -> Texts:
    key = (kind, *parts)
    if key not in _interned:
        _interned[key] = Texts(kind, parts, nullable=nullable)
    return _interned[key]


NOTHING = _made("nothing", nullable=False)
"""No text."""
EMPTY = _made("empty", nullable=True)
"""The empty text alone."""


def one_of(ranges: Iterable[tuple[int, int]]) -> Texts:
    """The texts of one character out of ranges of code points, both ends included."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return _made("one", tuple(joined), nullable=False) if joined else NOTHING


def none_of(ranges: Iterable[tuple[int, int]]) -> Texts:
    """The texts of one character outside of ranges."""
    start, outside = 0, []
    for low, high in sorted(ranges):
        if low > start:
            outside.append((start, low - 1))
        start = max(start, high + 1)
    if start <= LAST:
        outside.append((start, LAST))
    return one_of(outside)


def then(first: Texts, rest: Texts) -> Texts:
    """A text of the first followed by one of the rest."""
    if first is NOTHING or rest is NOTHING:
        return NOTHING
    if first is EMPTY:
        return rest
    if rest is EMPTY:
        return first
    if first.kind == "then":
        head, tail = first.parts
        assert isinstance(head, Texts)
        assert isinstance(tail, Texts)
        return then(head, then(tail, rest))
    return _made("then", first, rest, nullable=first.nullable and rest.nullable)


def times(what: Texts, least: int, most: int | None) -> Texts:
    """From `least` to `most` texts one after another; None: any number."""
    if most == 0 or what is EMPTY:
        return EMPTY
    if what is NOTHING:
        return EMPTY if least == 0 else NOTHING
    if what.nullable:
        least = 0
    if (least, most) == (1, 1):
        return what
    if what.kind == "times" and what.parts[1:] == (0, None):
        return what
    return _made("times", what, least, most, nullable=least == 0)


ANY = none_of(())
"""Texts of one character."""
ALL = times(ANY, 0, None)
"""Every text."""


def either(*sets: Texts) -> Texts:
    """The union."""
    found: dict[Texts, None] = {}
    for each in sets:
        for part in each.parts if each.kind == "either" else (each,):
            assert isinstance(part, Texts)
            found[part] = None
    found.pop(NOTHING, None)
    if ALL in found or any(negation(part) in found for part in found):
        return ALL
    if not found:
        return NOTHING
    if len(found) == 1:
        return next(iter(found))
    parts = tuple(sorted(found, key=id))
    return _made("either", *parts, nullable=any(part.nullable for part in parts))


def both(*sets: Texts) -> Texts:
    """The intersection."""
    found: dict[Texts, None] = {}
    for each in sets:
        for part in each.parts if each.kind == "both" else (each,):
            assert isinstance(part, Texts)
            found[part] = None
    found.pop(ALL, None)
    if NOTHING in found or any(negation(part) in found for part in found):
        return NOTHING
    if not found:
        return ALL
    if len(found) == 1:
        return next(iter(found))
    parts = tuple(sorted(found, key=id))
    return _made("both", *parts, nullable=all(part.nullable for part in parts))


def negation(what: Texts) -> Texts:
    """Every other text."""
    if what is ALL:
        return NOTHING
    if what is NOTHING:
        return ALL
    if what.kind == "not":
        inner = what.parts[0]
        assert isinstance(inner, Texts)
        return inner
    return _made("not", what, nullable=not what.nullable)


def exactly(text: str) -> Texts:
    """One text alone."""
    whole = EMPTY
    for character in reversed(text):
        whole = then(one_of([(ord(character), ord(character))]), whole)
    return whole


@lru_cache(maxsize=100_000)
def _after(what: Texts, code: int) -> Texts:  # noqa: PLR0911 - a table
    """What may follow a character."""
    match what.kind, what.parts:
        case "one", (ranges,):
            return EMPTY if any(low <= code <= high for low, high in ranges) else NOTHING  # type: ignore[attr-defined]
        case "then", (Texts() as first, Texts() as rest):
            direct = then(_after(first, code), rest)
            return either(direct, _after(rest, code)) if first.nullable else direct
        case "times", (Texts() as inner, int() as least, most):
            assert most is None or isinstance(most, int)
            left = times(inner, max(least - 1, 0), None if most is None else most - 1)
            return then(_after(inner, code), left)
        case "either", parts:
            return either(*(_after(part, code) for part in parts if isinstance(part, Texts)))
        case "both", parts:
            return both(*(_after(part, code) for part in parts if isinstance(part, Texts)))
        case "not", (Texts() as inner,):
            return negation(_after(inner, code))
    return NOTHING


def contains(what: Texts, text: str) -> bool:
    """Whether a text is in a set: one step a character, however many ways there are to match it."""
    for character in text:
        what = _after(what, ord(character))
        if what is NOTHING or what is ALL:
            break
    return what.nullable


@lru_cache(maxsize=100_000)
def _cuts(what: Texts) -> frozenset[int]:
    """Code points at which another kind of first character begins."""
    match what.kind, what.parts:
        case "one", (ranges,):
            return frozenset(edge for low, high in ranges for edge in (low, high + 1))  # type: ignore[attr-defined]
        case "then", (Texts() as first, Texts() as rest):
            return _cuts(first) | _cuts(rest) if first.nullable else _cuts(first)
        case _, parts:
            return frozenset().union(*(_cuts(part) for part in parts if isinstance(part, Texts)))


_NICE = [ord(c) for c in "axb01Ac_-. "]


def _firsts(what: Texts) -> Iterator[int]:
    """One character of each kind that may come first, those that people write before others."""
    edges = sorted({0, LAST + 1, *(cut for cut in _cuts(what) if cut <= LAST)})
    spans = list(pairwise(edges))

    def chosen(low: int, high: int) -> tuple[int, int]:
        for rank, code in enumerate(_NICE):
            if low <= code < high:
                return rank, code
        code = low if low > 0x20 or high <= 0x21 else 0x21
        if 0xD800 <= code <= 0xDFFF:  # no characters of their own
            code = 0xE000 if high > 0xE000 else code
        return len(_NICE) + (0 if 0x20 < code < 0x7F else 1), code

    for _, code in sorted(chosen(low, high) for low, high in spans):
        if not 0xD800 <= code <= 0xDFFF:
            yield code


_hard: set[tuple[Texts, int, int | None]] = set()
"""Searches that were given up, which would be again."""


def shortest(what: Texts, least: int = 0, most: int | None = None) -> str | None:
    """A text of the set with at least and at most so many characters, as short as can be; None: there is none.

    Raises:
        TooHardError: too many derivatives.

    """
    if (what, least, most) in _hard:
        raise TooHardError
    for way, steps in ((_Whole, EASY_SETS), (_Split, MAX_SETS)):
        try:
            return _searched(way, what, (least, most), steps)
        except TooHardError:
            continue
    _hard.add((what, least, most))
    raise TooHardError


class _Whole:
    """Looks at sets as they are: a set that came before need not be looked at again."""

    def __init__(self) -> None:
        self._seen: set[Texts] = set()

    def parts(self, what: Texts) -> Iterable[Texts]:
        """The sets to look at in place of one."""
        return (what,)

    def note(self, what: Texts) -> bool:
        """Remember a set; False where all of its texts are those of one that came before."""
        if what in self._seen:
            return False
        self._seen.add(what)
        return True

    def matters(self, what: Texts) -> bool:
        """Whether no larger set came after it."""
        return what in self._seen


class _Split:
    """Looks at each part of a union by itself, and at none of which a larger set came before.

    What may follow in a text without a fixed place is a union of as many parts as there are places, and one of them
    tells what all of them would: texts that must *not* be this or that are more, the fewer those are.
    """

    def __init__(self) -> None:
        self._seen: dict[frozenset[Texts], list[frozenset[Texts]]] = {}

    def parts(self, what: Texts) -> Iterable[Texts]:
        """The sets to look at in place of one, none of which is a union."""
        demands = list(dict.fromkeys(_demands(what)))
        for each in demands:
            if each.kind == "either":
                rest = [other for other in demands if other is not each]
                for part in each.parts:
                    assert isinstance(part, Texts)
                    yield from self.parts(both(part, *rest))
                return
        yield both(*demands)

    def note(self, what: Texts) -> bool:
        """Remember a set; False where all of its texts are among those of one that came before."""
        must, must_not = _sorted(what)
        known = self._seen.setdefault(must, [])
        if any(each <= must_not for each in known):
            return False
        known[:] = [each for each in known if not must_not <= each]
        known.append(must_not)
        return True

    def matters(self, what: Texts) -> bool:
        """Whether no larger set came after it."""
        must, must_not = _sorted(what)
        return must_not in self._seen[must]


def _demands(what: Texts) -> Iterator[Texts]:
    """Sets that a set is the intersection of."""
    inner = what.parts[0] if what.kind == "not" else None
    if what.kind == "both":
        for part in what.parts:
            assert isinstance(part, Texts)
            yield from _demands(part)
    elif isinstance(inner, Texts) and inner.kind in {"either", "both"}:
        opposites = [negation(part) for part in inner.parts if isinstance(part, Texts)]
        if inner.kind == "both":
            yield either(*opposites)
        else:
            for opposite in opposites:
                yield from _demands(opposite)
    else:
        yield what


def _sorted(what: Texts) -> tuple[frozenset[Texts], frozenset[Texts]]:
    """What a text must be and what it must not be."""
    demands = [part for part in (what.parts if what.kind == "both" else (what,)) if isinstance(part, Texts)]
    return (
        frozenset(each for each in demands if each.kind != "not"),
        frozenset(each for each in demands if each.kind == "not"),
    )


def _searched(
    way: type[_Whole | _Split], what: Texts, lengths: tuple[int, int | None], steps: int
) -> str | None:
    """The shortest text, by one way to look at sets."""
    least, most = lengths
    search = way()
    layer = {part: "" for part in search.parts(what) if search.note(part)}
    work = length = 0
    while layer:
        if length >= least:
            for each, text in layer.items():
                if each.nullable:
                    return text
        if length == most:
            return None
        if length < least:  # sets come back again and again until then; after it once is enough
            search = way()
        following: dict[Texts, str] = {}
        for each, text in layer.items():
            work += 1
            if work > steps:
                raise TooHardError
            for code in _firsts(each):
                for part in search.parts(_after(each, code)):
                    if part is not NOTHING and search.note(part):
                        following[part] = text + chr(code)
        length += 1
        layer = {each: text for each, text in following.items() if search.matters(each)}
    return None
