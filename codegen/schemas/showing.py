"""Whole values that show a change: one side accepts them, and the other refuses them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.changes import ABSENT, SchemaChange, _Absent
from codegen.schemas.forms import Form
from codegen.schemas.views import View
from codegen.written import Judge

if TYPE_CHECKING:
    from codegen.schemas.comparing import At, Comparison, Found


def with_witness(
    comparison: Comparison, old: View, new: View, found: Found, judges: tuple[Judge, Judge]
) -> SchemaChange:
    """The change with values for the whole that show it."""
    from codegen.schemas.comparing import unseen  # noqa: PLC0415 - it calls this one

    change = found.change
    if change.effect in {"same", "unknown"} or (not comparison.exact and unseen(change)):
        return change
    if change.effect == "wider":
        return replace(change, witness=_shown(comparison, new, old, _turned(found), judges[::-1]))
    change = replace(change, witness=_shown(comparison, old, new, found, judges))
    if change.effect == "other":
        gained = _shown(comparison, new, old, _turned(found), judges[::-1])
        change = replace(change, gained=gained)
    return change


def _turned(found: Found) -> Found:
    """The change the other way round, as far as its schemas go."""
    return replace(found, old=found.new, new=found.old, old_part=found.new_part, new_part=found.old_part)


def _shown(
    comparison: Comparison, yes: View, no: View, found: Found, judges: tuple[Judge, ...]
) -> Json | _Absent:
    """A value for the whole that the one accepts and the other refuses, by this change alone if possible."""
    world, forms = comparison.world, comparison.world.forms
    takes, refuses = judges
    whole = [(yes.key if comparison.exact else yes.sent, True), (no.key, False)]
    for different in dict.fromkeys((found.new_part, found.new)):
        inner = {"allOf": [forms[found.old], {"not": forms[different]}]}
        value = comparison.prover.find([*whole, (world.intern(_at(found.at, inner)), True)]).value
        if not isinstance(value, _Absent) and takes.accepts(value) and not refuses.accepts(value):
            return value
    value = comparison.prover.find(whole).value
    if not isinstance(value, _Absent) and takes.accepts(value) and not refuses.accepts(value):
        return value
    return ABSENT


def _at(at: At, form: Form) -> Form:
    """The schema of a whole that is something in particular at one place."""
    for key in reversed(at):
        if key == "*":
            form = {
                "anyOf": [
                    {"type": ["array"], "contains": form},
                    {"type": ["object"], "not": {"additionalProperties": {"not": form}}},
                ]
            }
        elif isinstance(key, int):
            form = {"type": ["array"], "minItems": key + 1, "items": [{}] * key + [form]}
        else:
            form = {"type": ["object"], "required": [key], "properties": {key: form}}
    return form
