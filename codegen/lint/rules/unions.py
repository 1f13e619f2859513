"""What cannot be told apart: messages on one socket, and the arms of a union."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from codegen.build.routing import component_name
from codegen.contract import Json
from codegen.contract import Message as Contracted
from codegen.lint.contradictions import Contradictions
from codegen.lint.reach import Spot, flatten, leaves, types
from codegen.lint.rule import Options, Rule, Said
from codegen.lint.specimens import specimens
from codegen.lint.subject import Direction, Message, Operation, Subject
from codegen.load import DATA, NAMED
from codegen.location import Location
from codegen.plain import members, names
from codegen.validate.words import canonical
from codegen.written import Judge, standalone

_ANNOTATIONS = frozenset({"title", "description", "examples", "default", "$comment", "deprecated"})
_MANY = 150
"""Arms of a union that are looked at."""
_MOST_ASKED = 10_000
"""Pairs of messages of which more is asked than what constants of theirs differ."""
_DIRECTIONS: tuple[Direction, ...] = ("sent", "received")


def _sockets(subject: Subject) -> Iterator[tuple[Direction, list[Message]]]:
    """The messages that one side may receive on one socket."""
    for direction in _DIRECTIONS if subject.is_sound else ():
        here = [one for one in subject.operations if one.direction == direction]
        groups: list[list[Operation]] = [here] if subject.has_envelope else [[one] for one in here]
        for group in groups:
            yield direction, list({one.at: one for each in group for one in each.messages}.values())


def _messages(subject: Subject, _options: Options) -> Iterator[Said]:
    asks = Contradictions(subject.document, by_constants=True)
    told: set[Location] = set()
    for direction, messages in _sockets(subject):
        who = "the server" if direction == "sent" else "a client"
        parts = [flatten(subject.document, one.payload) if one.payload else () for one in messages]
        constants = [_constants(subject, one) for one in parts]
        asked = 0
        for index, message in enumerate(messages):
            near = [at for at in range(index) if not _apart(constants[at], constants[index])]
            asked += len(near)
            if asked > _MOST_ASKED:
                break
            alike = [
                messages[at]
                for at in near
                if _alike(subject, asks, (messages[at], parts[at]), (message, parts[index]))
            ]
            if alike and message.at not in told:
                told.add(message.at)
                names = ", ".join(one.key for one in alike[:3]) + (", …" if len(alike) > 3 else "")
                yield (
                    message.at,
                    f"{who} cannot tell {message.key} from {names}: no constant in the payloads differs",
                )


_Payload = tuple[Message, tuple[Location, ...]]


def _alike(subject: Subject, asks: Contradictions, one: _Payload, other: _Payload) -> bool:
    if one[0].payload is None or other[0].payload is None:
        return one[0].payload is None and other[0].payload is None
    hinted = [_discriminator(subject, own) for _, own in (one, other)]
    if hinted[0] and hinted[0] == hinted[1]:
        # It carries the names of the schemas, where they have some.
        named = [_names(subject, message.payload) for message, _ in (one, other) if message.payload]
        if all(named) and not named[0] & named[1]:
            return False
    return asks.why((*one[1], *other[1])) is None


def _names(subject: Subject, payload: Location) -> set[str]:
    """The names of the schemas that a payload may be; none where one of them has none."""
    target = subject.document.follow(payload)
    arms = [arm for keyword in ("oneOf", "anyOf") for arm in subject.context.items(target, keyword)]
    named = {component_name(subject.document.follow(arm)) for arm in arms or [target]}
    return named if all(named) else set()


def _constants(subject: Subject, parts: tuple[Location, ...]) -> dict[str, set[str]]:
    """The values of each property of a schema that has few, by the schema's own word: the quick look."""
    found: dict[str, set[str]] = {}
    for part in parts:
        properties = members(subject.mapping(part).get("properties"))
        for name in properties:
            schema = subject.mapping(part.child("properties", name))
            listed = [schema["const"]] if "const" in schema else schema.get("enum")
            if isinstance(listed, list):
                found.setdefault(name, set()).update(map(canonical, listed))
    return found


