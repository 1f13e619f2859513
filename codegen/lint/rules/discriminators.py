"""What AsyncAPI's `discriminator` names, and whether it tells schemas apart."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.build.routing import component_name
from codegen.contract import Json
from codegen.lint.reach import Spot, flatten, leaves
from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location
from codegen.plain import items, members, names
from codegen.validate.words import canonical

_MOST_VALUES = 100


def _check(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        schema = subject.mapping(at)
        name = schema.get("discriminator")
        if not isinstance(name, str):
            continue
        arms = [
            at.child(keyword, index)
            for keyword in ("oneOf", "anyOf")
            for index in range(len(items(schema.get(keyword))))
        ]
        if arms:
            yield from _of_union(subject, at, name, arms)
        elif lack := _lack(subject, name, leaves(subject.document, flatten(subject.document, at))):
            yield (
                at.child("discriminator"),
                f'"{name}" is to tell this schema from those that share it, and {lack}: make it a required property',
            )


def _of_union(subject: Subject, at: Location, name: str, arms: list[Location]) -> Iterator[Said]:
    document = subject.document
    opened = frozenset((at.child("oneOf"), at.child("anyOf")))
    whose: dict[str, int] = {}
    for index, arm in enumerate(arms):
        target = document.follow(arm)
        spots = leaves(document, (*flatten(document, at), *flatten(document, arm)), opened)
        which = f"arm {index + 1}{_called(target, arm)}"
        if lack := _lack(subject, name, spots):
            yield (
                target,
                f'"{name}" is to tell {which} from the others, and {lack}: make it a required property',
            )
        values = _values(subject, name, spots) or [component_name(target)]
        if values == [""]:
            if not lack:
                yield (
                    target,
                    f'"{name}" is to tell {which} from the others, and nothing says by which value: give it a constant',
                )
            continue
        for value in map(canonical, values):
            first = whose.setdefault(value, index)
            if first != index:
                other = f"arm {first + 1}{_called(document.follow(arms[first]), arms[first])}"
                yield target, f'"{name}" is to tell {which} from {other}, and may be {value} in both'
                break


def _called(target: Location, arm: Location) -> str:
    return f" ({target.pointer[-1]})" if target != arm and target.pointer else ""


def _lack(subject: Subject, name: str, spots: list[Spot]) -> str:
    """Why a value may not tell what it is; empty where it always does."""
    lack = ""
    for spot in spots:
        schemas = [subject.mapping(part) for part in spot.parts]
        if not any(name in members(schema.get("properties")) for schema in schemas):
            return "is no property of it"
        if not any(name in names(schema.get("required")) for schema in schemas):
            lack = "may be left out"
    return lack


def _values(subject: Subject, name: str, spots: list[Spot]) -> list[Json]:
    """The values of a property that are told one by one; none where any may be."""
    found: list[Json] = []
    for spot in spots:
        listed: list[Json] | None = None
        for part in spot.parts:
            if name not in members(subject.mapping(part).get("properties")):
                continue
            for place in flatten(subject.document, part.child("properties", name)):
                schema = subject.mapping(place)
                said = [schema["const"]] if "const" in schema else schema.get("enum")
                if isinstance(said, list) and (listed is None or len(said) < len(listed)):
                    listed = said
        if listed is None or len(listed) > _MOST_VALUES:
            return []
        found += listed
    return list({canonical(value): value for value in found}.values())


RULES = (Rule("ambiguous-discriminator", "warning", _check),)
