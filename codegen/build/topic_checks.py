"""What a channel's messages must hold, so that its topics can be what the document says they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codegen.build.channels import ChannelDraft
from codegen.build.checks import may_have
from codegen.build.context import Context
from codegen.build.forms import reference
from codegen.build.messages import Draft
from codegen.build.schemas import Schemas
from codegen.build.told import plain, property_of, required_of
from codegen.build.topics import hook
from codegen.contract import SchemaDict
from codegen.document import Location
from codegen.vocabulary import ENVELOPE_FIELDS, RESERVED_HOOKS

_NEEDS = {
    "x-history": ("seq", "epoch", "recover", "recovered"),
    "x-snapshot": ("seq", "snapshot"),
    "x-state": ("seq", "snapshot"),
}
"""The fields of the envelope without which an extension of a channel cannot be what it says."""
_OF_REQUESTS = ("recover",)
_OF_ANSWERS = ("seq", "epoch", "recovered")
_OF_UPDATES = ("seq", "epoch", "snapshot", "checksum")
_ALWAYS = ("topic", "seq", "epoch", "ts")
"""What updates carry on every channel, where the envelope has it."""


def check_topics(
    context: Context, schemas: Schemas, drafts: Sequence[ChannelDraft], *, enveloped: bool
) -> None:
    """Note where topics cannot be kept, summed up or held as the document says."""
    _hooks(context, drafts)
    place = context.at(context.root, "x-envelope")
    names = {name: context.text(place, name) for name in ENVELOPE_FIELDS} if place is not None else {}
    for channel in drafts:
        said = {name: at for name in _NEEDS if (at := context.at(channel.at, name)) is not None}
        if not enveloped:
            for name, at in said.items():
                context.warn(at, name, "without x-envelope channels have no topics: this has no effect")
            continue
        _Channel(context, schemas, channel, names, said).check()


def _hooks(context: Context, drafts: Sequence[ChannelDraft]) -> None:
    first: dict[str, str] = {}
    for channel in drafts:
        name = hook(context, channel)
        at = context.at(channel.at, "x-hook") or channel.at
        if name in RESERVED_HOOKS:
            context.error(at, "x-hook", f"{name!r} is the name of something else in the package")
        elif first.setdefault(name, channel.address) != channel.address:
            context.error(at, "x-hook", f"{name!r} is the hook of channel {first[name]!r} too")


class _Channel:
    """One channel under an envelope."""

    def __init__(
        self,
        context: Context,
        schemas: Schemas,
        channel: ChannelDraft,
        names: Mapping[str, str],
        said: Mapping[str, Location],
    ) -> None:
        self._context = context
        self._schemas = schemas
        self._address = channel.address
        self._names = names
        """What the envelope's fields are called on the wire; empty where it has none."""
        self._said = said
        """The channel's extensions that say something of its topics."""
        self._at = channel.at
        self._requests = list(_acting(context, channel.client_to_server, "subscribe"))
        self._updates = list(_acting(context, channel.server_to_client, "update"))
        answers = {draft.response for draft in self._requests}
        self._answers = [draft for draft in channel.server_to_client if draft.key in answers]
        self._conflates = context.text(channel.at, "x-delivery", "mode") == "conflate"

    def check(self) -> None:
        needed: set[str] = set()
        for name, at in self._said.items():
            needed |= set(self._needs(name))
            self._possible(name, at)
        for where, drafts, fields in (
            ("requests", self._requests, _OF_REQUESTS),
            ("answers", self._answers, _OF_ANSWERS),
            ("updates", self._updates, _OF_UPDATES),
        ):
            if where != "updates" and "recover" not in needed:
                continue
            for draft in drafts:
                self._declared(draft, [field for field in fields if field in needed])
        usual = [*_ALWAYS, *(["seq_from"] if self._conflates else [])]
        for draft in self._updates:
            self._declared(draft, [field for field in usual if field not in needed], must=False)
        self._delivery_key()
        if "recover" in needed:
            self._position()
        if "x-state" in self._said and self._updates:
            self._state(self._said["x-state"])

    def _needs(self, name: str) -> tuple[str, ...]:
        if name == "x-state" and self._context.at(self._said[name], "checksum") is not None:
            return (*_NEEDS[name], "checksum")
        if name == "x-snapshot" and self._context.value(self._said[name]) == "recover":
            return (*_NEEDS[name], "epoch", "recover", "recovered")
        return _NEEDS[name]

    def _possible(self, name: str, at: Location) -> None:
        """An extension says something of updates, and the envelope must be able to tell of it."""
        lacking = [field for field in self._needs(name) if not self._names[field]]
        if not self._requests or not self._updates:
            self._context.error(
                at,
                name,
                f"channel {self._address!r} has no topics; give it messages with x-action subscribe and update",
            )
        elif lacking:
            fields = ", ".join(f"`{field}`" for field in lacking)
            self._context.error(at, name, f"x-envelope needs {fields} for that")
        elif name == "x-state" and self._context.get(self._at, "x-snapshot") != "subscribe":
            self._context.error(
                at, name, "changes need something to begin with; say `x-snapshot: subscribe` beside it"
            )

    def _declared(self, draft: Draft, fields: list[str], *, must: bool = True) -> None:
        """The schema of a frame tells of the fields of the envelope that it carries."""
        for field in fields:
            name = self._names[field]
            if name and not may_have(self._schemas, reference(draft.schema), (name,)):
                at = draft.fields.get("payload", draft.at)
                tell = self._context.error if must else self._context.warn
                tell(at, "envelope-field", f"{draft.key!r} may carry {name!r}; its schema does not say so")

    def _position(self) -> None:
        """What a client wants to go on from has the two parts of a position."""
        recover = self._names["recover"]
        for draft in self._requests:
            for field in ("seq", "epoch"):
                path = (recover, self._names[field])
                if (
                    all(path)
                    and may_have(self._schemas, reference(draft.schema), path[:1])
                    and not may_have(self._schemas, reference(draft.schema), path)
                ):
                    at = draft.fields.get("payload", draft.at)
                    self._context.error(
                        at, "envelope-field", f"{recover!r} of {draft.key!r} needs the property {path[1]!r}"
                    )

    def _delivery_key(self) -> None:
        """Every update says what it is the latest of."""
        at = self._context.at(self._at, "x-delivery", "key")
        name = self._context.text(self._at, "x-delivery", "key")
        for draft in self._updates if at is not None else ():
            body = plain(self._schemas, reference(draft.body)) if draft.body is not None else {}
            kind = plain(self._schemas, property_of(body, name)).get("type")
            if name not in required_of(body) or kind not in ("integer", "string"):
                self._context.error(
                    at or self._at,
                    "x-delivery",
                    f"the payload of {draft.key!r} has no required property {name!r} that is an integer or a string",
                )

    def _state(self, at: Location) -> None:
        """Every update is changes to the lists and nothing else, every change a key and a value."""
        key, value = self._context.text(at, "key"), self._context.text(at, "value")
        lists = dict(self._context.entries(at, "lists"))
        for draft in self._updates:
            body = plain(self._schemas, reference(draft.body)) if draft.body is not None else {}
            if not isinstance(body.get("properties"), dict):
                self._context.error(
                    at, "x-state", f"the payload of {draft.key!r} is no object with properties of its own"
                )
                continue
            for name in required_of(body):
                if name not in lists:
                    self._context.error(
                        at.child("lists"),
                        "x-state",
                        f"the payload of {draft.key!r} requires {name!r} beside the lists, "
                        "which nobody could tell of what a topic holds",
                    )
            for name, place in lists.items():
                item = self._item(body, name)
                if item is None:
                    self._context.error(
                        place,
                        "x-state",
                        f"the payload of {draft.key!r} has no required property {name!r} "
                        "that is an array of objects",
                    )
                    continue
                told = f"the items of {name!r} in {draft.key!r}"
                for field in ("key", "value"):
                    wanted = key if field == "key" else value
                    if not self._is_number(item, wanted):
                        self._context.error(
                            at.child(field), "x-state", f"{told} have no required number {wanted!r}"
                        )
                for other in required_of(item):
                    if other not in (key, value):
                        self._context.error(
                            place, "x-state", f"{told} require {other!r} beside their key and value"
                        )

    def _item(self, body: SchemaDict, name: str) -> SchemaDict | None:
        """What a list's items are; None where the property is not always a list of objects."""
        listed = plain(self._schemas, property_of(body, name))
        item = plain(self._schemas, listed.get("items"))
        if (
            name in required_of(body)
            and listed.get("type") == "array"
            and isinstance(item.get("properties"), dict)
        ):
            return item
        return None

    def _is_number(self, item: SchemaDict, name: str) -> bool:
        schema = plain(self._schemas, property_of(item, name))
        return name in required_of(item) and schema.get("type") in ("number", "integer")


def _acting(context: Context, drafts: Sequence[Draft], action: str) -> Iterator[Draft]:
    return (draft for draft in drafts if draft.text(context, "x-action") == action)
