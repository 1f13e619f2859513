"""Our own document, built: every decision that the templates rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.build import build
from codegen.contract import Contract, Tag
from codegen.load import load
from codegen.runtime.python.state import HeldState, StateRule

SPEC = Path(__file__).resolve().parents[2] / "spec" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The contract of spec/asyncapi.yaml."""
    return build(load(SPEC), "spec/asyncapi.yaml")


def test_all_channels_share_one_socket(contract: Contract) -> None:
    """Under x-envelope there is one endpoint, at the path of the server's URL, that carries every channel."""
    (endpoint,) = contract.endpoints
    assert (endpoint.path, endpoint.name, endpoint.class_name) == ("/api/v1/ws", "socket", "Socket")
    assert [channel.name for channel in endpoint.channels] == [channel.name for channel in contract.channels]
    assert endpoint.incoming.path == endpoint.outgoing.path == ("type",)
    assert endpoint.incoming.untagged == endpoint.outgoing.untagged == ()


def test_publish_is_what_clients_send(contract: Contract) -> None:
    """The direction is flipped once, here: `publish` becomes client to server."""
    bars = next(channel for channel in contract.channels if channel.name == "bars")
    assert "bars.subscribe" in [message.key for message in bars.client_to_server]
    assert "bars.update" in [message.key for message in bars.server_to_client]


def test_a_request_knows_its_answer(contract: Contract) -> None:
    """`x-response`, `x-action`, the correlation id, the body and the method of a request."""
    request = contract.message("bars.subscribe")
    assert request.schema == "BarsSubscribe"
    assert request.tag == Tag(("type",), "bars.subscribe")
    assert request.body == "BarsSelection"
    assert request.response == "bars.subscribe.response"
    assert request.action == "subscribe"
    assert request.correlation == ("id",)
    assert request.method == "subscribe"
    assert [example.name for example in request.examples][:1] == ["oneMinute"]


def test_an_answer_says_yes_or_no(contract: Contract) -> None:
    """An answer's payload is told apart into what it is when all went well, and the envelope's problem."""
    answer = contract.message("bars.subscribe.response")
    assert answer.body == "BarsSubscribeResponsePayload"
    assert (answer.ok, answer.can_fail) == ("TopicAnswer", True)
    assert contract.envelope is not None
    assert contract.envelope.problem == "Problem"
    assert contract.envelope.problem_tag == Tag(("status",), "error")


def test_a_parameter_says_all_that_its_schema_says(contract: Contract) -> None:
    """Pattern and default come from the referenced schema, location and aliases from the parameter."""
    bars = next(channel for channel in contract.channels if channel.name == "bars")
    resolution = bars.parameters[1]
    assert resolution.name == "resolution"
    assert resolution.default == "1"
    assert resolution.pattern is not None
    assert resolution.location == ("payload", "resolution")
    assert ("D", "1D") in resolution.aliases


def test_no_name_is_numbered(contract: Contract) -> None:
    """Every schema has a name in words; none is told from another by a number."""
    assert [schema.name for schema in contract.schemas if any(map(str.isdigit, schema.name))] == []


def test_heartbeat_and_close_codes_are_read(contract: Contract) -> None:
    """What the document says about silence and about closing arrives whole."""
    assert contract.heartbeat is not None
    assert contract.heartbeat.interval_ms == 30_000
    assert contract.heartbeat.request == "ping"
    assert {code.client for code in contract.close_codes} == {"reconnect", "stop"}


def test_checksums_in_examples_are_right(contract: Contract) -> None:
    """The checksums that the document shows are those of what a client holds after each example in turn."""
    found = 0
    for channel in contract.channels:
        if (state := channel.state) is None:
            continue
        held = HeldState(StateRule(state.key, state.value, dict(state.lists), state.checksum))
        for example in (example for update in channel.updates for example in update.examples):
            frame: Any = example.payload
            changes = {
                name: [(item[state.key], item[state.value]) for item in frame["payload"][name]]
                for name, _ in state.lists
            }
            held.apply(changes, snapshot=frame.get("snapshot") is True)
            assert frame["checksum"] == held.checksum()
            found += 1
    assert found >= 2
