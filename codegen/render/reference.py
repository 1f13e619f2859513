"""The reference of a contract, put together: what `reference.md` and `reference.json` are laid out from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from functools import cached_property

from codegen.contract import Channel, Chapter, Contract, Json
from codegen.render.reference_exchange import exchange
from codegen.render.reference_markdown import code, settled, value
from codegen.render.reference_outline import ChannelOutline, Outline, Placed, called
from codegen.render.reference_pages import (
    Change,
    Changes,
    ChannelPart,
    MessagePart,
    Outcome,
    Page,
    Section,
    ServerPart,
    Shape,
    Shown,
    Step,
    Type,
)
from codegen.render.reference_rules import Rules
from codegen.render.reference_types import Types
from codegen.render.reference_words import envelope_fields, facts, parameters

MOST_EXAMPLES = 8
MOST_CHARACTERS = 6000
"""Of an example, as JSON; what is longer is not shown."""
_WHO = {"client_to_server": "what clients send", "server_to_client": "what clients receive"}


class Reference:
    """The contract in the words of its readers."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    @cached_property
    def page(self) -> Page:
        """All of it."""
        contract = self._contract
        return Page(
            title=contract.title,
            version=contract.version,
            asyncapi=contract.asyncapi,
            description=settled(contract.description),
            servers=tuple(ServerPart(one.name, one.url, one.description) for one in contract.servers),
            socket=self._outline.socket,
            rules=self._rules.all(self._outline, self._types),
            channels=tuple(self._channel(one) for one in self._outline.channels),
            types_anchor=self._outline.types_anchor,
            types=tuple(self._type(name, anchor) for name, anchor in self._outline.types.items()),
            changes_anchor=self._outline.changes_anchor,
            changes=tuple(
                self._changes(chapter, anchor)
                for chapter, anchor in zip(contract.changelog, self._outline.changes, strict=True)
            ),
            envelope=None if contract.envelope is None else envelope_fields(contract.envelope),
            schemas={one.name: dict(one.schema) for one in contract.schemas},
        )

    @property
    def data(self) -> dict[str, Json]:
        """All of it as JSON."""
        made: dict[str, Json] = json.loads(json.dumps(dataclasses.asdict(self.page)))
        return made

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self._contract)

    @cached_property
    def _outline(self) -> Outline:
        contract = self._contract
        shown = frozenset(one.name for one in contract.channels if exchange(contract, one))
        return Outline(contract, self._rules.titles, shown)

    @cached_property
    def _types(self) -> Types:
        return Types(self._contract, self._outline.type)

    def _type(self, name: str, anchor: str) -> Type:
        schema = self._contract.schema(name)
        return Type(name, anchor, settled(schema.description), self._types.shape(name))

    def _changes(self, chapter: Chapter, anchor: str) -> Changes:
        title = chapter.version if chapter.is_released else f"{chapter.version}, not released yet"
        entries = (
            Change(one.verdict, _WHO.get(one.direction or "", ""), one.subject, one.reason)
            for one in chapter.entries
        )
        return Changes(title, anchor, chapter.since, tuple(entries))

    # -- channels

    def _channel(self, one: ChannelOutline) -> ChannelPart:
        channel = one.channel
        return ChannelPart(
            name=channel.name,
            anchor=one.anchor,
            address=channel.address,
            path=self._path(channel),
            description=settled(channel.description),
            parameters=tuple(parameters(channel)),
            facts=tuple(facts(self._contract, channel, self._outline)),
            exchange_anchor=one.exchange,
            exchange=tuple(self._exchange(one)),
            sections=tuple(
                Section(
                    group.title,
                    group.anchor,
                    tuple(self._message(placed, channel) for placed in group.messages),
                )
                for group in one.groups
            ),
            errors_anchor=one.errors,
            errors=self._errors(channel) if one.errors else "",
        )

    def _path(self, channel: Channel) -> str:
        return next((one.path for one in self._contract.endpoints if channel in one.channels), "/")

    def _exchange(self, one: ChannelOutline) -> Iterator[Step]:
        anchors = {
            (placed.message.key, placed.role in ("request", "message")): placed.anchor
            for group in one.groups
            for placed in group.messages
        }
        for message, sent, payload in exchange(self._contract, one.channel):
            text = json.dumps(payload, ensure_ascii=False)
            yield Step(sent, called(message), anchors.get((message.key, sent), one.anchor), text)

    def _errors(self, channel: Channel) -> str:
        contract, outline = self._contract, self._outline
        answers = [contract.message(one.response) for one in channel.requests if one.response is not None]
        shown = {
            found: outline.message(answer.key, channel, sent=False)
            for answer in answers
            for found, _ in self._rules.problems(answer)
        }
        codes = ", ".join(code(one.code) for one in self._rules.codes())
        text = (
            f"A request can be refused; {outline.rule('Errors', 'the contract knows')} {codes or 'no codes'}."
        )
        if shown:
            listed = "; ".join(f"{code(name)} ({where})" for name, where in shown.items())
            text += f" Examples of this channel show {listed}."
        return text

    # -- messages

    def _message(self, placed: Placed, channel: Channel) -> MessagePart:
        message, contract = placed.message, self._contract
        envelope = contract.envelope
        splits = placed.role == "answer" and message.can_fail and message.ok is not None
        inside = envelope.payload if envelope is not None and not splits else None
        shown, left_out = self._examples(placed)
        return MessagePart(
            key=message.key,
            name=called(message),
            anchor=placed.anchor,
            role=placed.role,
            title="" if message.title in (called(message), message.key) else message.title,
            description=settled(message.description),
            schema=message.schema,
            tag=None if message.tag is None else {"path": list(message.tag.path), "value": message.tag.value},
            answered=self._answered(placed, channel),
            shape=self._types.shape(message.schema, inside),
            outcomes=self._outcomes(message.ok) if splits and message.ok else (),
            examples=shown,
            left_out=left_out,
        )

    def _answered(self, placed: Placed, channel: Channel) -> str:
        message, outline = placed.message, self._outline
        if placed.role == "request" and message.response is not None:
            return f"Answered by {outline.message(message.response, channel, sent=False)}."
        if placed.role == "answer":
            asked = [one.key for one in channel.requests if one.response == message.key]
            return f"Answers {', '.join(outline.message(key, channel, sent=True) for key in asked)}."
        return ""

    def _outcomes(self, good: str) -> tuple[Outcome, ...]:
        envelope = self._contract.envelope
        if envelope is None:
            return ()
        tag = envelope.problem_tag
        path = code(".".join((envelope.payload, *tag.path)))
        shape = self._types.shape(good)
        fields = tuple(
            dataclasses.replace(one, name=f"{envelope.payload}.{one.name}") for one in shape.fields
        )
        problem = self._types.type({"$ref": f"#/components/schemas/{envelope.problem}"})
        named = self._types.type({"$ref": f"#/components/schemas/{good}"})
        return (
            Outcome(
                "Carried out", f"`{envelope.payload}` is {named}.", dataclasses.replace(shape, fields=fields)
            ),
            Outcome(
                "Refused",
                f"`{envelope.payload}` is {problem}: {path} is {value(tag.value)}. See "
                f"{self._outline.rule('Errors', 'errors')}.",
                Shape(),
            ),
        )

    def _examples(self, placed: Placed) -> tuple[tuple[Shown, ...], str]:
        fitting = [one for one in placed.message.examples if one.fits]
        short = [one for one in fitting if len(json.dumps(one.payload)) <= MOST_CHARACTERS]
        shown = tuple(Shown(one.summary or _named(one.name), one.payload) for one in short[:MOST_EXAMPLES])
        said = []
        if not placed.message.examples:
            said.append("The document has no example.")
        if wrong := len(placed.message.examples) - len(fitting):
            verb, them = ("is", "it") if wrong == 1 else ("are", "them")
            said.append(
                f"{wrong} of the document's examples {verb} not shown, for this schema refuses {them}."
            )
        if more := len(fitting) - len(shown):
            said.append(f"{more} more {'stands' if more == 1 else 'stand'} in the document.")
        return shown, " ".join(said)


def _named(name: str) -> str:
    return "Example" if name.startswith("example") and name[7:].isdigit() else name
