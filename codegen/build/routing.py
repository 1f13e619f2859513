"""How the frames of a socket are told apart: the place where messages carry a constant, and its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from codegen.build.context import Context
from codegen.build.forms import reference, referenced
from codegen.build.messages import Draft
from codegen.build.parts import Part, flatten
from codegen.build.schemas import Schemas
from codegen.contract import Json, Path, SchemaDict
from codegen.document import Location

Value = str | int | bool
Values = dict[Path, tuple[Value, ...]]

_CONVENTIONAL = (
    "type", "event", "method", "op", "action", "kind", "messageType", "message_type", "msgType", "msg_type",
    "eventType", "event_type", "eventName", "event_name", "command", "cmd", "name", "e", "t", "channel",
    "topic", "msg", "request", "req_type", "stream", "feed",
)  # fmt: skip
_DEEPEST = 3
_MOST_VALUES = 64


def tag_path(context: Context, schemas: Schemas, drafts: Sequence[Draft]) -> Path | None:
    """Where the frames of one direction carry what tells them apart; None where nothing does."""
    found = [draft_values(context, schemas, draft) for draft in drafts]
    paths = list(dict.fromkeys(path for values in found for path in values if path))
    hinted = _discriminators(context, drafts)
    best: tuple[tuple[int, ...], Path] | None = None
    for order, path in enumerate(paths):
        unique = unique_values(found, path)
        covered = sum(1 for values in unique if values)
        if not covered or not _telling(found, path, path[-1] in _CONVENTIONAL or path[-1] in hinted):
            continue
        score = (
            int(len(path) == 1 and path[0] in hinted),
            int(covered == len(drafts)),
            int(path[-1] in _CONVENTIONAL),
            covered,
            -len(path),
            -(_CONVENTIONAL.index(path[-1]) if path[-1] in _CONVENTIONAL else len(_CONVENTIONAL)),
            -order,
        )
        if best is None or score > best[0]:
            best = (score, path)
    return None if best is None else best[1]


def _telling(found: list[Values], path: Path, conventional: bool) -> bool:
    """Whether a place is meant to tell messages apart: constants do; choices only under a usual name."""
    return conventional or any(len(values.get(path, ())) == 1 for values in found)


def unique_values(found: Sequence[Values], path: Path) -> list[tuple[Value, ...]]:
    """For each message the values at a place that no other message has."""
    owners = Counter(
        key
        for values in found
        for key in dict.fromkeys((type(value), value) for value in values.get(path, ()))
    )
    return [
        tuple(value for value in values.get(path, ()) if owners[type(value), value] == 1) for values in found
    ]


def message_values(schemas: Schemas, name: str) -> Values:
    """Every place of a frame that can only have certain values, with those."""
    if name not in schemas:
        return {}
    return _values(schemas, schemas.get(name).schema, (name,), 0)


def _values(schemas: Schemas, schema: SchemaDict, trail: tuple[str, ...], depth: int) -> Values:
    target = referenced(schema)
    if target is not None:
        if target in trail or target not in schemas:
            return {}
        return _values(schemas, schemas.get(target).schema, (*trail, target), depth)
    for keyword in ("oneOf", "anyOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list):
            return _of_union([_values(schemas, arm, trail, depth) for arm in arms if isinstance(arm, dict)])
    result: Values = {}
    constants = tuple(_constants(schema))
    if constants:
        result[()] = constants
    properties = schema.get("properties")
    if isinstance(properties, dict) and depth < _DEEPEST:
        for key, item in properties.items():
            if isinstance(item, dict):
                inside = _values(schemas, item, trail, depth + 1)
                result.update({(key, *path): values for path, values in inside.items()})
    return dict(sorted(result.items(), key=lambda entry: len(entry[0])))


def always_has(schemas: Schemas, name: str, path: Path) -> bool:
    """Whether every frame of a schema has something at a place."""
    return _has(schemas, reference(name), path, ())


def _has(schemas: Schemas, schema: SchemaDict, path: Path, trail: tuple[str, ...]) -> bool:
    if not path:
        return True
    target = referenced(schema)
    if target is not None:
        known = target in schemas and target not in trail
        return known and _has(schemas, schemas.get(target).schema, path, (*trail, target))
    for keyword in ("oneOf", "anyOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list):
            return all(isinstance(arm, dict) and _has(schemas, arm, path, trail) for arm in arms)
    required, properties = schema.get("required"), schema.get("properties")
    if not (isinstance(required, list) and path[0] in required and isinstance(properties, dict)):
        return False
    inside = properties.get(path[0])
    return isinstance(inside, dict) and _has(schemas, inside, path[1:], trail)


def _of_union(arms: list[Values]) -> Values:
    if not arms:
        return {}
    result: Values = {}
    for path in arms[0]:
        if all(path in arm for arm in arms):
            values: dict[tuple[type, Value], Value] = {}
            for arm in arms:
                values.update({(type(value), value): value for value in arm[path]})
            result[path] = tuple(values.values())
    return result


def _constants(schema: SchemaDict) -> Iterator[Value]:
    listed: Json = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(listed, list) or len(listed) > _MOST_VALUES:
        return
    if all(isinstance(value, str | int) for value in listed):
        yield from (value for value in listed if isinstance(value, str | int))


def draft_values(context: Context, schemas: Schemas, draft: Draft) -> Values:
    """The constants of a message's frame, and what its schema's `discriminator` makes of its name."""
    values = message_values(schemas, draft.schema)
    for name in _discriminators(context, (draft,)):
        if (name,) not in values and (named := implied_values(context, draft)):
            values[name,] = named
    return values


def implied_values(context: Context, draft: Draft) -> tuple[str, ...]:
    """The names of the schemas that a payload may be: what AsyncAPI has a `discriminator` carry."""
    place = draft.fields.get("payload")
    if place is None:
        return ()
    target = context.document.follow(place)
    arms = [arm for keyword in ("oneOf", "anyOf") for arm in context.items(target, keyword)]
    names = [component_name(context.document.follow(arm)) for arm in arms or [target]]
    return tuple(names) if all(names) else ()


def component_name(at: Location) -> str:
    """The key of a schema among a document's components; empty for other places."""
    return str(at.pointer[2]) if len(at.pointer) == 3 and at.pointer[:2] == ("components", "schemas") else ""


def _discriminators(context: Context, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """The properties that payloads name as their `discriminator`."""
    names: list[str] = []
    for draft in drafts:
        place = draft.fields.get("payload")
        if place is None:
            continue
        parts = list(flatten(context, (Part(place),)))
        for part in list(parts):
            for keyword in ("oneOf", "anyOf"):
                for arm in context.items(part.at, keyword):
                    parts += flatten(context, (Part(arm),))
        for part in parts:
            value = context.get(part.at, "discriminator")
            if isinstance(value, dict):
                value = value.get("propertyName")
            if isinstance(value, str) and value not in names:
                names.append(value)
    return tuple(names)
