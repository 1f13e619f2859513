"""Who may subscribe, and by which messages a server takes a subscription back: checked against channels and schemas."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.build.access import security, security_place
from codegen.build.channels import ChannelDraft
from codegen.build.context import Context
from codegen.build.forms import reference
from codegen.build.messages import Draft
from codegen.build.schemas import Schemas
from codegen.build.told import arms, plain, property_of, required_of
from codegen.contract import Json
from codegen.document import Location

_TELLING = ("code", "message")
"""What the payload of a message that resets or closes says."""


def check_subscriptions(
    context: Context, schemas: Schemas, drafts: Sequence[ChannelDraft], *, enveloped: bool
) -> None:
    """Note where `x-access`, `x-action: reset` and `x-action: close` cannot be kept."""
    for channel in drafts:
        at = context.at(channel.at, "x-access")
        if at is not None:
            _access(context, channel, at, enveloped=enveloped)
    first: dict[str, Draft] = {}
    for channel in drafts:
        for draft in channel.drafts:
            action = draft.text(context, "x-action")
            if action not in ("reset", "close"):
                continue
            if not enveloped:
                context.warn(
                    draft.fields["x-action"],
                    "x-action",
                    f"without x-envelope there are no topics to {action}: this has no effect",
                )
                continue
            earlier = first.setdefault(action, draft)
            if earlier is not draft:
                context.error(
                    draft.fields["x-action"],
                    "x-action",
                    f"{earlier.key!r} has the x-action {action} already; one message is enough",
                )
            _taking_back(context, schemas, channel, draft, action)


def _access(context: Context, channel: ChannelDraft, at: Location, *, enveloped: bool) -> None:
    """What a token must grant is asked of those who have one, in terms of the channel."""
    if not enveloped:
        context.warn(at, "x-access", "without x-envelope channels have no topics: this has no effect")
        return
    if not any(context.items(at, "scopes")) and not context.text(at, "parameter"):
        context.error(at, "x-access", "`scopes` or `parameter` is needed: what must a token grant?")
    name = context.text(at, "parameter")
    if name and f"{{{name}}}" not in channel.address:
        context.error(
            at.child("parameter"), "x-access", f"channel {channel.address!r} has no parameter {name!r}"
        )
    if not security(context, channel):
        asked = security_place(context, channel)
        context.error(
            asked or at,
            "x-access",
            f"channel {channel.address!r} asks what a token grants, but not for one; "
            + (
                "a requirement that is empty lets everybody in"
                if asked
                else "give its `publish` a `security`"
            ),
        )


def _taking_back(
    context: Context, schemas: Schemas, channel: ChannelDraft, draft: Draft, action: str
) -> None:
    """A server tells of its own accord which topic is meant, and why."""
    at = draft.fields["x-action"]
    topic, payload = (context.text(context.root, "x-envelope", name) for name in ("topic", "payload"))
    if draft in channel.client_to_server:
        context.error(at, "x-action", f"clients send {draft.key!r}; only a server can {action} a topic")
        return
    if "x-response" in draft.fields:
        context.error(at, "x-action", f"{draft.key!r} needs no answer; take its x-response away")
    if not topic:
        context.error(
            at, "x-action", f"x-envelope needs `topic`: {draft.key!r} says which one it is to {action}"
        )
        return
    place = draft.fields.get("payload", draft.at)
    frame = plain(schemas, reference(draft.schema)) if draft.schema in schemas else {}
    for name in (topic, payload):
        if name not in required_of(frame):
            context.error(
                place, "x-action", f"{draft.key!r} is to {action} a topic, so it must require {name!r}"
            )
    body = plain(schemas, reference(draft.body)) if draft.body is not None else {}
    for name in _TELLING:
        if name not in required_of(body) or not _is_text(schemas, property_of(body, name)):
            context.error(
                place,
                "x-action",
                f"the payload of {draft.key!r} has no required property {name!r} that is text",
            )


def _is_text(schemas: Schemas, schema: Json) -> bool:
    """Whether all values are text."""
    for one in arms(schemas, schema):
        listed = one.get("enum")
        values = listed if isinstance(listed, list) else [one.get("const")]
        if one.get("type") != "string" and not all(isinstance(value, str) for value in values):
            return False
    return True
