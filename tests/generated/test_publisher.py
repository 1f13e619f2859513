"""The publisher: bodies encoded once, framed without being touched."""

from __future__ import annotations

import json

import pytest

from generated.models import Bar, BarsUpdate, TopicAnswer
from generated.publisher import Publisher, encode_update
from generated.runtime.publication import Publication
from generated.topics import BarsTopic
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
def test_frame_is_the_message_of_the_contract(snapshot: bool, epoch: str | None) -> None:
    """The frame is a valid update around the very bytes of the payload, without fields that are not given."""
    publication = Publication(
        "bars",
        "bars:A/B:1",
        "bars.update",
        b'{"time":1,"open":1,"high":1,"low":1,"close":1,"volume":1}',
        snapshot,
    )
    frame = encode_update(publication, seq=7, ts=9, epoch=epoch)
    assert publication.payload in frame
    BarsUpdate.model_validate_json(frame)
    fields = json.loads(frame)
    assert fields.pop("payload") == json.loads(publication.payload)
    expected: dict[str, object] = {"type": "bars.update", "topic": "bars:A/B:1", "seq": 7, "ts": 9}
    if snapshot:
        expected["snapshot"] = True
    if epoch is not None:
        expected["epoch"] = epoch
    assert fields == expected


def test_another_model_is_not_published() -> None:
    """A body of another type is an error at the publisher, whether or not a type checker was asked."""
    sink = Sink()
    with pytest.raises(TypeError, match="expected Bar, not TopicAnswer"):
        Publisher(sink).bars_update(BarsTopic("AAPL"), TopicAnswer(status="ok", message="", topic=""))  # type: ignore[arg-type]
    assert sink.got == []
