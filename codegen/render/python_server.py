"""The server's side in Python's terms: what handlers implement, what routes join, what is published."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.contract import Channel, Endpoint, Message
from codegen.render.python_names import TAKEN, path_literal
from codegen.render.python_topics import Topics
from codegen.render.text import literal, string, union

_HANDLER_ATTRIBUTES = frozenset({"connected", "on_invalid"})
_ROUTE_ARGUMENTS = frozenset({"connect", "dispatcher", "path", "route", "serve", "socket", "websocket"})


@dataclass(frozen=True)
class MethodView:
    """A message that clients send, as a method."""

    message: Message
    name: str
    request: str
    answer: Message | None


class Server(Topics):
    """What a contract's server implements and publishes."""

    def methods(self, channel: Channel) -> tuple[MethodView, ...]:
        """What a channel's handler implements."""
        return tuple(
            MethodView(
                message,
                message.method + ("_" if message.method in _HANDLER_ATTRIBUTES else ""),
                self.local(message.schema),
                None if message.response is None else self.contract.message(message.response),
            )
            for message in channel.client_to_server
        )

    def argument(self, channel: Channel) -> str:
        """The keyword by which a route takes a channel's handler."""
        return channel.name + ("_" if channel.name in _ROUTE_ARGUMENTS else "")

    def incoming(self, endpoint: Endpoint) -> list[tuple[Channel, MethodView, str]]:
        """Every message that a socket takes: its channel, its method, and the literal of its tag."""
        homes = {
            view.message.key: (channel, view)
            for channel in reversed(endpoint.channels)
            for view in self.methods(channel)
        }
        tagged = [(*homes[m.key], literal(tag)) for tag, m in endpoint.incoming.tagged if m.key in homes]
        untagged = [(*homes[m.key], "None") for m in endpoint.incoming.untagged if m.key in homes]
        return tagged + untagged

    def route_arguments(self, method: MethodView) -> list[str]:
        """What `route` needs besides tag, codec and method."""
        request, answer = method.message, method.answer
        if answer is None:
            return []
        arguments = [self.codec(answer.schema)]
        if request.correlation and answer.correlation:
            arguments.append(f"identity={path_literal(request.correlation)}")
            arguments.append(f"answer_identity={path_literal(answer.correlation)}")
            attribute = self._names.get((answer.schema, answer.correlation[0]))
            if len(answer.correlation) == 1 and attribute is not None:
                arguments.append(f"answer_attribute={string(attribute)}")
        if answer.can_fail and answer.tag is not None:
            arguments.append(f"refused_by={literal(answer.tag.value)}")
        return arguments

    def sends(self, endpoint: Endpoint) -> str:
        """The union of what a server may send on a socket."""
        return union(self.local(m.schema) for channel in endpoint.channels for m in channel.server_to_client)

    def receives(self, endpoint: Endpoint) -> str:
        """The union of what a client may send on a socket."""
        return union(self.local(m.schema) for channel in endpoint.channels for m in channel.client_to_server)

    def variable(self, endpoint: Endpoint) -> str:
        """The type variable of a socket's connections."""
        if len(self.contract.endpoints) == 1:
            return "C"
        return (
            f"{endpoint.class_name}C"
            if f"{endpoint.class_name}C" not in TAKEN
            else f"{endpoint.class_name}Conn"
        )

    def codecs(self) -> tuple[Message, ...]:
        """The messages that handlers read or write, each once."""
        wanted: dict[str, Message] = {}
        for channel in self.contract.channels:
            for method in self.methods(channel):
                wanted[method.message.schema] = method.message
                if method.answer is not None:
                    wanted[method.answer.schema] = method.answer
        if self.contract.envelope is not None:
            error = self.contract.message(self.contract.envelope.error)
            wanted[error.schema] = error
        return tuple(wanted.values())

    def pushed(self, channel: Channel) -> tuple[Message, ...]:
        """What is sent without being asked for."""
        if self.multiplexed:
            return tuple(message for message in channel.updates if message.body is not None)
        answers = {message.response for message in self.contract.messages}
        return tuple(message for message in channel.server_to_client if message.key not in answers)

    def pushed_type(self, message: Message) -> str:
        """The model that a publisher takes."""
        return self.local((message.body if self.multiplexed else None) or message.schema)

    @property
    def brokered(self) -> bool:
        """Whether updates can be published over a broker: they are topics' under an envelope."""
        return self.multiplexed and any(self.pushed(channel) for channel in self.contract.channels)

    @property
    def first_pushed(self) -> str:
        """The publisher's first method, for examples."""
        channels = self.contract.channels
        return next(f"{channel.name}_{one.method}" for channel in channels for one in self.pushed(channel))

    @property
    def channel_traits(self) -> list[str]:
        """What the contract says of channels that a broker has to know; each is a constant, in capitals."""
        traits = ("delivery", "history", "snapshot", "state")
        return [name for name in traits if any(getattr(channel, name) for channel in self.contract.channels)]

    def delivery_key(self, channel: Channel, message: Message) -> str | None:
        """The expression that tells what an update is the latest of; None where it is so of its topic."""
        if channel.delivery_key is None or message.body is None:
            return None
        (name,) = self.attributes(message.body, (channel.delivery_key,)) or (channel.delivery_key,)
        return f"payload.{name}"

    def changes(self, channel: Channel, message: Message) -> str:
        """The expression that tells what an update of a channel with state changes, by list."""
        state, body = channel.state, message.body
        if state is None or body is None:
            return "None"
        told = []
        for name, _ in state.lists:
            way, item = self.item_of(body, name)
            key, value = (self._names[item, part] for part in (state.key, state.value))
            told.append(f"{string(name)}: [(item.{key}, item.{value}) for item in payload.{way}]")
        return f"{{{', '.join(told)}}}"
