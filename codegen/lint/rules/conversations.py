"""Who answers whom, and what keeps a topic whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Message, Operation, Subject
from codegen.location import Location
from codegen.plain import members

_ANSWERS = re.compile(r"(response|reply|answer|ack|acknowledg?ement|result)s?\Z", re.IGNORECASE)


def _text(subject: Subject, message: Message, field: str) -> str:
    place = message.fields.get(field)
    value = subject.context.value(place) if place is not None else None
    return value if isinstance(value, str) else ""


def _answers(subject: Subject) -> set[Location]:
    """The messages that some message names as its answer."""
    found = set()
    for message in subject.messages:
        place = message.fields.get("x-response")
        if place is None:
            continue
        if place in subject.document.references:
            found.add(subject.document.follow(place))
        name = subject.context.value(place)
        if isinstance(name, str):
            found |= {other.at for other in subject.messages if _is_called(subject, other, name)}
    return found


def _is_called(subject: Subject, message: Message, name: str) -> bool:
    return name in (message.key, _text(subject, message, "name"), _text(subject, message, "messageId"))


def _named(subject: Subject, *way: str) -> set[Location]:
    """The message that an extension of the document names."""
    at = subject.root.child(*way)
    if at in subject.document.references:
        return {subject.document.follow(at)}
    name = subject.document.value(at) if subject.document.has(at) else None
    return (
        {message.at for message in subject.messages if _is_called(subject, message, name)}
        if isinstance(name, str)
        else set()
    )


def _unanswered(subject: Subject, _options: Options) -> Iterator[Said]:
    """Requests that say nothing of their answer, where others do, or where several share a socket."""
    if not subject.is_sound:
        return
    says = subject.has_envelope or any("x-response" in message.fields for message in subject.messages)
    pushed = {one.address for one in subject.operations if one.direction == "received" and one.messages}
    told: set[Location] = set()
    for operation in subject.operations:
        if operation.direction != "sent":
            continue
        silent = [message for message in operation.messages if "x-response" not in message.fields]
        if says:
            for message in silent:
                if message.at not in told:
                    told.add(message.at)
                    yield message.at, f"nothing says what answers {message.key}: it has no x-response"
        elif silent and operation.address in pushed:
            yield operation.at, _told(operation, silent)


def _told(operation: Operation, silent: list[Message]) -> str:
    names = ", ".join(message.key for message in silent[:3]) + (", …" if len(silent) > 3 else "")
    return f'nothing says what on channel "{operation.address}" answers {names}: give requests an x-response'


def _unasked(subject: Subject, _options: Options) -> Iterator[Said]:
    """Messages that look like answers, and are nobody's."""
    answers = _answers(subject)
    if not subject.is_sound or (not answers and not subject.has_envelope):
        return  # a document that links no answers has other things to be told
    answers |= _named(subject, "x-envelope", "error")
    for message in subject.going("received"):
        if message.at in answers or "x-action" in message.fields:
            continue
        if _ANSWERS.search(message.key):
            yield message.at, f"{message.key} is called an answer, and no request names it by x-response"
        elif "correlationId" in message.fields:
            yield (
                message.fields["correlationId"],
                f"{message.key} repeats the id of a request, and no request names it by x-response",
            )


def _topics(subject: Subject) -> Iterator[tuple[str, Location, list[Message]]]:
    """The channels to whose addresses clients subscribe, and the messages by which they do."""
    for operation in subject.operations if subject.has_envelope and subject.is_sound else ():
        if operation.direction == "sent":
            asking = [one for one in operation.messages if _text(subject, one, "x-action") == "subscribe"]
            if asking:
                yield operation.address, operation.channel, asking


def _undelivered(subject: Subject, _options: Options) -> Iterator[Said]:
    for address, at, _ in _topics(subject):
        if "x-delivery" not in subject.mapping(at):
            yield (
                at,
                f'topics of "{address}" have no x-delivery: nothing says what a subscriber that reads too '
                "slowly may miss",
            )


def _unrecovered(subject: Subject, _options: Options) -> Iterator[Said]:
    envelope = subject.mapping(subject.root.child("x-envelope"))
    name = envelope.get("recover")
    for address, at, asking in _topics(subject) if isinstance(name, str) else ():
        channel = subject.mapping(at)
        if "x-history" in channel or "x-snapshot" in channel:
            continue
        for message in asking:
            if message.payload is not None and name in members(
                subject.mapping(message.payload).get("properties")
            ):
                yield (
                    at,
                    f'{message.key} may carry "{name}", and topics of "{address}" have neither x-history nor '
                    "x-snapshot: whoever comes back gets nothing of what was missed",
                )
                break


def _irrevocable(subject: Subject, _options: Options) -> Iterator[Said]:
    """Topics that are not for everybody, where nobody can be told that a right is lost."""
    if any(_text(subject, message, "x-action") == "close" for message in subject.messages):
        return
    for address, at, _ in _topics(subject):
        if "x-access" in subject.mapping(at):
            yield (
                at.child("x-access"),
                f'who may subscribe to "{address}" may not be allowed to any more later, and no message with x-action '
                "close tells of it",
            )


def _silent(subject: Subject, _options: Options) -> Iterator[Said]:
    """Channels over which nothing goes, as far as the document says."""
    if not subject.is_sound:
        return
    speaking = {operation.channel for operation in subject.operations}
    for address, at in subject.entries("channels"):
        if at not in speaking:
            yield at, f'nothing goes over channel "{address}": it has neither publish nor subscribe'
    for operation in subject.operations:
        if not operation.messages:
            who = "clients send" if operation.direction == "sent" else "clients receive"
            yield (
                operation.at,
                f'nothing says what {who} on channel "{operation.address}": there is no message',
            )


RULES = (
    Rule("request-without-response", "warning", _unanswered),
    Rule("response-without-request", "warning", _unasked),
    Rule("silent-channel", "warning", _silent),
    Rule("channel-delivery", "warning", _undelivered),
    Rule("topic-recovery", "warning", _unrecovered),
    Rule("access-close", "warning", _irrevocable),
)
