"""Endpoints: the sockets that clients open, the channels of each, and how its frames are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from codegen.build.access import access, security
from codegen.build.channels import ChannelDraft, channel_parameters, class_names, with_methods
from codegen.build.context import Context
from codegen.build.envelope import answer, field_name
from codegen.build.messages import Draft, Messages
from codegen.build.names import METHOD_RESERVED, Names, pascal
from codegen.build.routing import Value, always_has, draft_values, message_values, tag_path, unique_values
from codegen.build.schemas import Schemas
from codegen.build.servers import Servers
from codegen.build.topics import delivery, delivery_key, history, hook, snapshot, state
from codegen.contract import Channel, Endpoint, Message, Parameter, Path, Routing, Tag


class Endpoints:
    """Makes endpoints, channels and messages of drafts."""

    def __init__(
        self, context: Context, schemas: Schemas, messages: Messages, servers: Servers, *, problem: str | None
    ) -> None:
        self._context = context
        self._schemas = schemas
        self._messages = messages
        self._servers = servers
        self._problem = problem
        self._built: dict[str, Message] = {}
        self._good: dict[str, tuple[str | None, bool]] = {}

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every message, in the order in which it was met."""
        for draft in self._messages.found.values():
            if draft.key not in self._built:
                path = (field_name(self._context, "type"),) if self._problem else None
                built = self._message(draft, path)
                self._built[draft.key] = with_methods("", [built], Names(METHOD_RESERVED))[0]
        return tuple(self._built[draft.key] for draft in self._messages.found.values())

    def build(self, drafts: list[ChannelDraft], enveloped: bool) -> tuple[Endpoint, ...]:
        """One endpoint for all channels under an envelope, else one for each."""
        class_names(self._context, drafts, self._schemas.names)
        if enveloped:
            path = (field_name(self._context, "type"),)
            self._check_tags(drafts, path)
            return (self._endpoint(drafts, self._servers.base_path(()), "socket", "Socket", path),)
        found = []
        for draft in drafts:
            base = self._servers.base_path(draft.servers).rstrip("/")
            path_text = "/" + draft.address.split("?")[0].lstrip("/")
            whole = base + path_text if path_text != "/" else base or "/"
            found.append(self._endpoint([draft], whole, draft.name, draft.class_name, None))
        return tuple(found)

    def _endpoint(
        self, drafts: list[ChannelDraft], path: str, name: str, class_name: str, tag: Path | None
    ) -> Endpoint:
        incoming = _once(message for draft in drafts for message in draft.client_to_server)
        outgoing = _once(message for draft in drafts for message in draft.server_to_client)
        paths = (
            tag or tag_path(self._context, self._schemas, incoming),
            tag or tag_path(self._context, self._schemas, outgoing),
        )
        parameters = channel_parameters(self._context, drafts[0], path) if tag is None else ()
        channels = tuple(
            self._channel(draft, *paths, parameters if tag is None else None) for draft in drafts
        )
        return Endpoint(
            path=path,
            name=name,
            class_name=class_name,
            parameters=parameters,
            channels=channels,
            incoming=self._routing(
                incoming,
                paths[0],
                [m for c in channels for m in c.client_to_server],
                enveloped=tag is not None,
            ),
            outgoing=self._routing(
                outgoing,
                paths[1],
                [m for c in channels for m in c.server_to_client],
                enveloped=tag is not None,
            ),
        )

    def _channel(
        self,
        draft: ChannelDraft,
        incoming: Path | None,
        outgoing: Path | None,
        parameters: tuple[Parameter, ...] | None,
    ) -> Channel:
        names = Names(METHOD_RESERVED)
        sent = with_methods(
            draft.name, [self._message(item, incoming) for item in draft.client_to_server], names
        )
        if parameters is not None:
            # What is not sent on this socket answers nothing here.
            here = {item.key for item in draft.server_to_client}
            sent = [
                replace(message, response=message.response if message.response in here else None)
                for message in sent
            ]
        known = {message.key: message.method for message in sent}
        others = with_methods(
            draft.name,
            [self._message(item, outgoing) for item in draft.server_to_client if item.key not in known],
            names,
        )
        methods = known | {message.key: message.method for message in others}
        received = [
            replace(self._message(item, outgoing), method=methods[item.key])
            for item in draft.server_to_client
        ]
        for message in (*sent, *received):
            self._built.setdefault(message.key, message)
        has_topics = parameters is None
        if parameters is None:
            parameters = channel_parameters(self._context, draft, draft.address)
        return Channel(
            address=draft.address,
            name=draft.name,
            class_name=draft.class_name or pascal(draft.name),
            description=self._context.text(draft.at, "description"),
            source=self._context.document.source(draft.at),
            parameters=parameters,
            client_to_server=tuple(sent),
            server_to_client=tuple(received),
            delivery=delivery(self._context, draft),
            delivery_key=delivery_key(self._context, draft),
            hook=hook(self._context, draft),
            place=self._context.document.follow(draft.at),
            history=history(self._context, draft) if has_topics else None,
            snapshot=snapshot(self._context, draft) if has_topics else None,
            state=state(self._context, draft) if has_topics else None,
            security=security(self._context, draft),
            access=access(self._context, draft) if has_topics else None,
        )

    def _message(self, draft: Draft, path: Path | None) -> Message:
        values = message_values(self._schemas, draft.schema).get(path, ()) if path is not None else ()
        if draft.key not in self._good:
            self._good[draft.key] = answer(
                self._schemas, draft.body, self._problem, draft.at, (draft.body or draft.schema) + "Ok"
            )
        good, can_fail = self._good[draft.key]
        answers = any(other.response == draft.key for other in self._messages.found.values())
        return Message(
            key=draft.key,
            schema=draft.schema,
            title=self._messages.title(draft),
            description=self._messages.description(draft),
            source=self._context.document.source(draft.at),
            tag=Tag(path, values[0]) if path is not None and len(values) == 1 else None,
            body=draft.body,
            response=draft.response,
            action=self._messages.action(draft),
            correlation=self._messages.correlation(draft),
            examples=self._messages.examples(draft),
            ok=good if answers else None,
            can_fail=can_fail and answers,
            payload=draft.fields.get("payload"),
        )

    def _routing(
        self, drafts: Sequence[Draft], path: Path | None, messages: list[Message], *, enveloped: bool
    ) -> Routing:
        by_key = {message.key: message for message in reversed(messages)}
        if path is None:
            return Routing(None, (), tuple(by_key[draft.key] for draft in drafts))
        found = [draft_values(self._context, self._schemas, draft) for draft in drafts]
        tagged: list[tuple[Value, Message]] = []
        untagged: list[Message] = []
        for draft, values, unique in zip(drafts, found, unique_values(found, path), strict=True):
            tagged += [(value, by_key[draft.key]) for value in unique]
            certain = path in message_values(self._schemas, draft.schema) and (
                enveloped or always_has(self._schemas, draft.schema, path)
            )
            if not certain or len(unique) < len(values.get(path, ())):
                untagged.append(by_key[draft.key])
        return Routing(path, tuple(tagged), tuple(untagged))

    def _check_tags(self, drafts: list[ChannelDraft], path: Path) -> None:
        """Under an envelope every frame says what it is: by one constant, its own."""
        for side in ("client_to_server", "server_to_client"):
            seen: dict[Value, Draft] = {}
            for draft in _once(message for channel in drafts for message in getattr(channel, side)):
                values = message_values(self._schemas, draft.schema).get(path, ())
                if len(values) != 1:
                    self._context.error(
                        draft.at, "envelope-type", f"{draft.key!r} needs one constant text as its {path[0]!r}"
                    )
                elif values[0] in seen:
                    self._context.error(
                        draft.at,
                        "envelope-type",
                        f"{values[0]!r} is the {path[0]!r} of {draft.key!r} and of {seen[values[0]].key!r}",
                    )
                else:
                    seen[values[0]] = draft


def _once(drafts: Iterable[Draft]) -> list[Draft]:
    return list({draft.key: draft for draft in drafts}.values())
