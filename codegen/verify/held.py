"""What a subscriber holds of a topic whose updates change keyed lists (`x-state`), and its checksum."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Mapping

from codegen.contract import Json, State


class Held:
    """The lists as they are after the updates so far."""

    def __init__(self, rule: State) -> None:
        self._rule = rule
        self._lists: dict[str, dict[float, float]] = {name: {} for name, _ in rule.lists}

    def apply(self, body: Json, *, snapshot: bool) -> bool:
        """Take an update in; False where its payload is not what the schema says, and nothing is known any more."""
        if not isinstance(body, Mapping):
            return False
        for name, held in self._lists.items():
            entries = body.get(name)
            if not isinstance(entries, list):
                return False
            if snapshot:
                held.clear()
            for entry in entries:
                if not isinstance(entry, Mapping):
                    return False
                key, value = entry.get(self._rule.key), entry.get(self._rule.value)
                if not _is_number(key) or not _is_number(value):
                    return False
                if value == 0:
                    held.pop(key, None)  # type: ignore[arg-type]
                else:
                    held[key] = value  # type: ignore[index,assignment]
        return True

    def text(self) -> str:
        """What the checksum is made of: of each list the first entries as `key:value`."""
        sides = []
        for name, order in self._rule.lists:
            keys = sorted(self._lists[name], reverse=order == "descending")[: self._rule.checksum]
            sides.append(
                ",".join(f"{number_text(key)}:{number_text(self._lists[name][key])}" for key in keys)
            )
        return "|".join(sides)

    def checksum(self) -> int:
        """CRC-32 of the text."""
        return crc32(self.text().encode())


def number_text(number: float) -> str:
    """A finite number as ECMAScript writes it: the shortest digits that are that double."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    digits, _, exponent = f"{abs(float(number))!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    every = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len((whole + fraction).lstrip("0"))
    every = every.rstrip("0")
    if len(every) <= point <= 21:
        return sign + every.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{every[:point]}.{every[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{every}"
    power = point - 1
    mantissa = every if len(every) == 1 else f"{every[0]}.{every[1:]}"
    return f"{sign}{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
