"""The package's version, its default address, and lines that show its use."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codegen.contract import Contract, Json, Server
from codegen.render.typescript_client import ChannelView, ClientView
from codegen.render.typescript_hooks import HooksView
from codegen.render.typescript_sockets import PathClientView
from codegen.render.typescript_types import literal, property_name


def package_version(version: str) -> str:
    """The contract's version as npm takes it: `v1` is `1.0.0`; `0.0.0` where there is no number in it."""
    whole = re.match(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?", version.strip())
    if whole is None:
        return "0.0.0"
    numbers = [str(int(part or 0)) for part in whole.groups()[:3]]
    pre = re.fullmatch(
        r"-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*",
        whole[4] or "",
    )
    return ".".join(numbers) + (pre[0] if pre else "")


def default_url(servers: Iterable[Server]) -> str | None:
    """The address of the first server that speaks WebSocket; None where there is no whole one."""
    for server in servers:
        protocol = server.protocol.lower()
        if protocol in ("ws", "wss", "http", "https") and "{" not in server.url:
            return server.url if "://" in server.url else f"{protocol}://{server.url.lstrip('/')}"
    return None


def usage(contract: Contract, client: ClientView | PathClientView) -> str:
    """A short program for the package's README."""
    new = f"const client = new {client.class_name}({'' if default_url(contract.servers) else 'url'});"
    head = f'import {{ {client.class_name} }} from "{contract.package_name}";\n\n{new}\n'
    if isinstance(client, PathClientView):
        return head + _socket_usage(client)
    for channel in client.channels:
        if channel.topic is not None:
            return head + _topic_usage(contract, channel)
    for channel in client.channels:
        for request in channel.requests:
            given = "…" if request.payload else ""
            return f"{head}const answer = await client.{channel.name}.{request.name}({given});\n"
    return head


def _topic_usage(contract: Contract, channel: ChannelView) -> str:
    assert channel.topic is not None
    selection = _selection(contract, channel) if channel.topic.method.payload else ""
    subscribe = f"await client.{channel.name}.subscribe"
    first = f"{selection}, " if selection else ""
    return (
        f"const subscription = {subscribe}({first}(body) => {{\n"
        "  console.log(body);\n"
        "});\n"
        "await subscription.unsubscribe();\n\n"
        "// Or one after another:\n"
        f"for await (const body of {subscribe}({selection})) {{\n"
        "  console.log(body);\n"
        "}\n"
    )


def coming_back_usage() -> str:
    """Lines that hear of the connection, and of what was missed."""
    return (
        "client.onState((state, reason) => console.log(state, reason?.message));\n"
        "client.onHole(({ topic, after, seq }) => console.log(`${topic}: missed all after ${after}, up to ${seq}`));\n"
    )


def held_usage(contract: Contract, client: ClientView | PathClientView) -> str:
    """Lines that show a channel whose updates are changes; empty where there is none."""
    states = {channel.address: channel.state for channel in contract.channels}
    for channel in client.channels if isinstance(client, ClientView) else ():
        state = states[channel.address]
        if state is not None and channel.topic is not None:
            names = [property_name(name) for name, _ in state.lists]
            members = [name if name.isidentifier() else f"[{name}]" for name in names]
            shown = (
                ", ".join(f"body?.{member}[0]" for member in members).replace("?.[", "[").replace("?.", ".")
            )
            selection = _selection(contract, channel) + ", " if channel.topic.method.payload else ""
            return (
                f"const held = await client.{channel.name}.subscribe({selection}(body) => {{\n"
                f"  console.log({shown});\n"
                "});\n"
                f"console.log(held.latest?.{members[0]});\n"
            )
    return ""


def _selection(contract: Contract, channel: ChannelView) -> str:
    assert contract.envelope is not None
    assert channel.topic is not None
    for message in contract.messages:
        if message.action == "subscribe" and f"models.{message.body}" == channel.topic.method.payload:
            for example in message.examples:
                payload: Json = (
                    example.payload.get(contract.envelope.payload)
                    if isinstance(example.payload, dict)
                    else None
                )
                if payload is not None:
                    return literal(payload)
    return "…"


def hook_usage(contract: Contract, client: ClientView, hooks: HooksView) -> dict[str, str]:
    """By framework, a short program that shows a topic."""
    hook = hooks.hooks[0]
    channel = next(channel for channel in client.channels if channel.name == hook.channel)
    show = f"{hook.name}({_selection(contract, channel) if hook.selection else ''})"
    package = contract.package_name
    return {
        "react": (
            f'import {{ {hooks.provider}, {hook.name} }} from "{package}/react";\n\n'
            "function Shown() {\n"
            f"  const {{ status, data, error }} = {show};\n"
            "  return <pre>{status} {JSON.stringify(data)} {error?.message}</pre>;\n"
            "}\n\n"
            "root.render(\n"
            f"  <{hooks.provider} client={{client}}>\n"
            "    <Shown />\n"
            f"  </{hooks.provider}>,\n"
            ");\n"
        ),
        "vue": (
            f'import {{ {hooks.provide}, {hook.name} }} from "{package}/vue";\n\n'
            f"{hooks.provide}(client, app);\n\n"
            "// In a component's setup:\n"
            f"const {{ status, data, error }} = {show};\n"
        ),
    }


def entry_description(text: str) -> str:
    """What a module's first comment says, where it begins with one; Markdown."""
    comment = re.match(r"\s*/\*\*(.*?)\*/", text, re.DOTALL)
    lines = [re.sub(r"^\s*\* ?", "", line) for line in comment[1].splitlines()] if comment else []
    return "\n".join(lines).strip()


def _socket_usage(client: PathClientView) -> str:
    for socket in client.sockets:
        values = [
            f"{parameter.field.name.removeprefix('readonly ')}: {_example_value(parameter.field.type)}"
            for parameter in socket.parameters
            if not parameter.field.optional
        ]
        given = f"{{ {', '.join(values)} }}" if values else "{}" if socket.parameters else ""
        return (
            f"const socket = client.{socket.name}({given});\n\n"
            "for await (const message of socket) {\n"
            "  console.log(message);\n"
            "}\n"
        )
    return ""


def _example_value(kind: str) -> str:
    return '"…"' if kind == "string" else kind.split(" | ", 1)[0]
