"""What a reader of the contract is not told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.contract import Json
from codegen.lint.reach import flatten
from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location
from codegen.plain import members

_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?\Z"
)


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _info(field: str, message: str) -> Rule:
    def check(subject: Subject, _options: Options) -> Iterator[Said]:
        info = subject.mapping(subject.root.child("info"))
        if info and not info.get(field):
            yield subject.root.child("info"), message

    return Rule(f"info-{field}", "info", check)


def _version(subject: Subject, _options: Options) -> Iterator[Said]:
    version = subject.mapping(subject.root.child("info")).get("version")
    if isinstance(version, str) and not _SEMVER.match(version):
        yield (
            subject.root.child("info", "version"),
            f'"{version}" is no semantic version (MAJOR.MINOR.PATCH), so nobody can tell what a new one breaks',
        )


def _channels(subject: Subject, _options: Options) -> Iterator[Said]:
    for address, at in subject.entries("channels"):
        channel = subject.mapping(at)
        if channel and not _is_text(channel.get("description")):
            yield at, f'channel "{address}" has no description'


def _operations(subject: Subject, _options: Options) -> Iterator[Said]:
    for operation in subject.operations:
        fields = subject.mapping(operation.at)
        if not _is_text(fields.get("summary")) and not _is_text(fields.get("description")):
            keyword = operation.at.pointer[-1]
            yield operation.at, f'"{keyword}" of channel "{operation.address}" has no summary'


def _messages(subject: Subject, _options: Options) -> Iterator[Said]:
    for message in subject.messages:
        told = [message.fields.get(field) for field in ("summary", "description")]
        if not any(place is not None and _is_text(subject.context.value(place)) for place in told):
            yield message.at, f"{message.key} has no summary and no description"


def _examples(subject: Subject, _options: Options) -> Iterator[Said]:
    for message in subject.messages:
        place = message.fields.get("examples")
        if message.payload is None or (place is not None and subject.context.value(place)):
            continue
        schema = subject.mapping(message.payload)
        if not schema.get("examples"):
            yield message.at, f"{message.key} has no example"


def _parameters(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a parameter"):
        parameter = subject.mapping(at)
        schema = subject.mapping(at.child("schema")) if "schema" in parameter else {}
        if not _is_text(parameter.get("description")) and not _is_text(schema.get("description")):
            yield at, f'parameter "{at.pointer[-1] if at.pointer else at.file}" has no description'


def _schemas(subject: Subject, _options: Options) -> Iterator[Said]:
    for name, at in subject.entries("components", "schemas"):
        if at in subject.document.references:
            continue
        schema = subject.mapping(at)
        if schema and not _described(subject, at):
            yield at, f'schema "{name}" has no description'


def _described(subject: Subject, at: Location) -> bool:
    """Whether a schema, or one that it is made of, says what it is."""
    return any(
        _is_text(subject.mapping(part).get(word))
        for part in flatten(subject.document, at)
        for word in ("description", "title")
    )


def _properties(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        for name in members(subject.mapping(at).get("properties")):
            place = at.child("properties", name)
            if not _speaks(subject, place):
                yield place, f'property "{name}" has no description'


def _speaks(subject: Subject, at: Location) -> bool:
    """Whether a property is described, or so plain that its name is enough."""
    written = subject.document.value(at)
    schema = subject.mapping(at)
    constant = "const" in schema or (isinstance(listed := schema.get("enum"), list) and len(listed) == 1)
    return (
        constant
        or isinstance(schema.get("properties"), dict)
        or _arms_speak(subject, at, schema)
        or _described(subject, at)
        or (isinstance(written, dict) and _is_text(written.get("description")))
        or not schema
    )


def _arms_speak(subject: Subject, at: Location, schema: dict[str, Json]) -> bool:
    """Whether a property is a union whose every arm says what it is."""
    target = subject.document.follow(at)
    for keyword in ("oneOf", "anyOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list) and arms:
            return all(_described(subject, target.child(keyword, index)) for index in range(len(arms)))
    return False


def _servers(subject: Subject, _options: Options) -> Iterator[Said]:
    for name, at in subject.entries("servers"):
        server = subject.mapping(at)
        if server and not _is_text(server.get("description")):
            yield at, f'server "{name}" has no description'


RULES = (
    _info("description", "the document does not say what the service is for: info has no description"),
    _info("contact", "nobody to ask: info has no contact"),
    _info("license", "nobody knows what they may do with it: info has no license"),
    Rule("info-version", "warning", _version),
    Rule("channel-description", "warning", _channels),
    Rule("operation-summary", "info", _operations),
    Rule("message-description", "warning", _messages),
    Rule("message-examples", "info", _examples),
    Rule("parameter-description", "warning", _parameters),
    Rule("schema-description", "info", _schemas),
    Rule("property-description", "info", _properties),
    Rule("server-description", "info", _servers),
)
