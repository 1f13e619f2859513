"""The third stage: a document as it was written becomes the contract that is rendered."""

from __future__ import annotations

from codegen.build.access import build_schemes
from codegen.build.bundle import bundle
from codegen.build.channels import ChannelDraft, find_channels
from codegen.build.checks import check
from codegen.build.context import Context
from codegen.build.endpoints import Endpoints
from codegen.build.entries import build_entries
from codegen.build.envelope import (
    answer,
    authenticate_message,
    build_authenticate,
    build_close_codes,
    build_envelope,
    build_heartbeat,
    build_limits,
    envelope_place,
    error_message,
    field_name,
    heartbeat_message,
)
from codegen.build.forms import referenced
from codegen.build.messages import Draft, Messages
from codegen.build.names import kebab, pascal
from codegen.build.releases import build_releases
from codegen.build.schemas import Schemas
from codegen.build.servers import build_servers
from codegen.build.subscription_checks import check_subscriptions
from codegen.build.topic_checks import check_topics
from codegen.contract import Contract
from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document, Location


def build(document: Document, source: str) -> Contract:
    """What the generator needs to know of a document; see `build_with_warnings`, whose warnings this drops."""
    return build_with_warnings(document, source)[0]


def build_with_warnings(document: Document, source: str) -> tuple[Contract, list[Diagnostic]]:
    """What the generator needs to know of a document, and what is odd about it.

    Args:
        document: a valid AsyncAPI 2.x document.
        source: what generated files call it, with forward slashes.

    Raises:
        DocumentError: the document says what cannot be expressed, or contradicts itself; carries all of it.

    """
    context = Context(document)
    schemas = Schemas(context)
    messages = Messages(context, schemas)
    servers = build_servers(context)
    drafts = find_channels(context, messages, servers)
    enveloped = envelope_place(context) is not None
    error = error_message(context, messages) if enveloped else None
    heartbeat_message(context, messages)
    authenticate_message(context, messages)
    messages.link_responses()

    _name_and_express(context, schemas, messages, enveloped)
    if enveloped:
        _bodies(context, schemas, messages)
    endpoints = Endpoints(context, schemas, messages, servers, problem=error.body if error else None)
    built = endpoints.build(drafts, enveloped)
    check(context, schemas, servers, drafts, enveloped=enveloped)
    check_topics(context, schemas, drafts, enveloped=enveloped)
    check_subscriptions(context, schemas, drafts, enveloped=enveloped)
    envelope = build_envelope(context, schemas, messages)
    authenticate, token, expires = build_authenticate(context, schemas, messages)
    contract = Contract(
        source=source,
        asyncapi=context.text(context.root, "asyncapi"),
        title=context.text(context.root, "info", "title"),
        version=str(context.get(context.root, "info", "version") or ""),
        description=context.text(context.root, "info", "description"),
        client_name=_client_name(context),
        package_name=_package_name(context),
        servers=servers.all,
        schemas=schemas.all,
        messages=endpoints.messages,
        channels=tuple(channel for endpoint in built for channel in endpoint.channels),
        endpoints=built,
        envelope=envelope,
        heartbeat=build_heartbeat(context, messages),
        limits=build_limits(context),
        close_codes=build_close_codes(context),
        authenticate=authenticate,
        token=token,
        expires=expires,
        schemes=build_schemes(context),
        entries=build_entries(context),
        definitions=context.definitions,
        unenforced=tuple(context.unenforced.items()),
        document=bundle(document),
        releases=build_releases(context),
    )
    if any(finding.severity == "error" for finding in context.diagnostics):
        raise DocumentError(context.diagnostics)
    return contract, context.diagnostics


def _name_and_express(context: Context, schemas: Schemas, messages: Messages, enveloped: bool) -> None:
    """Authored names first, so that no inline schema takes one; then every schema, messages last."""
    components = list(context.entries(context.root, "components", "schemas"))
    own = [place for _, place in components]
    emitted: list[tuple[str, Location, str | None]] = []
    for key, place in components:
        target = document_target(context, place)
        if target in own and target != place:
            continue
        name = schemas.declare(place, key, "Schema")
        if name is not None:
            emitted.append((name, place, None))
    for key, place in components:
        target = document_target(context, place)
        if target in own and target != place:
            name = schemas.claim(place, key, "Schema")
            meant = schemas.name_of(place)
            if name is not None and meant is not None:
                emitted.append((name, place, meant))
    messages.declare()
    for draft in messages.found.values():
        _settle_payload(context, schemas, draft, enveloped=enveloped)
    for name, place, meant in emitted:
        if meant is None:
            schemas.emit(name, place)
        else:
            schemas.alias(name, place, meant)
    messages.express()
    schemas.check()


def _settle_payload(context: Context, schemas: Schemas, draft: Draft, *, enveloped: bool) -> None:
    """Frames are objects where they have a tag or are envelopes, and what is in an envelope has a name."""
    payload = draft.fields.get("payload")
    if payload is None:
        return
    schemas.must_be_object(payload, only_tagged=not enveloped)
    body = context.at(payload, "properties", field_name(context, "payload")) if enveloped else None
    if body is not None:
        schemas.must_name(body)
        schemas.must_be_object(body)


def document_target(context: Context, place: Location) -> Location:
    """Where a component leads: to itself unless it is a `$ref`."""
    return context.document.follow(place)


def _bodies(context: Context, schemas: Schemas, messages: Messages) -> None:
    """What stands under the envelope's payload field of each message."""
    payload = field_name(context, "payload")
    for draft in messages.found.values():
        if draft.schema not in schemas:
            continue
        properties = schemas.get(draft.schema).schema.get("properties")
        body = properties.get(payload) if isinstance(properties, dict) else None
        draft.body = referenced(body) if isinstance(body, dict) else None
        if isinstance(body, dict) and draft.body is None:
            context.error(
                draft.at,
                "payload-unnamed",
                f"the payload of {draft.key!r} cannot be named; move it to components/schemas",
            )


def _client_name(context: Context) -> str:
    written = context.text(context.root, "info", "x-client-name")
    if written:
        return pascal(written)
    name = pascal(context.text(context.root, "info", "title"))
    for ending in ("Api", "API", "Client", "Service", "Websocket", "WebSocket", "Websockets", "WebSockets"):
        if len(name) > len(ending):
            name = name.removesuffix(ending)
    return name or "Socket"


def _package_name(context: Context) -> str:
    written = context.text(context.root, "info", "x-client-name") or context.text(
        context.root, "info", "title"
    )
    return f"{kebab(_client_name(context)) or kebab(written) or 'socket'}-client"


__all__ = ["ChannelDraft", "answer", "build", "build_with_warnings"]
