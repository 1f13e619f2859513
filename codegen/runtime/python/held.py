"""The lists that a client holds of a topic, as models: made once for each entry, and shared until it changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from .errors import InvalidMessage
from .exchange import KeyedList
from .state import Entry, HeldState, StateRule


class HeldLists:
    """What one topic holds after the updates so far."""

    __slots__ = ("_filled", "_lists", "_state")

    def __init__(self, rule: StateRule) -> None:
        self._state = HeldState(rule)
        self._lists = _empty(rule)
        self._filled = False

    def take(
        self, body: object, lists: Mapping[str, KeyedList], *, snapshot: bool, first: bool = False
    ) -> BaseModel:
        """Apply the changes of an update's body; returns the body of all that is then held.

        `first` says that nothing was held before it; else there has to be something. InvalidMessage where the changes
        cannot be applied; what is held is of no use then.
        """
        if not isinstance(body, BaseModel):
            raise InvalidMessage("the body holds no lists")
        if not (snapshot or first or self._filled):
            raise InvalidMessage("changes of what is not there")
        if snapshot:
            self._lists = _empty(self._state.rule)
        try:
            changes = {name: self._follow(name, body, at) for name, at in lists.items()}
            self._state.apply(changes, snapshot=snapshot)
        except (ArithmeticError, LookupError, TypeError) as error:
            raise InvalidMessage(f"the changes cannot be applied: {error}") from error
        self._filled = True
        whole = {at.attribute: self._lists[name].items.copy() for name, at in lists.items()}
        return body.model_copy(update=whole)

    def _follow(self, name: str, body: BaseModel, at: KeyedList) -> list[Entry]:
        """Take in the changes of one list; what they are."""
        items: Sequence[object] = getattr(body, at.attribute)
        changes = [(getattr(item, at.key), getattr(item, at.value)) for item in items]
        held = self._lists[name]
        for (key, value), item in zip(changes, items, strict=True):
            held.put(key, item, keep=value != 0)
        return changes

    def checksum(self) -> int | None:
        """That of all that is held; None where it is no number that a checksum can be made of."""
        try:
            return self._state.checksum()
        except ArithmeticError:
            return None

    def clear(self) -> None:
        """Hold nothing."""
        self._state = HeldState(self._state.rule)
        self._lists = _empty(self._state.rule)
        self._filled = False


class _Models:
    """The models of one list, in its order."""

    __slots__ = ("_places", "_sign", "items")

    def __init__(self, sign: float) -> None:
        self._sign = sign
        self._places: list[float] = []
        self.items: list[object] = []

    def put(self, key: float, item: object, *, keep: bool) -> None:
        """Set the model of a key, or take it away."""
        place = self._sign * key
        index = bisect_left(self._places, place)
        if index < len(self._places) and self._places[index] == place:
            if keep:
                self.items[index] = item
            else:
                del self._places[index], self.items[index]
        elif keep:
            self._places.insert(index, place)
            self.items.insert(index, item)


def _empty(rule: StateRule) -> dict[str, _Models]:
    return {name: _Models(-1.0 if order == "descending" else 1.0) for name, order in rule.lists.items()}
