"""Messages: which there are, what they are called, and which schema each has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from codegen.build.context import Context
from codegen.build.names import pascal
from codegen.build.schemas import Schemas
from codegen.build.traits import merged_fields
from codegen.contract import Action, Example, Json, Path
from codegen.document import Location
from codegen.written import Judge, copied, define

_TELLING = ("type", "event", "method", "op", "action", "command", "cmd", "kind", "messageType", "e")
_JSON_SCHEMA = re.compile(r"aai\.asyncapi|schema\+(json|yaml)|oai\.openapi|^application/json")


@dataclass
class Draft:
    """A message on its way to the contract."""

    key: str
    at: Location
    fields: dict[str, Location]
    schema: str = ""
    body: str | None = None
    response: str | None = None
    tags: tuple[str | int | bool, ...] = ()

    def text(self, context: Context, name: str) -> str:
        """A field that is text; empty where it is not there."""
        place = self.fields.get(name)
        value = context.value(place) if place is not None else None
        return value.strip() if isinstance(value, str) else ""


@dataclass
class Messages:
    """All messages that can go over a socket, by where they are written."""

    context: Context
    schemas: Schemas
    found: dict[Location, Draft] = field(default_factory=dict)
    _keys: dict[str, Location] = field(default_factory=dict)
    _judges: dict[str, Judge] | None = None
    _named: frozenset[str] | None = None

    def find(self, at: Location, fallback: str) -> Draft:
        """The message at a place (`$ref`s followed), noted when it is met for the first time."""
        place = self.context.document.follow(at)
        if place in self.found:
            return self.found[place]
        draft = Draft("", place, merged_fields(self.context, place))
        if "payload" in draft.fields and self.context.document.value(draft.fields["payload"]) is None:
            del draft.fields["payload"]
        draft.key = self._key(draft, fallback)
        self.found[place] = draft
        return draft

    def by_name(self, name: str) -> Draft | None:
        """The message with this key, or else this `name` or `messageId`."""
        for draft in self.found.values():
            if draft.key == name:
                return draft
        for draft in self.found.values():
            if name in (draft.text(self.context, "name"), draft.text(self.context, "messageId")):
                return draft
        return None

    def _key(self, draft: Draft, fallback: str) -> str:
        pointer = draft.at.pointer
        own = [draft.text(self.context, "name"), draft.text(self.context, "messageId")]
        own += [*([] if any(own) else self._told(draft)), fallback]
        if (len(pointer) > 1 and pointer[-2] == "messages") or (
            pointer and len(pointer) == 1 and draft.at.file != self.context.root.file
        ):
            own.insert(0, str(pointer[-1]))
        for key in own:
            if key and pascal(key) and key not in self._keys:
                self._keys[key] = draft.at
                return key
        self.context.error(
            draft.at,
            "message-name-clash",
            f"no name of its own is left for this message ({own[0] or fallback!r}); give it one",
        )
        return fallback

    def _told(self, draft: Draft) -> list[str]:
        """What a message without a name may be called: its payload's schema, or the constant that tells it."""
        place = draft.fields.get("payload")
        if place is None:
            return []
        target = self.context.document.follow(place)
        names = [str(target.pointer[2])] if target.pointer[:2] == ("components", "schemas") else []
        for name in _TELLING:
            item = self.context.at(target, "properties", name)
            if item is not None:
                listed = self.context.get(item, "enum")
                only = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
                names.append(str(self.context.get(item, "const") or only or ""))
        if self._named is None:
            entries = self.context.entries(self.context.root, "components", "messages")
            self._named = frozenset(str(key) for key, _ in entries)
        return [name for name in names if name and name not in self._named]

    # -- schemas

    def declare(self) -> None:
        """Name the schema of each inline payload, before any object inside one takes the name."""
        for draft in self.found.values():
            self._check_format(draft)
            place = draft.fields.get("payload")
            if place is None:
                draft.schema = self.schemas.claim(draft.at, draft.key, "Message") or ""
                continue
            value = self.context.document.value(place)
            if not isinstance(value, dict | bool):
                self.context.error(
                    place,
                    "payload-schema",
                    f"the payload of {draft.key!r} is {_kind(value)}, not a schema; write a schema",
                )
                continue
            existing = self.schemas.name_of(place)
            if existing is None and isinstance(value, dict) and "$ref" in value:
                existing = self.schemas.found_name(place)
            draft.schema = existing or self.schemas.declare(place, draft.key, "Message") or ""

    def express(self) -> None:
        """Express the schemas of all messages."""
        for draft in self.found.values():
            place = draft.fields.get("payload")
            if not draft.schema or draft.schema in self.schemas:
                continue
            if place is None:
                self.schemas.anything(draft.schema, draft.at, self.description(draft))
            else:
                self.schemas.emit(draft.schema, place, self.description(draft))

    def _check_format(self, draft: Draft) -> None:
        place = draft.fields.get("schemaFormat")
        written = draft.text(self.context, "schemaFormat")
        if place is not None and written and not _JSON_SCHEMA.search(written):
            self.context.error(
                place,
                "schema-format",
                f"{written} payloads cannot be read; write the payload of {draft.key!r} as JSON Schema",
            )

    # -- the rest of a message

    def description(self, draft: Draft) -> str:
        """Summary and description, as paragraphs."""
        parts = [draft.text(self.context, "summary"), draft.text(self.context, "description")]
        if parts[0] == parts[1]:
            parts = parts[:1]
        return "\n\n".join(part for part in parts if part)

    def title(self, draft: Draft) -> str:
        """The title, else the name."""
        return draft.text(self.context, "title") or draft.text(self.context, "name") or draft.key

    def action(self, draft: Draft) -> Action | None:
        """`x-action`, checked."""
        written = draft.text(self.context, "x-action")
        match written:
            case "subscribe" | "unsubscribe" | "update" | "reset" | "close":
                return written
            case "":
                return None
            case _:
                self.context.error(
                    draft.fields["x-action"],
                    "x-action",
                    f"{written!r} is none of subscribe, unsubscribe, update, reset, close",
                )
                return None

    def correlation(self, draft: Draft) -> Path | None:
        """Where the correlation id stands in the frame; None without one, or where it is not in the frame."""
        place = draft.fields.get("correlationId")
        if place is None:
            return None
        return location_path(self.context.text(place, "location"))

    def examples(self, draft: Draft) -> tuple[Example, ...]:
        """The examples that show a payload."""
        place = draft.fields.get("examples")
        if place is None:
            return ()
        if self._judges is None:
            self._judges = self._made_judges()
        found = []
        held_against = self._judges.get(draft.key)
        for number, item in enumerate(self.context.items(place)):
            value = self.context.value(item)
            if isinstance(value, dict) and "payload" in value:
                name = self.context.text(item, "name") or f"example{number + 1}"
                payload = value["payload"]
                fits = held_against is None or _fits(held_against, payload)
                found.append(Example(name, self.context.text(item, "summary"), payload, fits))
        return tuple(found)

    def _made_judges(self) -> dict[str, Judge]:
        """What examples are held against, for each message that has some; what their schemas share is there once."""
        document = self.context.document
        names: dict[Location, str] = {}
        definitions: dict[str, Json] = {}
        schemas = {
            draft.key: copied(document, draft.fields["payload"], names)
            for draft in self.found.values()
            if "payload" in draft.fields and "examples" in draft.fields
        }
        define(document, names, definitions)
        shared = Judge({"definitions": definitions})
        return {key: shared.part(schema) for key, schema in schemas.items() if isinstance(schema, dict)}

    def link_responses(self) -> None:
        """Follow each `x-response` to the message that it names, which may be one that no channel lists."""
        waiting = list(self.found.values())
        while waiting:
            draft = waiting.pop(0)
            place = draft.fields.get("x-response")
            if place is None:
                continue
            before = len(self.found)
            answer = self._answer(place, draft)
            if answer is not None:
                draft.response = answer.key
                waiting += list(self.found.values())[before:]

    def _answer(self, place: Location, draft: Draft) -> Draft | None:
        context = self.context
        value = context.document.value(place)
        if isinstance(value, dict) and "$ref" in value:
            return self.find(place, draft.key + "Response")
        if isinstance(value, str):
            target: Location | None = None
            if value.startswith("#/"):
                pointer = [part.replace("~1", "/").replace("~0", "~") for part in value[2:].split("/")]
                target = context.at(Location(place.file), *pointer)
            else:
                named = self.by_name(value)
                target = named.at if named else context.at(context.root, "components", "messages", value)
            if target is not None:
                return self.find(target, value)
        elif isinstance(value, dict):
            return self.find(place, draft.key + "Response")
        context.error(place, "x-response", f"there is no message {value!r}; give a $ref or a message's name")
        return None


def location_path(location: str) -> Path | None:
    """The way that a run-time expression (`$message.payload#/a/b`) names; None for headers and nonsense."""
    match = re.fullmatch(r"\$message\.payload#(/.*)?", location.strip())
    if match is None or not match[1]:
        return None
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in match[1][1:].split("/"))


def _fits(judge: Judge, payload: Json) -> bool:
    try:
        return judge.accepts(payload)
    except RecursionError:
        return False  # the schema has no end, so nothing can be shown to fit it


def _kind(value: Json) -> str:
    return {str: "text", int: "a number", float: "a number", list: "a list", type(None): "null"}.get(
        type(value), "no mapping"
    )
