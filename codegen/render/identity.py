"""Which kind of value a client may choose to name its requests."""

from __future__ import annotations

from collections.abc import Iterable

from codegen.contract import Contract, Json, Message, Path

_DEEPEST = 32


def numeric_ids(contract: Contract, places: Iterable[tuple[Message, Path]]) -> bool:
    """Whether an integer may stand at each of these places of a message; else ids are texts."""
    return all(
        _takes_integer(contract, _at(contract, dict(contract.schema(message.schema).schema), path), _DEEPEST)
        for message, path in places
    )


def _at(contract: Contract, schema: Json, path: Path) -> Json:
    """The schema of a place; one that takes anything where the message does not say."""
    for key in path:
        schema = _followed(contract, schema)
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if not isinstance(properties, dict) or key not in properties:
            return {}
        schema = properties[key]
    return schema


def _followed(contract: Contract, schema: Json) -> Json:
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict) or not isinstance(reference := schema.get("$ref"), str):
            break
        schema = dict(contract.schema(reference.rsplit("/", 1)[-1]).schema)
    return schema


def _takes_integer(contract: Contract, schema: Json, depth: int) -> bool:
    schema = _followed(contract, schema)
    if not isinstance(schema, dict):
        return True
    if "const" in schema:
        return False  # an id that never changes names nothing
    for keyword in ("oneOf", "anyOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list):
            return depth > 0 and any(_takes_integer(contract, arm, depth - 1) for arm in arms)
    return schema.get("type", "integer") in {"integer", "number"}
