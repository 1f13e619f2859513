"""What the comparison of two schemas says: a proof, and a list of differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from codegen.contract import Json
from codegen.location import Location

Effect = Literal["same", "wider", "narrower", "other", "unknown"]
"""What the new schema accepts, compared with the old one; `other`: neither holds all that the other does."""

OpenObjects = Literal["ignored", "exact"]
"""How properties count that an object allows without naming them; see `compare`."""


class _Absent:
    """The value of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""No value at all, where `None` would be the value `null`."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether one schema holds every value of another."""

    answer: bool | None
    """None: not found out."""
    witness: Json | _Absent = ABSENT
    """Where the answer is no: a value that the one accepts and the other refuses, where one could be made."""


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference between two schemas."""

    kind: str
    """What changed, in kebab-case; `codegen.schemas.KINDS` has them all."""
    effect: Effect
    """Of this change by itself; `same` for annotations."""
    at: tuple[str | int, ...]
    """Where in a value: `("payload", "limit")`; `*` for every item and every other property."""
    old: Json
    """What stood there: the enum, the bound; None where there was nothing."""
    new: Json
    old_place: Location | None
    new_place: Location | None
    text: str
    """A clause without its subject: `must now be at least 10 (was 5)`."""
    witness: Json | _Absent = ABSENT
    """A whole value that one side accepts and the other refuses, where one was found.

    What the old one accepts, unless the effect is `wider`.
    """
    gained: Json | _Absent = ABSENT
    """Where the effect is `other`: a whole value that only the new one accepts, where one was found."""
