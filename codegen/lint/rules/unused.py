"""What is declared and nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from codegen.contract import Json
from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location

_OTHERS = {
    "channels": "channel",
    "serverVariables": "server variable",
    "correlationIds": "correlation id",
    "operationTraits": "operation trait",
    "messageTraits": "message trait",
    "serverBindings": "server binding",
    "channelBindings": "channel binding",
    "operationBindings": "operation binding",
    "messageBindings": "message binding",
}
_BY_NAME = ("x-response", "x-envelope", "x-heartbeat", "x-authenticate")


@lru_cache(maxsize=1)
def reached(subject: Subject) -> set[Location]:
    """The entries of `components` to which something leads that a client can meet."""
    document, root = subject.document, subject.root
    whole = subject.mapping(root)
    waiting = [root.child(key) for key in whole if key != "components"]
    seen: set[Location] = set()
    found: set[Location] = set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        if at in document.references:
            waiting.append(document.references[at])
        if at.file == root.file and at.pointer[:1] == ("components",) and len(at.pointer) >= 3:
            found.add(Location(at.file, at.pointer[:3]))
        value = document.value(at) if document.has(at) else None
        waiting += [Location(root.file, pointer) for pointer in _named(subject, at, value)]
        if isinstance(value, dict):
            waiting += [at.child(key) for key in value]
        elif isinstance(value, list):
            waiting += [at.child(index) for index in range(len(value))]
    return found


def _named(subject: Subject, at: Location, value: Json) -> Iterator[tuple[str, ...]]:
    """The components that a place names without a `$ref` that was followed."""
    key = at.pointer[-1] if at.pointer else None
    if isinstance(value, str):
        if key == "$ref" and value.startswith("#/components/"):  # in an extension of somebody's own
            yield tuple(part.replace("~1", "/").replace("~0", "~") for part in value[2:].split("/"))
        if any(word in at.pointer for word in _BY_NAME):
            yield from _message_called(subject, value)
    if isinstance(value, list) and key == "security":
        for requirement in value:
            for name in requirement if isinstance(requirement, dict) else {}:
                yield ("components", "securitySchemes", name)


def _message_called(subject: Subject, name: str) -> Iterator[tuple[str, ...]]:
    for key, at in subject.entries("components", "messages"):
        message = subject.mapping(at)
        if name in (key, message.get("name"), message.get("messageId")):
            yield ("components", "messages", key)


def _is_library(subject: Subject) -> bool:
    """Whether a document is there for others to refer to: one without channels is no service of its own."""
    return not subject.mapping(subject.root.child("channels"))


def _components(subject: Subject, section: str, what: str) -> Iterator[Said]:
    if not subject.is_sound or _is_library(subject):
        return
    found = reached(subject)
    for name, at in subject.entries("components", section):
        if at not in found:
            yield at, f'nothing that goes over the wire leads to {what} "{name}"'


def _section(id_: str, section: str, what: str) -> Rule:
    def check(subject: Subject, _options: Options) -> Iterator[Said]:
        return _components(subject, section, what)

    return Rule(id_, "warning", check)


def _others(subject: Subject, _options: Options) -> Iterator[Said]:
    for section, what in _OTHERS.items():
        yield from _components(subject, section, what)


def _servers(subject: Subject, _options: Options) -> Iterator[Said]:
    """Servers that no channel is on: where every channel names its servers, and none names this one."""
    yield from _components(subject, "servers", "server")
    named: set[str] = set()
    for _, at in subject.entries("channels"):
        servers = subject.mapping(at).get("servers")
        if not isinstance(servers, list) or not servers:
            return  # on all of them
        named |= {name for name in servers if isinstance(name, str)}
    for name, at in subject.entries("servers") if named and subject.is_sound else ():
        if name not in named:
            yield at, f'no channel is on server "{name}"'


def _tags(subject: Subject, _options: Options) -> Iterator[Said]:
    """Tags that the document describes and nothing carries."""
    declared = _described(subject)
    carried = {name for at, name in _named_tags(subject) if at not in declared.values()}
    for name, at in declared.items():
        if name not in carried:
            yield at, f'nothing carries the tag "{name}"'


def _undeclared(subject: Subject, _options: Options) -> Iterator[Said]:
    """Tags that something carries and the document, which describes others, does not."""
    declared = _described(subject)
    told: set[str] = set()
    for at, name in _named_tags(subject) if declared else ():
        if name not in declared and name not in told:
            told.add(name)
            yield at, f'the tag "{name}" is not among the document\'s tags, which say what each means'


def _described(subject: Subject) -> dict[str, Location]:
    """The document's own tags."""
    return {
        name: place
        for place in subject.context.items(subject.root, "tags")
        if isinstance(name := subject.mapping(place).get("name"), str)
    }


def _named_tags(subject: Subject) -> Iterator[tuple[Location, str]]:
    for at in subject.found("a tag"):
        name = subject.mapping(at).get("name")
        if isinstance(name, str):
            yield at, name


RULES = (
    _section("unused-message", "messages", "message"),
    _section("unused-schema", "schemas", "schema"),
    _section("unused-parameter", "parameters", "parameter"),
    _section("unused-security-scheme", "securitySchemes", "security scheme"),
    Rule("unused-server", "warning", _servers),
    Rule("unused-component", "warning", _others),
    Rule("unused-tag", "warning", _tags),
    Rule("undeclared-tag", "info", _undeclared),
)
