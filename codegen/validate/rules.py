"""What a document must mean, beyond its structure: names that are unique, and names that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from codegen.contract import Json
from codegen.document import Document, Location
from codegen.validate.shapes import Walk
from codegen.validate.structure import JSON_SCHEMA_FORMAT
from codegen.validate.words import hint

_BRACES = re.compile(r"\{([^{}]*)\}")


def check(walk: Walk) -> None:
    """Report every breach of a rule among the objects that a walk has met."""
    for rule in _RULES:
        rule(walk)


def mapping(document: Document, at: Location) -> dict[str, Json]:
    """The mapping that a place means, or an empty one where something else stands."""
    try:
        value = document.value(document.follow(at))
    except (KeyError, IndexError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def _unique(walk: Walk, kind: str, name_of: str, rule: str) -> None:
    """Report the second and further objects of a kind with the same name; YAML aliases make no others."""
    first: dict[str, Location] = {}
    for at in sorted(walk.found[kind], key=lambda at: _order(walk, at)):
        name = mapping(walk.document, at).get(name_of)
        if not isinstance(name, str):
            continue
        earlier = first.setdefault(name, at)
        if earlier != at and walk.document.value(earlier) is not walk.document.value(at):
            where = walk.document.source(earlier.child(name_of))
            told = f"{where.line}:{where.column}" if where.file == at.file else str(where)
            walk.report(at.child(name_of), rule, f'"{name}" is used twice (first at {told})')


def _order(walk: Walk, at: Location) -> tuple[bool, str, int, int]:
    source = walk.document.source(at)
    return at.file != walk.document.root.file, source.file, source.line, source.column


def _operation_ids(walk: Walk) -> None:
    _unique(walk, "an operation", "operationId", "operation-id-unique")


def _message_ids(walk: Walk) -> None:
    _unique(walk, "a message", "messageId", "message-id-unique")


def _tags(walk: Walk) -> None:
    """A tag's name stands once in each list of tags."""
    first: dict[tuple[Location, str], Location] = {}
    for at in walk.found["a tag"]:
        name = mapping(walk.document, at).get("name")
        if isinstance(name, str):
            within = Location(at.file, at.pointer[:-1])
            earlier = first.setdefault((within, name), at)
            if earlier != at:
                where = walk.document.source(earlier)
                walk.report(
                    at,
                    "tag-unique",
                    f'the tag "{name}" is given twice (first at {where.line}:{where.column})',
                )


def _channels(walk: Walk) -> Iterator[tuple[Location, str]]:
    """The channels of the document, and their addresses."""
    root = walk.document.root.child("channels")
    for address in mapping(walk.document, root):
        yield root.child(address), address


def _parameters(walk: Walk) -> None:
    """The parameters of an address are declared, and those declared are in the address."""
    for at, address in _channels(walk):
        declared_at = walk.document.follow(at).child("parameters")
        _match_names(walk, at, address, declared_at, ("channel-parameters", "parameter", "the address"))


def _server_variables(walk: Walk) -> None:
    """The variables of a URL are declared, and those declared are in the URL."""
    for at in walk.found["a server"]:
        url = mapping(walk.document, at).get("url")
        if isinstance(url, str):
            words = ("server-variables", "variable", "the URL")
            _match_names(walk, at.child("url"), url, at.child("variables"), words)


def _match_names(
    walk: Walk, at: Location, template: str, declared_at: Location, words: tuple[str, str, str]
) -> None:
    """Report what stands in braces and is not declared, and what is declared and stands in no braces.

    Where nothing is declared at all, or nothing stands in braces, that is no misspelling: it is said, and
    stops nobody.
    """
    rule, what, where = words
    declared = mapping(walk.document, declared_at)
    used = _BRACES.findall(template)
    for name in dict.fromkeys(used):
        if not name:
            walk.report(at, rule, f"{{}} in {where} needs a name")
        elif not declared:
            walk.warn(at, rule, f'{{{name}}} is not declared under "{what}s"; any text is taken')
        elif name not in declared:
            walk.report(at, rule, f'{{{name}}} is not declared under "{what}s"{hint(name, declared)}')
        if name and used.count(name) > 1:
            walk.report(at, rule, f"{{{name}}} stands twice in {where}")
    for name in declared:
        if name not in used:
            tell = walk.report if used else walk.warn
            tell(declared_at.child(name), rule, f'"{name}" does not occur in {where}{hint(name, used)}')


