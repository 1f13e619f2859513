"""Whether the arms of a union can be told apart at a glance: by their types, or by a property with fixed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from codegen.schemas.forms import TYPES, Form, text_of

_DEEPEST = 8


@dataclass(slots=True)
class _Marks:
    """What is known of all values of a form."""

    types: frozenset[str] = frozenset(TYPES)
    required: set[str] = field(default_factory=set)
    values: dict[str, frozenset[str]] = field(default_factory=dict)
    """The only values of a property, as texts, where it is there."""

    def fixed(self, name: str) -> frozenset[str] | None:
        """The values of a property that is there."""
        return self.values.get(name) if name in self.required else None


def are_apart(arms: Sequence[Form], definitions: Mapping[str, Form]) -> bool:
    """Whether no value can be accepted by two of the arms, as far as their marks show."""
    marks = []
    for arm in arms:
        found = _Marks()
        _mark(arm, definitions, found, 0)
        marks.append(found)
    return all(_differ(first, second) for first, second in combinations(marks, 2))


def _differ(first: _Marks, second: _Marks) -> bool:
    shared = first.types & second.types
    if not shared:
        return True
    if shared != {"object"}:
        return False
    for name in first.required & second.required:
        one, other = first.fixed(name), second.fixed(name)
        if one is not None and other is not None and not one & other:
            return True
    return False


def _mark(form: Form, definitions: Mapping[str, Form], marks: _Marks, depth: int) -> None:
    if form is False:
        marks.types = frozenset()
        return
    if "$ref" in form and depth < _DEEPEST:
        _mark(definitions[form["$ref"]], definitions, marks, depth + 1)
    if "type" in form:
        marks.types &= {"number" if kind == "integer" else kind for kind in form["type"]}
    marks.required.update(form.get("required", ()))
    for name, part in form.get("properties", {}).items():
        if part is not False and "enum" in part:
            values = frozenset(map(text_of, part["enum"]))
            marks.values[name] = marks.values.get(name, values) & values
    for part in form.get("allOf", ()) if depth < _DEEPEST else ():
        _mark(part, definitions, marks, depth + 1)
