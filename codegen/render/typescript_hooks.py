"""What the templates of the React and Vue entry points lay out: a hook for each channel with topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from codegen.contract import Channel, Contract
from codegen.render.typescript_client import ChannelView, ClientView
from codegen.render.typescript_common import free
from codegen.render.typescript_types import literal


@dataclass(frozen=True, slots=True)
class HookView:
    """The function by which a component shows a topic."""

    name: str
    channel: str
    """The channel's name in the client."""
    description: str
    selection: str
    """Type of what says which topic; empty where the channel has but one."""
    body: str
    kind: Literal["latest", "keyed", "tape"]
    """What is shown: the latest body; the latest of each key, where the contract names one; or the last few, where each
    is one of its own and none may be skipped."""
    key: str | None
    holds: bool
    """Whether updates are changes, and what is shown is what they have made."""

    @property
    def has_options(self) -> bool:
        """Whether several bodies are shown, and the caller may say how many."""
        return self.kind != "latest"

    @property
    def shape(self) -> str:
        """The type of what is shown."""
        return f"{'Tape' if self.has_options else 'Latest'}<{self.body}>"

    @property
    def maker(self) -> str:
        """What makes it, as an expression."""
        given = [literal(self.key)] if self.key is not None else []
        given += ["options"] if self.has_options else []
        return f"{self.kind}Kind<{self.body}>({', '.join(given)})"

    @property
    def shows(self) -> str:
        """What is shown, for people."""
        most = "as many as the option `limit` says, 100 if it does not"
        return {
            "latest": "all that the topic holds" if self.holds else "the latest update",
            "keyed": f"the latest update of each `{self.key}`, the greatest first; {most}",
            "tape": f"the last updates, the newest first; {most}",
        }[self.kind]

    @property
    def documentation(self) -> str:
        """What the function does, for those who call it."""
        chosen = " Nothing is subscribed to while `selection` is null or undefined." if self.selection else ""
        shared = "All components that show the same share one subscription."
        return f"{self.description}\n\nShows {self.shows}.{chosen} {shared}"


@dataclass(frozen=True, slots=True)
class HooksView:
    """What both entry points offer."""

    client: str
    """Class of the client."""
    provider: str
    """React's component that hands the client on."""
    provide: str
    """Vue's function that does."""
    use_client: str
    connection: str
    hooks: tuple[HookView, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is imported from `runtime/view.js`."""
        return tuple(sorted({f"{hook.kind}Kind" for hook in self.hooks}))

    @property
    def types(self) -> tuple[str, ...]:
        """What is imported from there as types, and passed on."""
        named = {"ConnectionState"}
        for hook in self.hooks:
            named |= {"Tape", "TapeOptions"} if hook.has_options else {"Latest"}
        return tuple(sorted(named))

    @property
    def take_selections(self) -> bool:
        """Whether any hook has to be told which topic."""
        return any(hook.selection for hook in self.hooks)


def hooks_view(contract: Contract, client: ClientView) -> HooksView | None:
    """What the entry points offer; None where no channel has topics, and there are no such entry points."""
    use_client, connection = f"use{client.class_name}", "useConnectionState"
    taken = {use_client, connection, f"{contract.client_name}Provider", f"provide{client.class_name}"}
    by_address = {channel.address: channel for channel in contract.channels}
    hooks = tuple(
        _hook(by_address[view.address], view, taken) for view in client.channels if view.topic is not None
    )
    if not hooks:
        return None
    return HooksView(
        client=client.class_name,
        provider=f"{contract.client_name}Provider",
        provide=f"provide{client.class_name}",
        use_client=use_client,
        connection=connection,
        hooks=hooks,
    )


def _hook(channel: Channel, view: ChannelView, taken: set[str]) -> HookView:
    assert view.topic is not None
    kind = _kind(channel)
    return HookView(
        name=free(channel.hook, "Channel", taken),
        channel=view.name,
        description=view.description.strip().split("\n\n")[0] or view.place,
        selection=view.topic.method.payload,
        body=view.topic.body,
        kind=kind,
        key=channel.delivery_key if kind == "keyed" else None,
        holds=channel.state is not None,
    )


def _kind(channel: Channel) -> Literal["latest", "keyed", "tape"]:
    if channel.state is not None:
        return "latest"
    if channel.delivery == "lossless":
        # Whoever comes is sent the last update alone: so each is all there is, and stands for those before it.
        whole = channel.snapshot == "subscribe" and channel.delivery_key is None
        return "latest" if whole else "tape"
    return "keyed" if channel.delivery_key else "latest"
