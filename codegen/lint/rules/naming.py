"""Names of one kind are written in one way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from codegen.lint.rule import Option, Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location

_STYLES = {
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][A-Za-z0-9]*)?\Z"),
    "snake_case": re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z"),
    "kebab-case": re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z"),
    "PascalCase": re.compile(r"(?:[A-Z][a-z0-9]*)+\Z"),
    "SCREAMING_SNAKE_CASE": re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z"),
}
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")
_PARAMETER = re.compile(r"\{[^{}]*\}")

Named = Callable[[Subject], Iterator[tuple[str, Location]]]


def styles(name: str) -> frozenset[str]:
    """The styles in which all words of a name may be said to be written; what is between words is no style."""
    found = frozenset(_STYLES)
    for word in _WORDS.findall(_PARAMETER.sub(" ", name)):
        if len(word) <= 3 and word.isupper():
            continue  # ID, URL
        found &= {style for style, pattern in _STYLES.items() if pattern.match(word)}
    return found


def _judge(names: Iterator[tuple[str, Location]], what: str, options: Options) -> Iterator[Said]:
    allowed = options["allow"]
    first: dict[str, Location] = {}
    for name, at in names:
        if not isinstance(allowed, list) or name not in allowed:
            first.setdefault(name, at)
    known = {name: styles(name) for name in first}
    wanted = str(options["style"])
    if wanted != "consistent":
        for name, at in first.items():
            if wanted not in known[name]:
                yield at, f'{what} "{name}" is not written in {wanted}'
        return
    told = {name: found for name, found in known.items() if len(found) < len(_STYLES)}
    clear = {name: found for name, found in told.items() if not {"camelCase", "snake_case"} <= found}
    if not clear:
        return
    counts = {style: sum(style in found for found in told.values()) for style in _STYLES}
    usual = max(_STYLES, key=lambda style: (counts[style], sum(style in found for found in clear.values())))
    others = [name for name, found in told.items() if usual not in found]
    if not others:
        return
    if counts[usual] < 3 * len(others) and len(others) > 3:
        shown = ", ".join(f'"{name}"' for name in others[:3])
        yield (
            first[others[0]],
            f"{what}s are written in several styles: {counts[usual]} in {usual}, {len(others)} otherwise ({shown}, …)",
        )
        return
    example = next((name for name, found in clear.items() if usual in found), "")
    for name in others:
        like = f', like "{example}"' if example else ""
        yield first[name], f'{what} "{name}" is not written in {usual}{like}, as the others are'


def _channels(subject: Subject) -> Iterator[tuple[str, Location]]:
    yield from subject.entries("channels")


def _operations(subject: Subject) -> Iterator[tuple[str, Location]]:
    for at in subject.found("an operation"):
        name = subject.mapping(at).get("operationId")
        if isinstance(name, str):
            yield name, at.child("operationId")


def _messages(subject: Subject) -> Iterator[tuple[str, Location]]:
    for message in subject.messages:
        place = message.fields.get("name")
        name = subject.context.value(place) if place is not None else None
        if place is not None and isinstance(name, str):
            yield name, place
        elif message.at.pointer[:-1] == ("components", "messages"):
            yield str(message.at.pointer[-1]), message.at


def _schemas(subject: Subject) -> Iterator[tuple[str, Location]]:
    yield from subject.entries("components", "schemas")


def _parameters(subject: Subject) -> Iterator[tuple[str, Location]]:
    for _, channel in subject.entries("channels"):
        yield from subject.context.entries(channel, "parameters")


def _properties(subject: Subject) -> Iterator[tuple[str, Location]]:
    for at in subject.found("a schema"):
        yield from subject.context.entries(at, "properties")


def _rule(id_: str, named: Named, what: str) -> Rule:
    def check(subject: Subject, options: Options) -> Iterator[Said]:
        return _judge(named(subject), what, options)

    return Rule(
        id_,
        "warning",
        check,
        {
            "style": Option(
                "consistent",
                "how names are written; consistent: as most of them are",
                ("consistent", *_STYLES),
            ),
            "allow": Option([], "names that may be as they are"),
        },
    )


RULES = (
    _rule("channel-name-style", _channels, "channel"),
    _rule("operation-id-style", _operations, "operationId"),
    _rule("message-name-style", _messages, "message"),
    _rule("schema-name-style", _schemas, "schema"),
    _rule("parameter-name-style", _parameters, "parameter"),
    _rule("property-name-style", _properties, "property name"),
)