def _apart(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    """Whether a property that both have has no value in common."""
    return any(name in other and not values & other[name] for name, values in one.items())


def _discriminator(subject: Subject, parts: tuple[Location, ...]) -> Json:
    """The property that AsyncAPI's `discriminator` names in some schemas."""
    return next((said for part in parts if (said := subject.mapping(part).get("discriminator"))), None)


def _optional(subject: Subject, _options: Options) -> Iterator[Said]:
    """Messages whose telling property may be left out, where there are others to tell them from."""
    told: set[Location] = set()
    for message, effect in _told_by_tag(subject):
        if message.tag is None or message.payload is None or not message.tag.path:
            continue
        name = message.tag.path[0]
        place = _may_lack(subject, message.payload, name)
        if place is not None and place not in told:
            told.add(place)
            yield (
                place,
                f'"{name}" tells {message.key} from other messages, and may be left out: {effect}; make it required',
            )


def _told_by_tag(subject: Subject) -> Iterator[tuple[Contracted, str]]:
    """The messages of sockets that carry several one way, and what becomes of a frame that does not say which it is."""
    contract = subject.understood.contract if subject.understood is not None else None
    for endpoint in contract.endpoints if contract is not None else ():
        for routing in (endpoint.incoming, endpoint.outgoing):
            messages = {
                one.key: one for one in (*(message for _, message in routing.tagged), *routing.untagged)
            }
            effect = (
                "a frame without it is taken for the first message that it fits"
                if routing.untagged
                else "a frame without it is refused"
            )
            for message in messages.values() if len(messages) > 1 else ():
                yield message, effect


def _may_lack(subject: Subject, payload: Location, name: str) -> Location | None:
    """Where a property is described that a payload may lack; None where it may not."""
    for spot in leaves(subject.document, flatten(subject.document, payload)):
        schemas = [subject.mapping(part) for part in spot.parts]
        place = next(
            (
                part.child("properties", name)
                for part, schema in zip(spot.parts, schemas, strict=True)
                if name in members(schema.get("properties"))
            ),
            None,
        )
        if place is not None and not any(name in names(schema.get("required")) for schema in schemas):
            return place
    return None


def _arms(subject: Subject, keywords: tuple[str, ...]) -> Iterator[tuple[Location, list[Location]]]:
    for at in subject.found("a schema"):
        schema = subject.mapping(at)
        for keyword in keywords:
            arms = schema.get(keyword)
            if isinstance(arms, list) and 1 < len(arms) <= _MANY:
                yield at.child(keyword), [at.child(keyword, index) for index in range(len(arms))]


def _duplicates(subject: Subject, _options: Options) -> Iterator[Said]:
    for at, arms in _arms(subject, ("oneOf", "anyOf")):
        first: dict[str, int] = {}
        for index, arm in enumerate(arms):
            earlier = first.setdefault(canonical(_plain(standalone(subject.document, arm))), index)
            if earlier != index:
                effect = "so whatever matches one matches both, and is refused"
                yield (
                    arm,
                    f"arm {index + 1} says the same as arm {earlier + 1}"
                    + (f", {effect}" if at.pointer[-1] == "oneOf" else ""),
                )


def _plain(value: Json, *, named: bool = False) -> Json:
    """A schema without what it only tells readers; `named` where the keys are names of its author's choice."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {
            key: member if key in DATA and not named else _plain(member, named=key in NAMED and not named)
            for key, member in value.items()
            if named or (key not in _ANNOTATIONS and not key.startswith("x-"))
        }
    return value


def _ambiguous(subject: Subject, _options: Options) -> Iterator[Said]:
    """Arms that are objects which nothing tells apart."""
    asks = Contradictions(subject.document, by_constants=True)
    for at, arms in _arms(subject, ("oneOf",)):
        holder = Location(at.file, at.pointer[:-1])
        if subject.mapping(holder).get("discriminator"):
            continue
        parts = [flatten(subject.document, arm) for arm in arms]
        if any(_discriminator(subject, one) for one in parts):
            continue
        objects = [index for index, one in enumerate(parts) if _is_object(subject, one)]
        constants = [_constants(subject, one) for one in parts]
        for one, other in combinations(objects, 2):
            if _apart(constants[one], constants[other]):
                continue
            if asks.why((*parts[one], *parts[other])) is not None or _same(subject, arms[one], arms[other]):
                continue
            yield (
                arms[other],
                f"nothing tells arm {other + 1} ({_called(subject, arms[other])}) from arm {one + 1} "
                f"({_called(subject, arms[one])}): give both a property with a constant of its own",
            )
            break


def _is_object(subject: Subject, parts: tuple[Location, ...]) -> bool:
    """Whether a schema describes objects with properties, rather than only adding a demand to one that does."""
    spots = leaves(subject.document, parts)
    return all(
        types(subject.document, spot) in (None, frozenset({"object"})) and _has_properties(subject, spot)
        for spot in spots
    )


def _has_properties(subject: Subject, spot: Spot) -> bool:
    return any(members(subject.mapping(part).get("properties")) for part in spot.parts)


def _same(subject: Subject, one: Location, other: Location) -> bool:
    written = [_plain(standalone(subject.document, arm)) for arm in (one, other)]
    return canonical(written[0]) == canonical(written[1])


def _called(subject: Subject, arm: Location) -> str:
    target = subject.document.follow(arm)
    title = subject.mapping(arm).get("title")
    if isinstance(title, str):
        return title
    return str(target.pointer[-1]) if target != arm and target.pointer else "written in place"


def _overlapping(subject: Subject, _options: Options) -> Iterator[Said]:
    """Arms that are no objects, and a value that two of them accept: `oneOf` refuses it."""
    asks = Contradictions(subject.document)
    # A schema that is none itself cannot judge.
    for _, arms in _arms(subject, ("oneOf",)) if subject.is_sound else ():
        parts = [flatten(subject.document, arm) for arm in arms]
        schemas = [standalone(subject.document, arm) for arm in arms]
        objects = {index for index, one in enumerate(parts) if _is_object(subject, one)}
        describing = [index for index, schema in enumerate(schemas) if not _only_demands(schema)]
        for one, other in combinations(describing, 2):
            if one in objects and other in objects:
                continue
            if asks.why((*parts[one], *parts[other])) is not None or _same(subject, arms[one], arms[other]):
                continue
            judges = [Judge(schemas[one]), Judge(schemas[other])]
            for value in (*specimens(schemas[one]), *specimens(schemas[other])):
                if all(judge.accepts(value) for judge in judges):
                    yield (
                        arms[other],
                        f"{canonical(value)} is accepted by arm {one + 1} and by arm {other + 1}, "
                        "so that oneOf refuses it; keep them apart, or say anyOf",
                    )
                    break
            else:
                continue
            break


def _only_demands(schema: dict[str, Json]) -> bool:
    """Whether an arm asks for something of the schema that it stands in, and describes nothing by itself."""
    return not {"type", "properties", "enum", "const", "$ref", "oneOf", "anyOf", "allOf"} & set(schema)


RULES = (
    Rule("ambiguous-messages", "warning", _messages),
    Rule("tag-optional", "info", _optional),
    Rule("ambiguous-union", "warning", _ambiguous),
    Rule("duplicate-arm", "warning", _duplicates),
    Rule("overlapping-arms", "warning", _overlapping),
)
