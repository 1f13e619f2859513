"""How the socket works: the parts of the reference that concern no channel alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from codegen.contract import Contract, Json, Message, Routing
from codegen.render.reference_exchange import at, refused
from codegen.render.reference_markdown import code, value
from codegen.render.reference_outline import Outline
from codegen.render.reference_pages import ErrorCode, Rule
from codegen.render.reference_types import Types, referenced
from codegen.render.reference_words import coming_back, duration, envelope_fields, field_meaning

_CLIENT = {"reconnect": "reconnects", "stop": "stops"}


class Rules:
    """The parts that a contract gives cause for, in their order."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        envelope = contract.envelope
        has_requests = any(channel.requests for channel in contract.channels)
        parts: tuple[tuple[str, object, Callable[[Outline, Types], Rule]], ...] = (
            ("Servers", contract.servers, self._servers),
            ("Frames", True, self._frames),
            ("Requests and answers", has_requests, self._requests),
            ("Errors", envelope, self._errors),
            ("Authentication", contract.authenticate or contract.schemes, self._authentication),
            ("Coming back", envelope and any(one.history for one in contract.channels), self._coming_back),
            ("Topics that a server takes back", envelope and taking_back(contract), self._taking_back),
            ("Heartbeat", contract.heartbeat, self._heartbeat),
            ("Limits", contract.limits, self._limits),
            ("Close codes", contract.close_codes, self._close_codes),
        )
        self._parts = {title: make for title, there, make in parts if there}

    @property
    def titles(self) -> tuple[str, ...]:
        """Their headings."""
        return tuple(self._parts)

    def all(self, outline: Outline, types: Types) -> tuple[Rule, ...]:
        """All of them."""
        return tuple(_narrowed(make(outline, types)) for make in self._parts.values())

    def codes(self) -> tuple[ErrorCode, ...]:
        """The codes of the envelope's problem that the document knows, and what its examples say of each."""
        contract = self._contract
        envelope = contract.envelope
        if envelope is None:
            return ()
        properties = contract.schema(envelope.problem).schema.get("properties")
        schema = properties.get("code") if isinstance(properties, dict) else None
        target = referenced(schema)
        if target is not None:
            schema = dict(contract.schema(target).schema)
        meant = schema if isinstance(schema, dict) else {}
        listed = meant.get("enum", meant.get("x-open-enum"))
        shown = {code_: payload for message in contract.messages for code_, payload in self.problems(message)}
        known = [str(one) for one in listed] if isinstance(listed, list) else []
        found = []
        for name in dict.fromkeys([*known, *shown]):
            problem = shown.get(name, {})
            retry = {True: "yes", False: "no"}.get(problem.get("retryable") is True) if problem else ""
            found.append(ErrorCode(name, retry or "", str(problem.get("message", ""))))
        return tuple(found)

    def problems(self, message: Message) -> list[tuple[str, dict[str, Json]]]:
        """The problems that examples of a message show: code and problem."""
        envelope = self._contract.envelope
        found = []
        for one in message.examples:
            if envelope is not None and one.fits and refused(self._contract, one.payload):
                problem = at(one.payload, (envelope.payload,))
                if isinstance(problem, dict) and isinstance(problem.get("code"), str):
                    found.append((str(problem["code"]), dict(problem)))
        return found

    # -- the parts

    def _servers(self, outline: Outline, types: Types) -> Rule:
        rows = tuple(
            (one.name, code(one.url), one.protocol, one.description) for one in self._contract.servers
        )
        return Rule("Servers", outline.rules["Servers"], "", ("server", "URL", "protocol", ""), rows)

    def _frames(self, outline: Outline, types: Types) -> Rule:
        contract = self._contract
        envelope = contract.envelope
        if envelope is None:
            paths = tuple(
                (
                    f"[{one.channel.name}](#{one.anchor})",
                    code(endpoint.path),
                    _told_by(endpoint.incoming),
                    _told_by(endpoint.outgoing),
                )
                for endpoint in contract.endpoints
                for one in outline.channels
                if one.channel in endpoint.channels
            )
            text = (
                "Every channel is the path of a WebSocket of its own. A message is a JSON value, one a frame."
            )
            columns = ("channel", "path", "what clients send is told by", "what the server sends is told by")
            return Rule("Frames", outline.rules["Frames"], text, columns, paths)
        path = contract.endpoints[0].path if contract.endpoints else "/"
        text = (
            f"All channels share one WebSocket, {code(path)}. Every frame is a JSON object; a reader "
            f"ignores fields that it does not know."
        )
        rows = tuple(
            (code(name), self._stands(name, outline), *self._said(what, name, types))
            for what, name in envelope_fields(envelope).items()
        )
        return Rule("Frames", outline.rules["Frames"], text, ("field", "in", "type", "meaning"), rows)

    def _stands(self, name: str, outline: Outline) -> str:
        """In which kinds of messages a field of the envelope stands."""
        words = {
            "request": "requests",
            "message": "clients' messages",
            "answer": "answers",
            "update": "updates",
            "notice": "notices",
        }
        roles = {
            placed.role
            for one in outline.channels
            for group in one.groups
            for placed in group.messages
            if name in self._properties(placed.message)
        }
        there = {placed.role for one in outline.channels for group in one.groups for placed in group.messages}
        if roles == there:
            return "all"
        return ", ".join(said for role, said in words.items() if role in roles)

    def _said(self, what: str, name: str, types: Types) -> tuple[str, str]:
        """The type and the meaning of a field of the envelope: the document's own words where it has some."""
        if what in ("type", "payload"):
            return "string" if what == "type" else "by `type`", field_meaning(what)
        for message in self._contract.messages:
            schema = self._properties(message).get(name)
            if isinstance(schema, dict):
                return types.type(schema), types.description(schema) or field_meaning(what)
        return "", field_meaning(what)

    def _properties(self, message: Message) -> dict[str, Json]:
        properties = self._contract.schema(message.schema).schema.get("properties")
        return dict(properties) if isinstance(properties, dict) else {}

    def _requests(self, outline: Outline, types: Types) -> Rule:
        contract = self._contract
        envelope = contract.envelope
        text = "Every request gets exactly one answer, of a type of its own."
        if envelope is not None and envelope.id:
            text += f" A request that carries {code(envelope.id)} is answered with the same."
        if envelope is not None:
            text += f" What matches no request is answered by {outline.message(envelope.error)}."
        rows = tuple(
            (
                outline.message(request.key, one.channel, sent=True),
                outline.message(request.response, one.channel, sent=False),
                f"[{one.channel.name}](#{one.anchor})",
            )
            for one in outline.channels
            for request in one.channel.requests
            if request.response is not None
        )
        return Rule(
            "Requests and answers",
            outline.rules["Requests and answers"],
            text,
            ("request", "answer", "channel"),
            rows,
        )

    def _errors(self, outline: Outline, types: Types) -> Rule:
        envelope = self._contract.envelope
        if envelope is None:
            raise ValueError("only an envelope has a problem")
        tag = envelope.problem_tag
        where = code(".".join((envelope.payload, *tag.path)))
        problem = types.type({"$ref": f"#/components/schemas/{envelope.problem}"})
        text = (
            f"A request that is not carried out is answered by its own response type, whose `{envelope.payload}` is "
            f"then a {problem}: {where} is {value(tag.value)}."
        )
        if self._contract.close_codes:
            closing = outline.rule("Close codes", "close code")
            text += f" A mistake does not cost the connection, unless a {closing} says so."
        rows = tuple((code(one.code), one.retry, one.example) for one in self.codes())
        properties = self._contract.schema(envelope.problem).schema.get("properties")
        schema = properties.get("code") if isinstance(properties, dict) else None
        more = types.description(schema) if rows and isinstance(schema, dict) else ""
        return Rule(
            "Errors",
            outline.rules["Errors"],
            text,
            ("code", "retry", "an example's message") if rows else (),
            rows,
            more,
        )

    def _authentication(self, outline: Outline, types: Types) -> Rule:
        contract = self._contract
        text = ""
        if contract.authenticate is not None:
            text = (
                f"A client that has a token sends {outline.message(contract.authenticate, sent=True)} first on every "
                f"connection, with the token as {code(contract.token or '')}, and goes on when that is answered."
            )
        if contract.expires is not None:
            text += (
                f" {code(contract.expires)} in the answer says in how many milliseconds the token runs out; a client "
                "sends another before that, on the same connection."
            )
        rows = tuple((code(one.name), one.title, one.description) for one in contract.schemes)
        return Rule(
            "Authentication", outline.rules["Authentication"], text, ("scheme", "is", "meaning"), rows
        )

    def _taking_back(self, outline: Outline, types: Types) -> Rule:
        said = []
        for message in taking_back(self._contract):
            name = outline.message(message.key, sent=False)
            said.append(
                f"{name} begins a topic anew: what a client holds of it is void, and what comes follows the position "
                "that the message gives."
                if message.action == "reset"
                else f"{name} ends a subscription: no update of the topic follows, and a client does not subscribe to "
                "it again by itself. Its other topics go on."
            )
        title = "Topics that a server takes back"
        return Rule(title, outline.rules[title], "\n\n".join(said))

    def _coming_back(self, outline: Outline, types: Types) -> Rule:
        envelope = self._contract.envelope
        if envelope is None:
            raise ValueError("only an envelope has positions")
        rows = tuple(
            (
                f"[{one.channel.name}](#{one.anchor})",
                str(one.channel.history),
                self._afterwards(one.channel.snapshot),
            )
            for one in outline.channels
            if one.channel.history is not None
        )
        columns = ("channel", "updates kept", "when that is not enough")
        return Rule("Coming back", outline.rules["Coming back"], coming_back(envelope), columns, rows)

    def _afterwards(self, snapshot: str | None) -> str:
        return "what was missed is not sent" if snapshot is None else "what the topic holds is sent"

    def _heartbeat(self, outline: Outline, types: Types) -> Rule:
        heartbeat = self._contract.heartbeat
        if heartbeat is None:
            raise ValueError("only where there is one")
        interval, lifespan = heartbeat.interval_ms, heartbeat.lifespan_ms
        text = (
            f"A connection from which nothing came for {duration(interval)} ({interval} ms) is closed, and so is one "
            f"that is {duration(lifespan)} ({lifespan} ms) old."
        )
        if heartbeat.request:
            request = outline.message(heartbeat.request, sent=True)
            text += f" Any message counts; a client with nothing else to say sends {request}."
        return Rule("Heartbeat", outline.rules["Heartbeat"], text)

    def _limits(self, outline: Outline, types: Types) -> Rule:
        rows = tuple((code(one.name), str(one.value), one.description) for one in self._contract.limits)
        return Rule(
            "Limits", outline.rules["Limits"], "What one client may do.", ("limit", "value", "meaning"), rows
        )

    def _close_codes(self, outline: Outline, types: Types) -> Rule:
        rows = tuple(
            (str(one.code), code(one.name), _CLIENT[one.client], one.description)
            for one in self._contract.close_codes
        )
        return Rule(
            "Close codes",
            outline.rules["Close codes"],
            "How the server ends a connection, and what a client then does.",
            ("code", "name", "the client", "meaning"),
            rows,
            "Of codes that are not listed, 4000 to 4499 mean reconnect, 4500 to 4999 mean stop.",
        )


def taking_back(contract: Contract) -> tuple[Message, ...]:
    """The messages by which a server begins topics anew, and ends subscriptions."""
    found = (contract.acting("reset"), contract.acting("close"))
    return tuple(message for message in found if message is not None)


def _told_by(routing: Routing) -> str:
    """Which field says what kind of message a frame is, where there are several kinds."""
    if routing.path is None or len(routing.tagged) + len(routing.untagged) < 2:
        return ""
    return code(".".join(routing.path))


def _narrowed(rule: Rule) -> Rule:
    """The same, without the columns of which no row has anything to say."""
    kept = [index for index in range(len(rule.columns)) if any(row[index] for row in rule.rows)]
    columns = tuple(rule.columns[index] for index in kept)
    rows = tuple(tuple(row[index] for index in kept) for row in rule.rows)
    return dataclasses.replace(rule, columns=columns, rows=rows)
