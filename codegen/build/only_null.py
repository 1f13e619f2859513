"""Whether null is what a schema demands: a type that holds nothing else needs no check beside it."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.build.demands import CONFORMS
from codegen.contract import Json

_PREFIX = "#/definitions/"


def settled(schema: dict[str, Json], definitions: Mapping[str, Json]) -> dict[str, Json]:
    """A schema of null alone, without what is demanded beside it: it is met, or there is no such value.

    A check beside `None` would not do: what refers to the type takes null by itself.
    """
    if schema.get("type") != "null" or CONFORMS not in schema:
        return schema
    try:
        fits = takes_null(schema[CONFORMS], definitions)
    except RecursionError:
        fits = False  # as the check of a demand that never ends has it
    return {key: value for key, value in schema.items() if key != CONFORMS} if fits else {"not": {}}


def takes_null(schema: Json, definitions: Mapping[str, Json]) -> bool:
    """Whether null conforms to a schema whose `$ref`s lead to the definitions; `nullable` as the types have it."""

    def takes(part: Json) -> bool:
        return takes_null(part, definitions)

    def each(name: str) -> list[bool]:
        listed = told.get(name)
        return [takes(part) for part in listed] if isinstance(listed, list) else []

    if not isinstance(schema, dict):
        return schema is not False
    told = schema
    target = told.get("$ref")
    if isinstance(target, str):
        return takes(definitions[target.removeprefix(_PREFIX)])
    if told.get("nullable") is True and any(key in told for key in ("type", "anyOf", "oneOf")):
        return True
    kinds, choices = told.get("type", "null"), told.get("enum", [None])
    branch = "then" if "if" in told and takes(told["if"]) else "else"
    return (
        (kinds == "null" or (isinstance(kinds, list) and "null" in kinds))
        and isinstance(choices, list)
        and None in choices
        and told.get("const") is None
        and not ("not" in told and takes(told["not"]))
        and all(each("allOf"))
        and ("anyOf" not in told or any(each("anyOf")))
        and ("oneOf" not in told or sum(each("oneOf")) == 1)
        and ("if" not in told or takes(told.get(branch, True)))
    )
