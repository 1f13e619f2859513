"""Who may, in words: what a client needs that uses a channel."""

from __future__ import annotations

from codegen.contract import Channel, Contract
from codegen.render.reference_markdown import code


def who_may(contract: Contract, channel: Channel) -> str:
    """One sentence; empty where everybody may."""
    if not channel.security:
        return ""
    titles = {scheme.name: scheme.title for scheme in contract.schemes}
    needed = " or ".join(
        f"{code(name)} ({titles[name]})" if titles.get(name) else code(name) for name in channel.security
    )
    granted = _granted(channel)
    return f"For clients whose {needed} {granted}." if granted else f"For clients with {needed}."


def _granted(channel: Channel) -> str:
    access = channel.access
    if access is None:
        return ""
    granted = []
    if access.scopes:
        word = "scope" if len(access.scopes) == 1 else "scopes"
        granted.append(f"has the {word} {', '.join(map(code, access.scopes))}")
    if access.parameter:
        granted.append(f"names the topic's {code(access.parameter)}")
    return " and ".join(granted)
