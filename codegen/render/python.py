"""What the Python templates lay out: the contract in Python's terms, names and literals ready to print."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.contract import Channel, Endpoint, Message
from codegen.render.access_words import who_may
from codegen.render.identity import numeric_ids
from codegen.render.python_names import constant
from codegen.render.python_server import Server
from codegen.render.python_topics import TopicView
from codegen.render.text import literal, string, union

_CLIENT_ATTRIBUTES = frozenset({"close", "lost", "on_hole", "on_state", "open", "options", "state", "url"})
_WEBSOCKET = ("ws", "wss", "http", "https")


@dataclass(frozen=True)
class ClientMethodView:
    """A request, as a method of a client's channel."""

    message: Message
    name: str
    codec: str | None
    body: str | None
    exchange: str
    answer: str | None
    rule: str
    """The constant that says how its topics are subscribed to."""
    subscribes: bool
    topic: str


class PythonView(Server):
    """A contract in Python's terms: names, topics and server, and here the client and what files import."""

    @property
    def default_url(self) -> str | None:
        """Where clients connect to unless told: the first server that speaks WebSocket, else the first."""
        able = [one for one in self.contract.servers if one.protocol.lower() in _WEBSOCKET]
        for server in able or self.contract.servers:
            if "{" in server.url:
                continue  # a variable without a value
            if "://" in server.url:
                return server.url
            scheme = server.protocol.lower() if server.protocol.lower() in _WEBSOCKET else "ws"
            return f"{scheme}://{server.url.lstrip('/')}"
        return None

    @property
    def string_ids(self) -> bool:
        """Under an envelope: whether clients have to name their requests by texts."""
        envelope = self.contract.envelope
        if envelope is None or envelope.id is None:
            return False
        path = (envelope.id,)
        requests = ((message, path) for message in self.contract.messages if message.response)
        return not numeric_ids(self.contract, requests)

    def answer_type(self, answer: Message) -> tuple[str, bool]:
        """What a client's request returns, as a schema's name, and whether that is the whole message."""
        if self.multiplexed and (answer.ok or answer.body) is not None:
            return answer.ok or answer.body or "", False
        return answer.schema, True

    def client_methods(self, channel: Channel) -> tuple[ClientMethodView, ...]:
        """What a client can do on a channel of a multiplexed socket."""
        views = []
        for method in self.methods(channel):
            message = method.message
            if channel.is_topic and message.action == "unsubscribe":
                continue  # the subscription itself does that
            exchange = f"_{constant(channel.name)}_{constant(message.method)}"
            views.append(
                ClientMethodView(
                    message=message,
                    name=method.name,
                    codec=None if message.body is None else self.codec(message.body),
                    body=None if message.body is None else self.local(message.body),
                    exchange=exchange,
                    rule=f"{exchange}_RULE",
                    answer=None if method.answer is None else self.local(self.answer_type(method.answer)[0]),
                    subscribes=message.action == "subscribe" and bool(channel.updates),
                    topic=self._subscribed(channel, message),
                )
            )
        return tuple(views)

    def _subscribed(self, channel: Channel, message: Message) -> str:
        """The expression that says which topic a subscribe request is for."""
        topic = self.topic(channel)
        if not channel.parameters:
            return f"{topic.class_name}().address"
        if message.body is not None and message.body in topic.payloads:
            return f"{topic.class_name}.of_payload(payload).address"
        body = f"{self.codec(message.body)}.encode(payload).decode()" if message.body is not None else '""'
        return f"{string(channel.name + ' ')} + {body}"  # until the server names the topic

    def exchanges(self) -> list[tuple[str, str, str]]:
        """Constants of the client: name, type and value of each request with its answer."""
        found = []
        for channel in self.contract.channels:
            for method in self.methods(channel):
                answer, name = method.answer, f"_{constant(channel.name)}_{constant(method.message.method)}"
                if answer is None:
                    continue
                schema, whole = self.answer_type(answer)
                tags = f"{self.wire_type(method.message)}, {self.wire_type(answer)}"
                if channel.is_topic and method.message.action in ("subscribe", "unsubscribe"):
                    found.append((name, "Pair", tags))
                else:
                    codec = f"Codec({self.local(schema)})"
                    found.append((name, "Exchange", f"{tags}, {codec}{', whole=True' if whole else ''}"))
        return found

    def unsubscribe(self, channel: Channel) -> str:
        """The exchange that ends a subscription."""
        for method in self.methods(channel):
            if method.message.action == "unsubscribe" and method.answer is not None:
                return f"_{constant(channel.name)}_{constant(method.message.method)}"
        return "None"

    def update_name(self, channel: Channel, message: Message) -> str:
        """The constant that reads one kind of update."""
        return f"_{constant(channel.name)}_{constant(message.method)}"

    def told_by(self, endpoint: Endpoint, message: Message) -> str:
        """The one tag that a client always tells a message by; "None" where that is not enough."""
        tags = [tag for tag, other in endpoint.outgoing.tagged if other.key == message.key]
        may_lack = any(other.key == message.key for other in endpoint.outgoing.untagged)
        return literal(tags[0]) if len(tags) == 1 and not may_lack else "None"

    def update_types(self, channel: Channel) -> str:
        """The constants that read a channel's updates, as a tuple."""
        return "(" + "".join(f"{self.update_name(channel, update)}, " for update in channel.updates) + ")"

    def items(self, channel: Channel) -> str:
        """What iterating a subscription yields."""
        return union(self.pushed_type(message) for message in channel.updates)

    def update_models(self, channel: Channel) -> str:
        """What iterating a subscription's `updates()` yields."""
        return union(self.local(message.schema) for message in channel.updates)

    def update_item(self, message: Message) -> str:
        """The attribute of an update that holds its body; empty where the update has none."""
        if self.contract.envelope is None or message.body is None:
            return ""
        return "." + self._names.get((message.schema, self.contract.envelope.payload), "payload")

    def is_current(self, channel: Channel) -> bool:
        """Whether an update of the channel's topics says how things are, so that who comes late wants the last."""
        return channel.delivery == "conflate" or channel.state is not None

    def keyed_lists(self, channel: Channel, message: Message) -> str:
        """The expression that says where the models of an update have the lists of a channel with state."""
        state, body = channel.state, message.body
        if state is None or body is None:
            return "None"
        found = []
        for name, _ in state.lists:
            way, item = self.item_of(body, name)
            parts = (way, self._names[item, state.key], self._names[item, state.value])
            found.append(f"{string(name)}: KeyedList({', '.join(map(string, parts))})")
        return f"{{{', '.join(found)}}}"

    def described(self, channel: Channel) -> str:
        """What a channel is, and who may use it."""
        parts = (channel.description, who_may(self.contract, channel))
        return "\n\n".join(part for part in parts if part)

    def heard(self, channel: Channel) -> tuple[Message, ...]:
        """What a server says unasked that is no update of a topic and no error."""
        answers = {message.response for message in self.contract.messages}
        skip = answers | {self.contract.envelope.error if self.contract.envelope else None}
        return tuple(
            message
            for message in channel.server_to_client
            if message.key not in skip and message.action != "update" and message.tag is not None
        )

    @property
    def events(self) -> tuple[str, ...]:
        """The types of all that a server says unasked that is no update of a topic and no error, each once."""
        heard = (message for channel in self.contract.channels for message in self.heard(channel))
        return tuple(dict.fromkeys(map(self.wire_type, heard)))

    @property
    def beat(self) -> str | None:
        """The pair that keeps a connection alive; None where there is none, or it needs a payload."""
        heartbeat = self.contract.heartbeat
        if heartbeat is None or heartbeat.request is None:
            return None
        request = self.contract.message(heartbeat.request)
        if request.body is not None or request.tag is None:
            return None
        answer = None if request.response is None else self.contract.message(request.response)
        return f"Pair({self.wire_type(request)}, {'None' if answer is None else self.wire_type(answer)})"

    @property
    def authentication(self) -> str | None:
        """The request that carries a token; None where there is none."""
        if self.contract.authenticate is None or self.contract.token is None:
            return None
        request = self.contract.message(self.contract.authenticate)
        if request.response is None:
            return None
        answer = self.contract.message(request.response)
        return (
            f"Authentication({self.wire_type(request)}, {self.wire_type(answer)},"
            f" {string(self.contract.token)}"
            + (f", {string(self.contract.expires)})" if self.contract.expires else ")")
        )

    def bodies(self) -> tuple[str, ...]:
        """The schemas of the payloads that a client sends."""
        methods = [method for channel in self.contract.channels for method in self.client_methods(channel)]
        return tuple(dict.fromkeys(m.message.body for m in methods if m.message.body is not None))

    def client_models(self) -> list[str]:
        """The models in client.py."""
        wanted = list(self.bodies()) if self.multiplexed else []
        if not self.multiplexed:
            return [message.schema for message in self.contract.messages]
        for channel in self.contract.channels:
            views = [view for view in self.client_methods(channel) if not view.subscribes]
            answers = {view.message.response for view in views}
            wanted += [self.answer_type(self.contract.message(key))[0] for key in answers if key is not None]
            wanted += [message.schema for message in (*channel.updates, *self.heard(channel))]
            wanted += [message.body for message in channel.updates if message.body is not None]
        return wanted

    def in_channel(self, channel: Channel, message: Message) -> Message:
        """A message as the channel knows it, with its method's name there."""
        return next((one for one in channel.server_to_client if one.key == message.key), message)

    def channel_attribute(self, name: str) -> str:
        """A channel's attribute or method of the client."""
        return name + ("_" if name in _CLIENT_ATTRIBUTES else "")

    def call_arguments(self, topic: TopicView) -> str:
        """How a topic is made of parameters of the same names."""
        return ", ".join(f"{parameter.name}={parameter.name}" for parameter in topic.parameters)

    # What each file imports

    def topic_models(self) -> list[str]:
        """The models in topics.py."""
        return [name for topic in self.topics for name in (*topic.requests, *topic.payloads)]

    def handler_models(self) -> list[str]:
        """The models in handlers.py."""
        sent = [m.schema for end in self.contract.endpoints for c in end.channels for m in c.server_to_client]
        return [*sent, *(message.schema for message in self.codecs())]

    def pushed_models(self) -> list[str]:
        """The models in publisher.py."""
        messages = [message for channel in self.contract.channels for message in self.pushed(channel)]
        return [(message.body if self.multiplexed else None) or message.schema for message in messages]

    def pushed_topics(self) -> list[str]:
        """The topics in publisher.py."""
        return [f"{channel.class_name}Topic" for channel in self.contract.channels if self.pushed(channel)]

    def topic_classes(self) -> list[str]:
        """All topics."""
        return [topic.class_name for topic in self.topics]
