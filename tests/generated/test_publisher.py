"""The publisher: bodies encoded once, framed without being touched."""

from __future__ import annotations

import json

import pytest

from generated.constants import ENVELOPE, STATE
from generated.models import Bar, BarsUpdate, Book, Level, OrderbookUpdate, TopicAnswer
from generated.publisher import Publications, Publisher, encode_update
from generated.runtime.envelope import Envelope
from generated.runtime.publication import Framing, Publication
from generated.runtime.state import StateRule
from generated.topics import BarsTopic, OrderbookTopic, TradesTopic
from tests.generated.market import bar


class Sink:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.got: list[Publication] = []

    def publish(self, publication: Publication) -> None:
        """Keep it."""
        self.got.append(publication)


def test_publication_says_channel_topic_type_and_body() -> None:
    """What a sink gets is complete, and its payload is the body alone."""
    sink = Sink()
    Publisher(sink).bars_update(BarsTopic("AAPL", "D"), bar(3), snapshot=True)
    [publication] = sink.got
    assert (publication.channel, publication.topic, publication.type) == (
        "bars",
        "bars:AAPL:1D",
        "bars.update",
    )
    assert publication.snapshot is True
    assert Bar.model_validate_json(publication.payload) == bar(3)


@pytest.mark.parametrize("snapshot", [True, False])
@pytest.mark.parametrize("epoch", [None, 'e"1'])
@pytest.mark.parametrize("seq_from", [None, 0, 5])
def test_frame_is_the_message_of_the_contract(
    snapshot: bool, epoch: str | None, seq_from: int | None
) -> None:
    """The frame is a valid update around the very bytes of the payload, without fields that are not given."""
    publication = Publication(
        "bars",
        "bars:A/B:1",
        "bars.update",
        b'{"time":1,"open":1,"high":1,"low":1,"close":1,"volume":1}',
        snapshot,
    )
    frame = encode_update(publication, seq=7, ts=9, epoch=epoch, seq_from=seq_from)
    assert publication.payload in frame
    BarsUpdate.model_validate_json(frame)
    fields = json.loads(frame)
    assert fields.pop("payload") == json.loads(publication.payload)
    expected: dict[str, object] = {"type": "bars.update", "topic": "bars:A/B:1", "seq": 7, "ts": 9}
    if seq_from is not None:
        expected["seq_from"] = seq_from
    if snapshot:
        expected["snapshot"] = True
    if epoch is not None:
        expected["epoch"] = epoch
    assert fields == expected


def test_seq_from_follows_seq() -> None:
    """A frame that stands for several updates differs from the plain one by one field, right after `seq`."""
    publication = Publication("bars", "bars:A:1", "bars.update", b"{}")
    plain = encode_update(publication, seq=7, ts=9)
    assert plain == b'{"type":"bars.update","topic":"bars:A:1","seq":7,"ts":9,"payload":{}}'
    folded = encode_update(publication, seq=7, ts=9, seq_from=5)
    assert folded == plain.replace(b'"seq":7', b'"seq":7,"seq_from":5')


def test_changes_say_what_the_payload_says() -> None:
    """Where updates change lists, the publication tells the changes by list, in the payload's order."""
    sink = Sink()
    publish = Publisher(sink)
    book = Book(bids=[Level(price=2, size=1.5), Level(price=1, size=0)], asks=[])
    publish.orderbook_update(OrderbookTopic("AAPL"), book, snapshot=True)
    publish.bars_update(BarsTopic("AAPL"), bar(3))
    [changed, whole] = sink.got
    assert changed.changes == {"bids": [(2, 1.5), (1, 0)], "asks": []}
    assert Book.model_validate_json(changed.payload) == book
    assert whole.changes is None


def test_state_is_told_by_channel() -> None:
    """The rule by which a channel's updates change what is held; channels that have none are not there."""
    rule = StateRule("price", "size", {"bids": "descending", "asks": "ascending"}, checksum=10)
    assert dict(STATE) == {"orderbook": rule}
    assert list(STATE["orderbook"].lists) == ["bids", "asks"]


def test_a_checksum_is_written_where_it_is_given() -> None:
    """A frame carries the checksum that it is given, 0 too, and none where none is given."""
    publication = Publication("orderbook", "orderbook:A:25", "orderbook.update", b'{"bids":[],"asks":[]}')
    plain = json.loads(encode_update(publication, seq=7, ts=9))
    for checksum in (0, 4_294_967_295):
        frame = encode_update(publication, seq=7, ts=9, checksum=checksum)
        OrderbookUpdate.model_validate_json(frame)
        assert json.loads(frame) == {**plain, "checksum": checksum}


def test_fields_that_an_envelope_lacks_are_not_written() -> None:
    """A frame has the fields of its envelope alone, by their names there, whatever signs those hold."""
    small = Framing(Envelope(type="t", payload="100%", error="e", problem=(("s",), "no")))
    given = Publication("c", "c:1", "c.update", b"[1]", snapshot=True)
    assert (
        small.update(given, seq=1, ts=2, epoch="x", seq_from=1, checksum=5) == b'{"t":"c.update","100%":[1]}'
    )
    odd = Framing(Envelope(type="%d", payload='"', error="e", problem=(("s",), "no"), seq="%b", ts="%%"))
    assert odd.update(given, seq=1, ts=2) == b'{"%d":"c.update","%b":1,"%%":2,"\\"":[1]}'


def test_frames_of_very_many_topics() -> None:
    """However many topics are published to, each frame says its own; memory for their names is bounded."""
    framing = Framing(ENVELOPE)
    for number in (*range(20_000), *range(3)):
        frame = framing.update(Publication("c", f"c:{number}", "c.update", b"0"), seq=1, ts=2)
        assert frame == b'{"type":"c.update","topic":"c:%d","seq":1,"ts":2,"payload":0}' % number
    assert len(framing._heads) <= 16_384


def test_another_model_is_not_published() -> None:
    """A body of another type is an error at the publisher, whether or not a type checker was asked."""
    sink = Sink()
    with pytest.raises(TypeError, match="expected Bar, not TopicAnswer"):
        Publisher(sink).bars_update(BarsTopic("AAPL"), TopicAnswer(status="ok", message="", topic=""))  # type: ignore[arg-type]
    assert sink.got == []


@pytest.mark.parametrize(
    ("topic", "named"), [(TradesTopic("AAPL"), "TradesTopic"), ("bars:AAPL:1", "str"), (None, "NoneType")]
)
def test_a_topic_of_another_channel_is_not_published_to(topic: object, named: str) -> None:
    """What its subscribers could not read is an error at the publisher; so is what is no topic at all."""
    sink = Sink()
    with pytest.raises(TypeError, match=f"^expected BarsTopic, not {named}$"):
        Publisher(sink).bars_update(topic, bar(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"^expected BarsTopic, not {named}$"):
        Publications.bars_update(topic, bar(1))  # type: ignore[arg-type]
    assert sink.got == []
