"""Topics: addresses built, parsed, and found in messages."""

from __future__ import annotations

import pytest

from generated.models import BarsSelection, BarsSubscribe, BookSelection
from generated.runtime.errors import TopicError
from generated.topics import BarsTopic, OrderbookTopic, SessionTopic, parse_topic


def test_address_is_built_of_parameters_and_defaults() -> None:
    """A parameter with a default may be left out."""
    assert BarsTopic("AAPL").address == "bars:AAPL:1"
    assert str(BarsTopic("EUR/USD", "60")) == "bars:EUR/USD:60"


def test_spellings_of_one_value_are_one_topic() -> None:
    """Aliases are normalised, so that equal topics are equal."""
    assert BarsTopic("AAPL", "D") == BarsTopic("AAPL", "1D")
    assert BarsTopic("AAPL", "D").resolution == "1D"
    assert len({BarsTopic("AAPL", "W"), BarsTopic("AAPL", "1W")}) == 1


@pytest.mark.parametrize(
    ("symbol", "resolution", "parameter"),
    [
        ("", "1", "symbol"),
        ("A:B", "1", "symbol"),
        ("A\n", "1", "symbol"),
        ("AAPL", "0", "resolution"),
        ("AAPL", "", "resolution"),
    ],
)
def test_values_that_are_not_allowed_are_refused_by_name(
    symbol: str, resolution: str, parameter: str
) -> None:
    """The error names the parameter."""
    with pytest.raises(TopicError, match=f"^{parameter}: ") as caught:
        BarsTopic(symbol, resolution)
    assert caught.value.parameter == parameter
    assert isinstance(caught.value, ValueError)


def test_numbers_stand_in_addresses_as_text() -> None:
    """A parameter of integers is text in a topic, whatever a message calls it, and only the listed ones are."""
    assert OrderbookTopic("AAPL").address == "orderbook:AAPL:25"
    assert OrderbookTopic.of_payload(BookSelection(symbol="AAPL", depth=100)) == OrderbookTopic("AAPL", "100")
    assert OrderbookTopic.parse("orderbook:AAPL:1000").depth == "1000"
    with pytest.raises(TopicError, match=r"^depth: '7' is none of: 10, 25, 100, 500, 1000$"):
        parse_topic("orderbook:AAPL:7")


@pytest.mark.parametrize("value", [10, None, ["10"]])
def test_values_that_are_no_text_are_refused_by_name(value: object) -> None:
    """What is not even text is refused as what is not allowed is."""
    with pytest.raises(TopicError, match=f"^depth: expected str, not {type(value).__name__}$") as caught:
        OrderbookTopic("AAPL", value)  # type: ignore[arg-type]
    assert caught.value.parameter == "depth"


def test_parsing_gives_back_what_was_built() -> None:
    """An address says all there is to a topic; other spellings of it give the same one."""
    topic = BarsTopic("BRK.B", "15")
    assert BarsTopic.parse(topic.address) == topic
    assert parse_topic("bars:AAPL:D") == BarsTopic("AAPL", "1D")
    assert parse_topic("session") == SessionTopic()


@pytest.mark.parametrize(
    "address", ["bars", "bars:AAPL", "bars:AAPL:1:2", "candles:AAPL", "orderbook:AAPL:7", "", "session:1"]
)
def test_addresses_of_no_channel_are_refused(address: str) -> None:
    """What is no topic is an error, not a guess."""
    with pytest.raises(TopicError):
        parse_topic(address)


def test_messages_and_payloads_say_their_topic() -> None:
    """Parameters with a location are found in requests and in their payloads."""
    selection = BarsSelection(symbol="AAPL")
    assert BarsTopic.of_payload(selection) == BarsTopic("AAPL", "1")
    assert BarsTopic.of(BarsSubscribe(payload=selection)) == BarsTopic("AAPL", "1")
