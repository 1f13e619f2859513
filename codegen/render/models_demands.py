"""What schemas demand beyond their types, as the source of models has it: `Conforms({...})`."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from codegen.build.demands import CONFORMS, NAMED, references
from codegen.build.names import word_set
from codegen.contract import Contract, Json, SchemaDict
from codegen.patterns import in_python
from codegen.render.models_feed import is_nothing

_DEFINITIONS = "_DEFINITIONS"
_PREFIX = "#/definitions/"
_CHECKED = word_set(
    """
    $ref additionalItems additionalProperties allOf anyOf const contains dependencies else enum exclusiveMaximum
    exclusiveMinimum if items maxItems maxLength maxProperties maximum minItems minLength minProperties minimum
    multipleOf not oneOf pattern patternProperties properties propertyNames required then type uniqueItems
    """
)
"""What `runtime/json_schema.py` checks; whatever else stands in a schema says nothing there."""
_TYPED = ("type", "anyOf", "oneOf")


def conforming(type_: ast.expr, schema: SchemaDict) -> ast.expr:
    """A type, annotated with what its schema demands beside it."""
    if is_nothing(schema):
        return ast.Name("Nothing")
    demand = demand_source(schema)
    if demand is None:
        return type_
    told = ast.unparse(type_)
    if isinstance(type_, ast.Subscript) and isinstance(type_.slice, ast.Tuple) and _is_annotated(type_):
        told = ", ".join(map(ast.unparse, type_.slice.elts))
    return ast.parse(f"Annotated[{told}, {demand}]", mode="eval").body


def _is_annotated(type_: ast.Subscript) -> bool:
    return isinstance(type_.value, ast.Name) and type_.value.id == "Annotated"


def demand_source(schema: SchemaDict) -> str | None:
    """`Conforms({...})` for what a schema demands beside its type; None where it demands nothing."""
    demand = schema.get(CONFORMS)
    if not isinstance(demand, dict):
        return None
    written = _in_python(demand)
    more = f", {_DEFINITIONS}" if any(True for _ in references(written)) else ""
    return f"Conforms({written!r}{more})"


def definitions(contract: Contract, parts: Iterable[str]) -> list[str]:
    """The schemas that demands refer to, and what those do; nothing where none refers to any."""
    needed: dict[str, Json] = {}
    waiting: list[Json] = [
        {"$ref": node.value}
        for part in parts
        if _DEFINITIONS in part
        for node in ast.walk(ast.parse(part))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(_PREFIX)
    ]
    while waiting:
        for name in references(waiting.pop()):
            if name in contract.definitions and name not in needed:
                needed[name] = _in_python(contract.definitions[name])
                waiting.append(needed[name])
    if not needed:
        return []
    ordered = {name: needed[name] for name in contract.definitions if name in needed}
    return [f"{_DEFINITIONS}: Mapping[str, object] = {ordered!r}\n"]


def _in_python(schema: Json, *, named: bool = False) -> Json:
    """A schema whose patterns are Python's, without what demands nothing; `nullable` as the types have it."""
    if isinstance(schema, list):
        return [_in_python(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    written: dict[str, Json] = {}
    for key, value in schema.items():
        if named:
            written[key] = _in_python(value)
        elif key in ("const", "enum"):
            written[key] = value
        elif key == "pattern" and isinstance(value, str):
            written[key] = in_python(value)
        elif key == "patternProperties" and isinstance(value, dict):
            written[key] = {in_python(name): _in_python(item) for name, item in value.items()}
        elif key in _CHECKED:
            written[key] = _in_python(value, named=key in NAMED)
    if not named and schema.get("nullable") is True and any(key in written for key in _TYPED):
        return {"anyOf": [written, {"type": "null"}]}
    return written
