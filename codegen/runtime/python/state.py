"""What a subscriber holds of a topic whose updates are changes to keyed lists (`x-state` in the contract).

Server and client hold the same: each applies the changes and computes the checksum of what it then has.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias
from zlib import crc32

Entry: TypeAlias = tuple[float, float]
"""A key, and the value there; the value 0 says that the key is gone."""

Changes: TypeAlias = Mapping[str, Sequence[Entry]]
"""What changed, by list; a list in which nothing changed may be missing."""

_EXACT = 2**53
"""Up to here every integer is a float of its own, and has no exponent in either language."""


@dataclass(frozen=True, slots=True)
class StateRule:
    """How the updates of a channel change what its subscribers hold."""

    key: str
    """The property of a list's items that says which entry is meant."""
    value: str
    """The property that says what stands there; 0 takes the entry away."""
    lists: Mapping[str, Literal["ascending", "descending"]]
    """The payload's properties that are such lists, and how each is ordered by key."""
    checksum: int | None = None
    """How many entries of each list, from its beginning, the checksum covers; None without checksum."""


@dataclass(slots=True)
class _List:
    """Keys in order, from the least sort key to the greatest, and the entry of each."""

    sign: float
    """-1 where the greatest key comes first."""
    sorted: list[float] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def put(self, key: float, value: float) -> None:
        place = self.sign * key
        index = bisect_left(self.sorted, place)
        there = index < len(self.sorted) and self.sorted[index] == place
        if value == 0:
            if there:
                del self.sorted[index], self.entries[index]
        elif there:
            self.entries[index] = (key, value)
        else:
            self.sorted.insert(index, place)
            self.entries.insert(index, (key, value))


class HeldState:
    """The lists of one topic, as they are after the updates so far."""

    __slots__ = ("_lists", "rule")

    def __init__(self, rule: StateRule) -> None:
        self.rule = rule
        self._lists = _empty(rule)

    def __len__(self) -> int:
        """How many entries there are, over all lists."""
        return sum(len(one.entries) for one in self._lists.values())

    def apply(self, changes: Changes, *, snapshot: bool = False) -> None:
        """Take changes in, in order; with `snapshot` they replace everything. KeyError for an unknown list."""
        if snapshot:
            self._lists = _empty(self.rule)
        for name, entries in changes.items():
            put = self._lists[name].put
            for key, value in entries:
                put(key, value)

    def entries(self, name: str) -> Sequence[Entry]:
        """The entries of a list, in its order; not to be changed."""
        return self._lists[name].entries

    def changes(self) -> dict[str, list[Entry]]:
        """Everything, as the changes of a snapshot."""
        return {name: list(one.entries) for name, one in self._lists.items()}

    def payload(self) -> dict[str, list[dict[str, float]]]:
        """Everything, as the payload of a snapshot."""
        return payload_of(self.rule, self.changes())

    def checksum(self) -> int | None:
        """CRC32 of the first entries of each list: `key:value`, joined by commas, the lists by `|`."""
        most = self.rule.checksum
        if most is None:
            return None
        text = "|".join(
            ",".join([_entry_text(entry) for entry in one.entries[:most]]) for one in self._lists.values()
        )
        return crc32(text.encode())


class MergedChanges:
    """Several changes, one after another, as one: of each key only the last value counts."""

    __slots__ = ("_values", "rule", "snapshot")

    def __init__(self, rule: StateRule) -> None:
        self.rule = rule
        self.snapshot = False
        """Whether the whole replaces what a subscriber holds, since one of the changes did."""
        self._values: dict[str, dict[float, float]] = {name: {} for name in rule.lists}

    def __len__(self) -> int:
        """How many keys have changed."""
        return sum(map(len, self._values.values()))

    def add(self, changes: Changes, *, snapshot: bool = False) -> None:
        """Add what comes after all so far. KeyError for an unknown list."""
        if snapshot:
            self.snapshot = True
            for values in self._values.values():
                values.clear()
        for name, entries in changes.items():
            self._values[name].update(entries)

    def changes(self) -> dict[str, list[Entry]]:
        """The one change, each list in its order."""
        return {
            name: sorted(
                (entry for entry in self._values[name].items() if entry[1] or not self.snapshot),
                reverse=order == "descending",
            )
            for name, order in self.rule.lists.items()
        }


def payload_of(rule: StateRule, changes: Changes) -> dict[str, list[dict[str, float]]]:
    """Changes as the payload of an update: every list is there, in the rule's order."""
    return {
        name: [{rule.key: key, rule.value: value} for key, value in changes.get(name, ())]
        for name in rule.lists
    }


def number_text(number: float) -> str:
    """A finite number as ECMAScript writes it (ECMA-262, Number::toString), so that both languages agree."""
    if number == int(number) and -_EXACT <= number <= _EXACT:
        return str(int(number))
    text = repr(float(number))
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text.removesuffix(".0")
    power = int(exponent)
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    digits = (whole + fraction).rstrip("0") if fraction != "0" else whole
    if 0 <= power < 21:
        return sign + digits.ljust(power + 1, "0")
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    point = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{sign}{point}e{'+' if power > 0 else '-'}{abs(power)}"


@lru_cache(maxsize=16_384)
def _entry_text(entry: Entry) -> str:
    """Kept, since most of the first entries are those of the update before: that is three quarters of a checksum."""
    return f"{number_text(entry[0])}:{number_text(entry[1])}"


def _empty(rule: StateRule) -> dict[str, _List]:
    return {name: _List(-1.0 if order == "descending" else 1.0) for name, order in rule.lists.items()}
