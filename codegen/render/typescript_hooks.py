"""What the templates of the React and Vue entry points lay out: a hook for each channel with topics."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.contract import Channel, Contract
from codegen.render.typescript_client import ChannelView, ClientView
from codegen.render.typescript_common import free


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
    is_tape: bool
    """Whether the last bodies are shown rather than the latest: where each is one of its own, none may be skipped."""

    @property
    def shape(self) -> str:
        """The type of what is shown."""
        return f"{'Tape' if self.is_tape else 'Latest'}<{self.body}>"

    @property
    def kind(self) -> str:
        """How what is shown is made, as an expression."""
        return f"tapeKind<{self.body}>(options)" if self.is_tape else f"latestKind<{self.body}>()"

    @property
    def documentation(self) -> str:
        """What the function does, for those who call it."""
        shown = (
            "the last updates, the newest first; as many as `options.limit` says, 100 if it does not"
            if self.is_tape
            else "the latest update"
        )
        chosen = " Nothing is subscribed to while `selection` is null or undefined." if self.selection else ""
        return f"{self.description}\n\nShows {shown}.{chosen} All components that show the same share one subscription."


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
        found = {"tapeKind" if hook.is_tape else "latestKind" for hook in self.hooks}
        return tuple(sorted(found))

    @property
    def types(self) -> tuple[str, ...]:
        """What is imported from there as types, and passed on."""
        shapes = {
            name for hook in self.hooks for name in (("Tape", "TapeOptions") if hook.is_tape else ("Latest",))
        }
        return tuple(sorted({"ConnectionState"} | shapes))

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
    return HookView(
        name=free(channel.hook, "Channel", taken),
        channel=view.name,
        description=view.description.strip().split("\n\n")[0] or view.place,
        selection=view.topic.method.payload,
        body=view.topic.body,
        is_tape=channel.delivery == "lossless" and channel.state is None,
    )
