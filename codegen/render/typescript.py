"""Render the TypeScript package: what the contract makes of it, beside what is copied as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import jinja2

from codegen.contract import Contract
from codegen.render.typescript_client import ClientView, client_view
from codegen.render.typescript_hooks import HooksView, hooks_view
from codegen.render.typescript_sockets import PathClientView, SocketView, path_client_view
from codegen.render.typescript_topics import topic_views
from codegen.render.typescript_types import Types, doc, literal, property_name
from codegen.render.typescript_usage import (
    coming_back_usage,
    default_url,
    entry_description,
    held_usage,
    hook_usage,
    package_version,
    usage,
)

_RUNTIME = FilePath(__file__).parent.parent / "runtime" / "typescript"
_SHARED = ("emitter", "errors", "link", "pending", "queue", "timing", "transport")
_ENVELOPE = (
    "client",
    "connection",
    "held",
    "progress",
    "protocol",
    "shared-topic",
    "subscriptions",
)
_PATHS = ("socket",)
_HOOKS = ("persist", "react", "store", "view", "vue")
_PEERS = ("react", "vue")
"""Packages that an entry point needs and the rest does not."""


def render_typescript(contract: Contract, environment: jinja2.Environment) -> dict[str, str]:
    """The files of the package by their path below the output folder."""
    client: ClientView | PathClientView
    hooks, hooks_used = None, {}
    if contract.envelope is None:
        client = path_client_view(contract)
    else:
        client = client_view(contract, contract.envelope)
        hooks = hooks_view(contract, client)
        hooks_used = hook_usage(contract, client, hooks) if hooks else {}
    topics = topic_views(contract)
    types = Types(contract.schemas)
    context: dict[str, Any] = {
        "contract": contract,
        "client": client,
        "hooks": hooks,
        "entry_points": [
            *(_PEERS if hooks else ()),
            *(entry.name for entry in contract.entries if entry.exported),
        ],
        "topics": topics,
        "declarations": [types.declaration(schema) for schema in contract.schemas],
        "version": package_version(contract.version),
        "usage": usage(contract, client),
        "coming_back_usage": coming_back_usage(),
        "held_usage": held_usage(contract, client),
        "hook_usage": hooks_used,
        "entry_description": entry_description,
        "default_url": default_url(contract.servers),
        "deliveries": [(c.name_camel, c.delivery) for c in contract.channels if c.delivery],
        "accesses": list(_accesses(contract)),
        "cell": _cell,
        "doc": doc,
        "literal": literal,
        "property_name": property_name,
        "json_string": _json_string,
    }
    context |= _exports(contract, client)
    names = [
        "typescript/package.json",
        "typescript/tsconfig.json",
        "typescript/README.md",
        "typescript/src/index.ts",
        "typescript/src/models.ts",
        "typescript/src/messages.ts",
        "typescript/src/constants.ts",
        "typescript/src/client.ts",
    ]
    if topics:
        names.append("typescript/src/topics.ts")
    if hooks:
        names += [f"typescript/src/{peer}.ts" for peer in _PEERS]
    rendered = {name: environment.get_template(f"{name}.jinja").render(context) for name in names}
    return rendered | dict(_runtime(contract, hooks)) | dict(_entries(contract))


def _runtime(contract: Contract, hooks: HooksView | None) -> Iterator[tuple[str, str]]:
    names = {*_SHARED, *(_PATHS if contract.envelope is None else _ENVELOPE)}
    if topic_views(contract):
        names.add("topic")
    if hooks:
        names |= {*_HOOKS, *(f"peers/{peer}.d" for peer in _PEERS)}
    for name in sorted(names):
        text = (_RUNTIME / f"{name}.ts").read_text(encoding="utf-8")
        yield f"typescript/src/runtime/{name}.ts", text


def _entries(contract: Contract) -> Iterator[tuple[str, str]]:
    """The modules that were written by hand, each with a first line that says where."""
    for entry in contract.entries:
        head = f"// Generated from {contract.source}. Do not edit; this is a copy of {entry.path} beside it."
        yield f"typescript/src/{entry.name}.ts", f"{head}\n\n{entry.text}"


def _accesses(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Of each channel that is not for everybody: its name, and the literals of what a token must grant."""
    for channel in contract.channels:
        if channel.access is not None:
            names = {parameter.name: parameter.typescript_name for parameter in channel.parameters}
            parameter = names.get(channel.access.parameter or "")
            scopes = ", ".join(map(_json_string, channel.access.scopes))
            yield channel.name_camel, f"[{scopes}]", "null" if parameter is None else _json_string(parameter)


def _json_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    """The first paragraph of a text, for a cell of a Markdown table."""
    return " ".join(text.strip().split("\n\n")[0].split()).replace("|", "\\|")


def _socket_types(socket: SocketView) -> list[str]:
    names = [socket.parameters_name] if socket.parameters else []
    names += [socket.query_name] if socket.query else []
    return [*names, socket.events_name]


def _exports(contract: Contract, client: ClientView | PathClientView) -> dict[str, Any]:
    """The names that the package's entry module passes on, and what the client's module imports."""
    constants = ["CONTRACT_VERSION"]
    constants += ["DEFAULT_URL"] if default_url(contract.servers) is not None else []
    constants += ["HEARTBEAT"] if contract.heartbeat else []
    constants += ["LIMITS"] if contract.limits else []
    constants += ["DELIVERY"] if any(channel.delivery for channel in contract.channels) else []
    constants += ["ACCESS"] if any(channel.access for channel in contract.channels) else []
    constants += ["CLOSE_CODES"] if contract.close_codes else []
    if isinstance(client, ClientView):
        return {
            "constants": constants,
            "client_exports": [client.class_name],
            "client_type_exports": [channel.class_name for channel in client.channels],
        }
    types = [name for socket in client.sockets for name in _socket_types(socket)]
    return {
        "constants": constants,
        "client_exports": [client.class_name, *(socket.class_name for socket in client.sockets)],
        "client_type_exports": types,
        "uses_models": any(socket.events or socket.requests for socket in client.sockets),
        "uses_requests": any(socket.requests for socket in client.sockets),
    }
