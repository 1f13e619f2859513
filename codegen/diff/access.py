"""How clients get in: servers and their URLs, the handshake, and what one needs to be let in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from codegen.contract import Channel, Json, Server
from codegen.diff.changes import Direction, Verdict
from codegen.diff.documentation import without_words
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes, found, value_at
from codegen.diff.payloads import PayloadChanges
from codegen.diff.words import code, joined, values
from codegen.document import Document, Location

_OPERATIONS: tuple[tuple[str, Direction, str], ...] = (
    # AsyncAPI 2.x means `publish` from the client's side.
    ("publish", "client_to_server", "send to"),
    ("subscribe", "server_to_client", "receive from"),
)


@dataclass(frozen=True, slots=True)
class _Need:
    """One thing that a client has to have: a kind of credentials, and what they are to allow."""

    scheme: str
    """The security scheme as JSON, without words."""
    name: str
    scopes: frozenset[str]


class AccessChanges:
    """Compares how one gets into two contracts."""

    def __init__(self, notes: Notes, pairs: Pairs, payloads: PayloadChanges) -> None:
        self._notes = notes
        self._pairs = pairs
        self._payloads = payloads

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
        self._security(
            self._needs(0, before.get("security")),
            self._needs(1, after.get("security")),
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
        return _mapping(value_at(document, found(document, "servers", server.name)))

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
            listed = _mapping(value_at(side.document, channel.place)).get("servers")
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
                sides.append((_merged(side.document, place), place))
            (before, old_place), (after, new_place) = sides
            if not before or not after:
                continue
            self._security(
                self._needs(0, before.get("security")),
                self._needs(1, after.get("security")),
                f"{verb} {code(new.name)}",
                subject=f"{new.name}",
                at=(old_place, new_place),
                direction=direction,
                messages=tuple(message.key for message in getattr(new, direction)),
            )

    def _needs(self, side: int, listed: Json) -> list[frozenset[_Need]]:
        """The alternatives of which a client has to meet one; none where nothing is asked."""
        document = (self._notes.old, self._notes.new)[side].document
        found_needs: list[frozenset[_Need]] = []
        for item in listed if isinstance(listed, list) else []:
            if not isinstance(item, dict):
                continue
            needs = []
            for name, scopes in item.items():
                scheme = value_at(document, found(document, "components", "securitySchemes", name))
                asked = frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()
                needs.append(_Need(json.dumps(_scheme(scheme), sort_keys=True), name, asked))
            found_needs.append(frozenset(needs))
        return found_needs

    def _security(
        self,
        before: list[frozenset[_Need]],
        after: list[frozenset[_Need]],
        what: str,
        *,
        subject: str,
        at: tuple[Location | None, Location | None],
        direction: Direction,
        messages: tuple[str, ...] = (),
    ) -> None:
        # Who needs nothing has nothing.
        had = before or [frozenset()]
        asked = after or [frozenset()]
        refused = [one for one in had if not any(_meets(one, other) for other in asked)]
        wider = [one for one in asked if not any(_meets(one, other) for other in had)]
        said = ([_said(one) for one in before], [_said(one) for one in after])
        if refused:
            with_what = " or ".join(map(_said, refused))
            now = " or ".join(map(_said, asked))
            reason = (
                f"clients that {what} with {with_what} are refused: it takes {now} now"
                if before
                else f"clients that {what} without credentials are refused: it takes {now} now"
            )
            self._notes.note(
                "breaking",
                "security-changed" if before else "security-added",
                reason,
                subject=subject,
                direction=direction,
                old=list(said[0]),
                new=list(said[1]),
                at=at,
                messages=messages,
            )
        elif (
            any(not any(_meets(other, one) for one in had) for other in asked)
            or wider
            or bool(before) != bool(after)
        ):
            if not before and not after:
                return
            self._notes.note(
                "compatible",
                "security-removed" if not after else "security-widened",
                f"clients that {what} are let in as before, and others too: it takes "
                + (" or ".join(map(_said, after)) if after else "no credentials")
                + " now",
                subject=subject,
                direction=direction,
                old=list(said[0]),
                new=list(said[1]),
                at=at,
                messages=messages,
            )

    # --- the handshake ---

    def _handshake(self, old: Channel, new: Channel) -> None:
        """The WebSocket binding of a channel: its method, query and headers."""
        places = []
        for side, channel in ((self._notes.old.document, old), (self._notes.new.document, new)):
            places.append(_binding(side, channel))
        methods = []
        for side, place in zip((self._notes.old.document, self._notes.new.document), places, strict=True):
            method = _mapping(value_at(side, place)).get("method")
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
                schemas.append(at if at is not None and side.has(at) else None)
            self._payloads.schema(
                schemas[0], schemas[1], "client_to_server", f"{field} of the handshake of {code(new.name)}"
            )


def _binding(document: Document, channel: Channel) -> Location | None:
    if channel.place is None:
        return None
    at = document.follow(channel.place).child("bindings")
    if not document.has(at):
        return None
    at = document.follow(at).child("ws")
    return document.follow(at) if document.has(at) else None


def _merged(document: Document, place: Location | None) -> dict[str, Json]:
    """An operation with its traits."""
    value = _mapping(value_at(document, place))
    if place is None or not value:
        return {}
    merged = dict(value)
    inside = document.follow(place).child("traits")
    traits = value.get("traits")
    for index in range(len(traits) if isinstance(traits, list) else 0):
        merged |= _mapping(value_at(document, inside.child(index)))
    return merged


def _meets(has: frozenset[_Need], asked: frozenset[_Need]) -> bool:
    """Whether who has the one is let in where the other is asked for."""
    return all(any(own.scheme == need.scheme and own.scopes >= need.scopes for own in has) for need in asked)


def _said(needs: frozenset[_Need]) -> str:
    if not needs:
        return "no credentials"
    parts = []
    for need in sorted(needs, key=lambda need: need.name):
        scopes = f" ({', '.join(sorted(need.scopes))})" if need.scopes else ""
        parts.append(f"`{need.name}`{scopes}")
    return " and ".join(parts)


def _scheme(value: Json) -> Json:
    """A security scheme without words, and without the scopes that there are."""
    cleaned = without_words(value)
    if isinstance(cleaned, dict) and isinstance(cleaned.get("flows"), dict):
        flows = {
            name: {key: item for key, item in flow.items() if key != "scopes"}
            if isinstance(flow, dict)
            else flow
            for name, flow in _mapping(cleaned["flows"]).items()
        }
        return {**cleaned, "flows": flows}
    if isinstance(cleaned, dict):
        cleaned.pop("bearerFormat", None)
    return cleaned


def _pattern(server: dict[str, Json]) -> str:
    url = server.get("url")
    return url if isinstance(url, str) else ""


def _canonical(protocol: str) -> str:
    # `http` is how some documents say that a WebSocket begins as a request.
    return {"http": "ws", "https": "wss"}.get(protocol.lower(), protocol.lower())


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _entries(value: Json) -> Iterator[tuple[str, Json]]:
    yield from _mapping(value).items()


def _enum(variable: Json) -> list[Json]:
    listed = _mapping(variable).get("enum")
    return listed if isinstance(listed, list) else []
