"""Ten changes of the contract whose verdicts are known, because each was chosen for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.acceptance.editing import Change, Tree, at, listed, schema


@dataclass(frozen=True, slots=True)
class Planted:
    """A change, and what is true of it."""

    change: Change
    verdict: str
    direction: str | None
    where: str
    """In the path or the messages that the verdict names."""
    who: str
    """A regular expression: who breaks and how, or why nobody does."""

    @property
    def name(self) -> str:
        """What the change is called."""
        return self.change.__name__


def properties(document: dict[str, Tree], name: str) -> dict[str, Tree]:
    """The properties of a shared schema."""
    return at(schema(document, name), "properties")


# --- what clients send ---


def narrow_a_range(document: dict[str, Tree]) -> None:
    """At most 1000 bars of the past at once, where there were 5000."""
    at(properties(document, "BarsHistory"), "limit")["maximum"] = 1000


def require_a_property(document: dict[str, Tree]) -> None:
    """Who asks for symbols has to say what they contain."""
    schema(document, "SymbolsQuery")["required"] = ["query"]
    # The examples are made to fit, as their author would have to.
    at(listed(document, "components", "messages", "symbols.list", "examples")[0], "payload", "payload")[
        "query"
    ] = "A"


def drop_a_property(document: dict[str, Tree]) -> None:
    """The end of the past cannot be chosen any more; who still sends it is not refused."""
    properties(document, "BarsHistory").pop("to")


def change_a_default(document: dict[str, Tree]) -> None:
    """Who does not say how many bars gets fewer than before."""
    at(properties(document, "BarsHistory"), "limit")["default"] = 100


def widen_an_enum(document: dict[str, Tree]) -> None:
    """An order book may be asked for in one depth more."""
    listed(document, "components", "schemas", "Depth", "enum").append(50)


def offer_a_property(document: dict[str, Tree]) -> None:
    """Who asks for symbols may say of which kind."""
    properties(document, "SymbolsQuery")["kind"] = {
        **{"type": "string", "maxLength": 16, "description": "Only symbols of this kind."}
    }


# --- what clients receive ---


def send_another_value(document: dict[str, Tree]) -> None:
    """Of a trade it may not be known who took the other's offer."""
    listed(document, "components", "schemas", "Trade", "properties", "side", "enum").append("unknown")


def leave_a_property_out(document: dict[str, Tree]) -> None:
    """A quote need not tell the change any more."""
    listed(schema(document, "Quote"), "required").remove("change")


def remember_less(document: dict[str, Tree]) -> None:
    """A client that was away for long finds fewer trades to recover."""
    at(document, "channels", "trades:{symbol}", "x-history")["updates"] = 100


def send_another_open_value(document: dict[str, Tree]) -> None:
    """One kind of symbol more, of those of which the contract says that more will come."""
    listed(document, "components", "schemas", "SymbolInfo", "properties", "type", "x-open-enum").append(
        "future"
    )


SENT, RECEIVED = "client_to_server", "server_to_client"

TEN = (
    Planted(
        narrow_a_range, "breaking", SENT, "bars.history", r"send .*limit.* may be refused.* at most 1000"
    ),
    Planted(require_a_property, "breaking", SENT, "symbols.list", r"send .*without .*query.* are refused"),
    Planted(drop_a_property, "dangerous", SENT, "bars.history", r"send .*payload\.to\b.* ignored"),
    Planted(change_a_default, "dangerous", SENT, "bars.history", r"leave .*limit.* out mean another .*100"),
    Planted(widen_an_enum, "compatible", SENT, "orderbook.subscribe", r"send .*depth.* as before .*50"),
    Planted(offer_a_property, "compatible", SENT, "symbols.list", r"may send .*kind.* nobody has to"),
    Planted(send_another_value, "breaking", RECEIVED, "trades.update", r"every value of .*side.*unknown"),
    Planted(leave_a_property_out, "breaking", RECEIVED, "quotes.update", r"read .*change.* miss it"),
    Planted(remember_less, "dangerous", RECEIVED, "trades", r"trades.* more than 100 updates cannot recover"),
    Planted(send_another_open_value, "compatible", RECEIVED, "symbols.list.response", r"may grow.*future"),
)
"""Four break, three may mean another thing than before, three harm nobody; six in what clients send, four in what they
receive."""

COMPANIONS = {
    # The example that is made to fit differs, too.
    require_a_property: "compatible",
}
"""Changes beside which something else is told, and its verdict."""


def all_ten(document: dict[str, Tree]) -> None:
    """The ten, one after another."""
    for planted in TEN:
        planted.change(document)


def version(number: str) -> Callable[[dict[str, Tree]], None]:
    """A change of the document's version alone."""

    def change(document: dict[str, Tree]) -> None:
        at(document, "info")["version"] = number

    return change
