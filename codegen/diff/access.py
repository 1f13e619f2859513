"""How clients get in: servers and their URLs, the handshake, and what one needs to be let in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from codegen.build.context import Context
from codegen.build.traits import merged_fields
from codegen.contract import Channel, Json, Server
from codegen.diff.changes import Direction, Verdict
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes, found, value_at
from codegen.diff.payloads import PayloadChanges
from codegen.diff.security import SecurityChanges
from codegen.diff.words import code, joined, values
from codegen.document import Document, Location
from codegen.plain import members
from codegen.written import standalone

_OPERATIONS: tuple[tuple[str, Direction, str], ...] = (
    # AsyncAPI 2.x means `publish` from the client's side.
    ("publish", "client_to_server", "send to"),
    ("subscribe", "server_to_client", "receive from"),
)


class AccessChanges:
    """Compares how one gets into two contracts."""

    def __init__(self, notes: Notes, pairs: Pairs, payloads: PayloadChanges) -> None:
        self._notes = notes
        self._pairs = pairs
        self._payloads = payloads
        self._security = SecurityChanges(notes)

    def compare(self) -> None:
        """Note every change."""
        self._servers()
        for old, new in self._pairs.channels:
            self._operations(old, new)
            self._channel_servers(old, new)
            self._handshake(old, new)

    # --- servers ---

    def _servers(self) -> None:
        before = {server.name: server for server in self._notes.old.contract.servers}
        after = {server.name: server for server in self._notes.new.contract.servers}
        gone = [server for name, server in before.items() if name not in after]
        fresh = [server for name, server in after.items() if name not in before]
        for old in list(gone):
            same = next((s for s in fresh if (s.url, s.protocol) == (old.url, old.protocol)), None)
            if same is not None:
                gone.remove(old)
                fresh.remove(same)
                self._compare_servers(old, same)
        for old in gone:
            reason = f"clients that connect to {code(old.url)} find nothing there: {code(old.name)} is a server no more"
            self._server_note(
                "breaking", "server-removed", reason, old=old, new=None, before=old.url, after=None
            )
        for new in fresh:
            reason = f"clients may connect to {code(new.url)} too"
            self._server_note(
                "compatible", "server-added", reason, old=None, new=new, before=None, after=new.url
            )
        for name, old in before.items():
            if name in after:
                self._compare_servers(old, after[name])

    def _compare_servers(self, old: Server, new: Server) -> None:
        one, other = old.url, new.url
        before, after = (self._server_value(side, server) for side, server in ((0, old), (1, new)))
        if one != other:
            if _pattern(before) == _pattern(after):
                reason = (
                    f"clients that leave what varies in {code(_pattern(after))} open get to {code(other)} now"
                )
                self._server_note(
                    "dangerous",
                    "server-default-changed",
                    reason,
                    old=old,
                    new=new,
                    before=one,
                    after=other,
                    field="variables",
                )
            else:
                path = urlsplit(one).path.rstrip("/") != urlsplit(other).path.rstrip("/")
                kind = "server-path-changed" if path else "server-url-changed"
                reason = f"clients that connect to {code(one)} find nothing: {code(new.name)} is at {code(other)} now"
                self._server_note(
                    "breaking", kind, reason, old=old, new=new, before=one, after=other, field="url"
                )
        if _canonical(old.protocol) != _canonical(new.protocol):
            reason = f"clients that speak {code(old.protocol)} with {code(new.name)} are to speak {code(new.protocol)}"
            self._server_note(
                "breaking",
                "server-protocol-changed",
                reason,
                old=old,
                new=new,
                before=old.protocol,
                after=new.protocol,
            )
        self._variables(old, new, before, after)
        self._security.compare(
            self._security.needs(0, before.get("security")),
            self._security.needs(1, after.get("security")),
            f"connect to {code(new.name)}",
            subject=f"server {new.name}",
            at=(
                self._server_place(0, old, "security"),
                self._server_place(1, new, "security"),
            ),
            direction="client_to_server",
        )

    def _variables(self, old: Server, new: Server, before: dict[str, Json], after: dict[str, Json]) -> None:
        for name, variable in _entries(before.get("variables")):
            now = dict(_entries(after.get("variables"))).get(name)
            allowed, today = _enum(variable), _enum(now)
            if now is None or not today:
                continue
            lost = [value for value in allowed if value not in today]
            if lost or not allowed:
                reason = (
                    f"clients that connect to {code(new.name)} with {values(lost)} as {code(name)} find nothing there"
                    if lost
                    else f"clients may connect to {code(new.name)} with {values(today)} as {code(name)} only"
                )
                self._server_note(
                    "breaking",
                    "server-variable-narrowed",
                    reason,
                    old=old,
                    new=new,
                    before=list(allowed),
                    after=list(today),
                    field="variables",
                )
            elif len(today) > len(allowed):
                reason = f"clients may connect to {code(new.name)} with more values of {code(name)}"
                self._server_note(
                    "compatible",
                    "server-variable-widened",
                    reason,
                    old=old,
                    new=new,
                    before=list(allowed),
                    after=list(today),
                    field="variables",
                )

    def _server_value(self, side: int, server: Server) -> dict[str, Json]:
        document = (self._notes.old, self._notes.new)[side].document
        return members(value_at(document, found(document, "servers", server.name)))

    def _server_place(self, side: int, server: Server | None, field: str | None = None) -> Location | None:
        document = (self._notes.old, self._notes.new)[side].document
        if server is None:
            return None
        whole = found(document, "servers", server.name)
        return (found(document, "servers", server.name, field) if field else None) or whole

    def _server_note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        old: Server | None,
        new: Server | None,
        before: Json,
        after: Json,
        field: str | None = None,
    ) -> None:
        one = new or old
        assert one is not None
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=f"server {one.name}",
            old=before,
            new=after,
            at=(self._server_place(0, old, field), self._server_place(1, new, field)),
        )

    def _channel_servers(self, old: Channel, new: Channel) -> None:
        """Which servers have a channel; all where it does not say."""
        lists: list[list[str]] = []
        for side, channel in ((self._notes.old, old), (self._notes.new, new)):
            listed = members(value_at(side.document, channel.place)).get("servers")
            everywhere = [server.name for server in side.contract.servers]
            lists.append(
                [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else everywhere
            )
        known = [server.name for server in self._notes.new.contract.servers]
        lost = [name for name in lists[0] if name not in lists[1] and name in known]
        if lost:
            self._notes.note(
                "breaking",
                "channel-servers-narrowed",
                f"clients that use {code(new.address)} at {joined(list(map(code, lost)))} find it there no more",
                subject=new.name,
                old=list(lists[0]),
                new=list(lists[1]),
                at=(old.place, new.place),
            )

    # --- what one needs ---

    def _operations(self, old: Channel, new: Channel) -> None:
        for name, direction, verb in _OPERATIONS:
            sides = []
            for side, channel in ((self._notes.old, old), (self._notes.new, new)):
                place = channel.place.child(name) if channel.place is not None else None
                is_there = place is not None and side.document.has(place)
                fields = merged_fields(Context(side.document), place) if place and is_there else {}
                sides.append((fields, place))
            (before, old_place), (after, new_place) = sides
            if not before or not after:
                continue
            self._security.compare(
                self._security.needs(0, value_at(self._notes.old.document, before.get("security"))),
                self._security.needs(1, value_at(self._notes.new.document, after.get("security"))),
                f"{verb} {code(new.name)}",
                subject=f"{new.name}",
                at=(old_place, new_place),
                direction=direction,
                messages=tuple(message.key for message in getattr(new, direction)),
            )

    # --- the handshake ---

    def _handshake(self, old: Channel, new: Channel) -> None:
        """The WebSocket binding of a channel: its method, query and headers."""
        places = []
        for side, channel in ((self._notes.old.document, old), (self._notes.new.document, new)):
            places.append(_binding(side, channel))
        methods = []
        for side, place in zip((self._notes.old.document, self._notes.new.document), places, strict=True):
            method = members(value_at(side, place)).get("method")
            methods.append(method if isinstance(method, str) else "GET")
        if methods[0] != methods[1]:
            self._notes.note(
                "breaking",
                "handshake-method-changed",
                f"clients that open {code(new.name)} with {methods[0]} are refused: it takes {methods[1]} now",
                subject=new.name,
                direction="client_to_server",
                old=methods[0],
                new=methods[1],
                at=(places[0], places[1]),
            )
        for field in ("query", "headers"):
            schemas = []
            for side, place in zip((self._notes.old.document, self._notes.new.document), places, strict=True):
                at = place.child(field) if place is not None else None
                schemas.append(at if at is not None and side.has(at) and _is_schema(side, at) else None)
            self._payloads.schema(
                schemas[0],
                schemas[1],
                "client_to_server",
                f"{field} of the handshake of {code(new.name)}",
                is_handshake=True,
            )


def _binding(document: Document, channel: Channel) -> Location | None:
    if channel.place is None:
        return None
    at = document.follow(channel.place).child("bindings")
    if not document.has(at):
        return None
    at = document.follow(at).child("ws")
    return document.follow(at) if document.has(at) else None


def _is_schema(document: Document, at: Location) -> bool:
    """Whether what a binding says is a schema; one that is none was warned of, and says nothing."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - takes long

    return bool(Draft7Validator(Draft7Validator.META_SCHEMA).is_valid(standalone(document, at)))


def _pattern(server: dict[str, Json]) -> str:
    url = server.get("url")
    return url if isinstance(url, str) else ""


def _canonical(protocol: str) -> str:
    # `http` is how some documents say that a WebSocket begins as a request.
    return {"http": "ws", "https": "wss"}.get(protocol.lower(), protocol.lower())


def _entries(value: Json) -> Iterator[tuple[str, Json]]:
    yield from members(value).items()


def _enum(variable: Json) -> list[Json]:
    listed = members(variable).get("enum")
    return listed if isinstance(listed, list) else []
