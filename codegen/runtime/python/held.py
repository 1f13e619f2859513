"""The lists that a client holds of a topic, as models: made once for each entry, and shared until it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from .errors import InvalidMessage
from .exchange import KeyedList
from .state import HeldState, StateRule


class HeldLists:
    """What one topic holds after the updates so far."""

    __slots__ = ("_items", "_state")

    def __init__(self, rule: StateRule) -> None:
        self._state = HeldState(rule)
        self._items: dict[str, dict[float, Any]] = {name: {} for name in rule.lists}

    def take(self, body: object, lists: Mapping[str, KeyedList], *, snapshot: bool) -> BaseModel:
        """Apply the changes of an update's body; returns the body of all that is then held.

        InvalidMessage where they cannot be applied; what is held is of no use then.
        """
        if not isinstance(body, BaseModel):
            raise InvalidMessage("the body holds no lists")
        changed = {name: (at, getattr(body, at.attribute)) for name, at in lists.items()}
        try:
            self._state.apply(
                {
                    name: [(getattr(item, at.key), getattr(item, at.value)) for item in items]
                    for name, (at, items) in changed.items()
                },
                snapshot=snapshot,
            )
        except (ArithmeticError, LookupError, TypeError) as error:
            raise InvalidMessage(f"the changes cannot be applied: {error}") from error
        whole = {}
        for name, (at, items) in changed.items():
            known = self._items[name]
            if snapshot:
                known.clear()
            for item in items:
                if getattr(item, at.value) == 0:
                    known.pop(getattr(item, at.key), None)
                else:
                    known[getattr(item, at.key)] = item
            whole[at.attribute] = [known[key] for key, _ in self._state.entries(name)]
        return body.model_copy(update=whole)

    def checksum(self) -> int | None:
        """That of all that is held; None where it is no number that a checksum can be made of."""
        try:
            return self._state.checksum()
        except ArithmeticError:
            return None

    def clear(self) -> None:
        """Hold nothing."""
        self._state = HeldState(self._state.rule)
        for known in self._items.values():
            known.clear()