def _addresses(walk: Walk) -> None:
    """An address is a path or a topic, and no other address means the same."""
    first: dict[str, Location] = {}
    for at, address in _channels(walk):
        outside = _BRACES.sub("", address)
        for sign, what in (("?", "a query"), ("#", "a fragment")):
            if sign in outside:
                walk.report(
                    at,
                    "channel-address",
                    f"an address has no {what[2:]}; declare it in the ws binding of the channel",
                )
        shape = _BRACES.sub("{}", address)
        earlier = first.setdefault(shape, at)
        if earlier != at:
            where = walk.document.source(earlier)
            walk.report(
                at,
                "channel-address",
                f'"{address}" cannot be told from "{earlier.pointer[-1]}" ({where.line}:{where.column})',
            )


def _channel_servers(walk: Walk) -> None:
    """A channel names servers that there are."""
    servers = mapping(walk.document, walk.document.root.child("servers"))
    for at in walk.found["a channel"]:
        names = mapping(walk.document, at).get("servers")
        for index, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name not in servers:
                walk.report(
                    at.child("servers", index),
                    "channel-servers",
                    f'there is no server "{name}"{hint(name, servers)}',
                )


def _security(walk: Walk) -> None:
    """A security requirement names schemes that there are."""
    schemes = mapping(walk.document, walk.document.root.child("components", "securitySchemes"))
    for kind in ("a server", "an operation", "an operation trait"):
        for at in walk.found[kind]:
            requirements = mapping(walk.document, at).get("security")
            for index, requirement in enumerate(requirements if isinstance(requirements, list) else []):
                for name in requirement if isinstance(requirement, dict) else {}:
                    if name not in schemes:
                        place = at.child("security", index, name)
                        walk.report(
                            place,
                            "security-scheme",
                            f'there is no security scheme "{name}"{hint(name, schemes)}',
                        )


def _schema_formats(walk: Walk) -> None:
    """Payloads are described by JSON Schema."""
    for kind in ("a message", "a message trait"):
        for at in walk.found[kind]:
            given = mapping(walk.document, at).get("schemaFormat")
            if isinstance(given, str) and not JSON_SCHEMA_FORMAT.match(given):
                walk.report(
                    at.child("schemaFormat"),
                    "schema-format",
                    f'payloads in "{given}" cannot be expressed; describe them by JSON Schema (draft 7)',
                )


def _endless_schemas(walk: Walk) -> None:
    """No schema is a combination that holds itself: nothing could be said to match it."""
    settled: set[Location] = set()
    for start in walk.found["a schema"]:
        way: list[Location] = []
        waiting: list[tuple[Location, int]] = [(start, 0)]
        while waiting:
            at, depth = waiting.pop()
            del way[depth:]
            if at in way:
                walk.report(at, "schema-cycle", "this schema is made of itself; nothing could ever match it")
                settled.update(way)
                continue
            if at in settled:
                continue
            parts = list(_parts(walk.document, at))
            if parts:
                way.append(at)
                waiting += [(part, depth + 1) for part in parts]
            else:
                settled.add(at)
        settled.add(start)


def _parts(document: Document, at: Location) -> Iterator[Location]:
    """The schemas that a schema's own value must or must not match."""
    value = mapping(document, at)
    for keyword in ("allOf", "anyOf", "oneOf"):
        members = value.get(keyword)
        for index in range(len(members)) if isinstance(members, list) else ():
            yield document.follow(at.child(keyword, index))
    for keyword in ("not", "if", "then", "else"):
        if keyword in value:
            yield document.follow(at.child(keyword))


_RULES: tuple[Callable[[Walk], None], ...] = (
    _operation_ids,
    _message_ids,
    _tags,
    _parameters,
    _server_variables,
    _addresses,
    _channel_servers,
    _security,
    _schema_formats,
    _endless_schemas,
)
