"""Names for schemas without one of their own: what their place, or their difference, calls them."""

from __future__ import annotations

from pathlib import PurePosixPath

from codegen.build.context import Context
from codegen.build.names import pascal
from codegen.build.parts import Parts, flatten, keywords, types
from codegen.contract import Json
from codegen.document import Location


def authored_name(at: Location) -> str:
    """The name that a place has been given by its author: its key among definitions, or its file's name."""
    if not at.pointer:
        name = PurePosixPath(at.file).name
        return name.split(".")[0]
    last = at.pointer[-1]
    if not isinstance(last, str):
        return ""
    holder = at.pointer[-2] if len(at.pointer) > 1 else None
    if holder in ("schemas", "definitions", "$defs") or (
        len(at.pointer) == 1 and last not in ("payload", "items")
    ):
        return last
    return ""


def place_name(at: Location) -> str:
    """A name made of the way to a place: `OrderCustomer` for `…/Order/properties/customer`."""
    pointer = list(at.pointer)
    for marker in ("schemas", "definitions", "$defs", "messages"):
        if marker in pointer:
            pointer = pointer[len(pointer) - pointer[::-1].index(marker) :]
            break
    named = [
        pascal("item" if key == "items" else str(key))
        for key in pointer
        if key not in ("properties", "payload", "oneOf", "anyOf", "allOf") and isinstance(key, str)
    ]
    return "".join(named)


def arm_names(context: Context, arms: list[Parts], hint: str) -> list[str]:
    """A name for each arm of a union that has none: by title, by constant, by what only it requires."""
    titles = [context.text(arm[-1].at, "title") for arm in arms]
    constants = [_constants(context, arm) for arm in arms]
    required = [_required(context, arm) for arm in arms]
    kinds = [types(context, flatten(context, arm)) for arm in arms]
    found: list[str] = []
    for number, arm in enumerate(arms):
        name = ""
        referred = _referred(context, arm)
        if referred:
            name = hint + pascal(referred)
        elif pascal(titles[number]) and titles.count(titles[number]) == 1:
            name = pascal(titles[number])
            name = name if name.startswith(hint) else hint + name
        for key, value in constants[number].items():
            if name:
                break
            if all(other.get(key) != value for index, other in enumerate(constants) if index != number):
                name = hint + pascal(str(value))
        for key in required[number]:
            if name:
                break
            if all(key not in other for index, other in enumerate(required) if index != number):
                name = hint + "With" + pascal(key)
        if not name and len(kinds[number]) == 1 and kinds.count(kinds[number]) == 1:
            name = hint + kinds[number][0].capitalize()
        if not name or name in found or name == hint:
            name = f"{hint}Option{number + 1}"
        found.append(name)
    return found


def _referred(context: Context, arm: Parts) -> str:
    """The name of what an arm refers to, where it does nothing else."""
    written = context.document.value(arm[-1].at)
    if isinstance(written, dict) and "$ref" in written:
        return authored_name(context.document.follow(arm[-1].at))
    return ""


def _constants(context: Context, arm: Parts) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for part in flatten(context, arm):
        for key, place in context.entries(part.at, "properties"):
            value = context.value(place)
            if isinstance(value, dict):
                enum = value.get("enum")
                constant = value.get("const", enum[0] if isinstance(enum, list) and len(enum) == 1 else None)
                if isinstance(constant, str) and pascal(constant):
                    found.setdefault(key, constant)
    return found


def _required(context: Context, arm: Parts) -> list[str]:
    found: list[str] = []
    for part in flatten(context, arm):
        value = keywords(context, part).get("required")
        if isinstance(value, list):
            found += [key for key in value if isinstance(key, str) and pascal(key)]
    return found


def holder_name(at: Location) -> str:
    """What the schema around the definitions is called in which a schema stands; else what its file is."""
    for index in range(len(at.pointer) - 1, 0, -1):
        if at.pointer[index] in ("definitions", "$defs"):
            return str(at.pointer[index - 1])
    return PurePosixPath(at.file).stem
