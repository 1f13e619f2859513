"""What the document says of a channel's topics, and of what a package ships beside them, built and rendered."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from codegen.build import build, build_with_warnings
from codegen.contract import Access, Channel, Contract, Entry, State
from codegen.load import load
from codegen.render import render

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "kept-and-held"


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The contract of a document that says all that can be said of topics."""
    return build(load(GOLDEN / "asyncapi.yaml"), "asyncapi.yaml")


def channel(contract: Contract, name: str) -> Channel:
    """One channel, by its name in code."""
    return next(channel for channel in contract.channels if channel.name == name)


def test_topics_are_kept_summed_up_and_held(contract: Contract) -> None:
    """History, snapshot and state arrive as the document says; channels that say nothing have none."""
    sounding, alarm, session = (channel(contract, name) for name in ("sounding", "alarm", "session"))
    assert (sounding.history, sounding.snapshot) == (8, "subscribe")
    assert sounding.state == State(
        "metres", "knots", (("air", "descending"), ("up-draft", "ascending")), checksum=3
    )
    assert (alarm.history, alarm.snapshot, alarm.state) == (100, "recover", None)
    assert (sounding.delivery_key, alarm.delivery_key) == (None, "place")
    assert (session.history, session.snapshot, session.state) == (None, None, None)


def test_a_hook_has_the_channels_name_unless_it_is_given_one(contract: Contract) -> None:
    """`x-hook` names the hook; otherwise it is `use` and the channel's class name."""
    assert channel(contract, "sounding").hook == "useBalloon"
    assert channel(contract, "alarm").hook == "useAlarm"


def test_the_envelope_has_the_fields_of_recovery(contract: Contract) -> None:
    """The names on the wire of checksum, recover and recovered are the document's."""
    assert contract.envelope is not None
    found = (contract.envelope.checksum, contract.envelope.recover, contract.envelope.recovered)
    assert found == ("sum", "since", "gapless")


def test_a_client_knows_how_to_say_who_it_is(contract: Contract) -> None:
    """`x-authenticate` names a request, and the property of its payload that carries the token."""
    assert (contract.authenticate, contract.token) == ("login", "ticket")


def test_a_parameter_of_numbers_is_known_as_one(contract: Contract) -> None:
    """An integer's values are text in an address, and numbers in TypeScript's code."""
    station, layers = channel(contract, "sounding").parameters
    assert (station.is_number, layers.is_number) == (False, True)
    assert (layers.enum, layers.default) == (("5", "50"), "5")


@pytest.mark.parametrize(
    ("schema", "is_number"),
    [
        ("{enum: [1, all]}", False),
        ("{enum: [1, 2.5]}", True),
        ("{enum: [true, false]}", False),
        ("{const: 5}", True),
        ("{type: integer}", True),
        ("{type: string, pattern: '^[0-9]+$'}", False),
    ],
)
def test_numbers_are_told_by_values_or_by_type(tmp_path: Path, schema: str, is_number: bool) -> None:
    """Listed values decide, if all are numbers; without a list the type does."""
    path = tmp_path / "asyncapi.yaml"
    path.write_text(
        textwrap.dedent(
            f"""\
            asyncapi: 2.4.0
            info: {{title: Test, version: '1'}}
            channels:
              /{{level}}:
                parameters: {{level: {{schema: {schema}}}}}
                subscribe: {{message: {{payload: {{type: string}}}}}}
            """
        ),
        encoding="utf-8",
    )
    [channel] = build(load(path), "asyncapi.yaml").channels
    assert channel.parameters[0].is_number is is_number


def test_entry_points_come_with_their_text(contract: Contract) -> None:
    """A module beside the document becomes a file of the package, below a line that says where to change it."""
    text = (GOLDEN / "typescript" / "plot.ts").read_text(encoding="utf-8")
    assert contract.entries[0] == Entry("plot", "typescript/plot.ts", text)
    assert [(entry.name, entry.exported) for entry in contract.entries] == [("plot", True), ("ink", False)]
    copied = render(contract)["typescript/src/plot.ts"]
    head = "// Generated from asyncapi.yaml. Do not edit; this is a copy of typescript/plot.ts beside it."
    assert copied == f"{head}\n\n{text}"


def test_entry_points_are_found_beside_the_document_from_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where one stands when one generates makes no difference to which file is read."""
    monkeypatch.chdir(tmp_path)
    entries = build(load(GOLDEN / "asyncapi.yaml"), "asyncapi.yaml").entries
    assert [entry.name for entry in entries] == ["plot", "ink"]


def test_entry_points_of_other_editors_are_read_alike(tmp_path: Path) -> None:
    """A mark at the beginning, carriage returns and a missing last line end leave no trace in the package."""
    path = tmp_path / "asyncapi.yaml"
    head = "asyncapi: 2.4.0\ninfo: {title: Test, version: '1'}\nchannels: {}\n"
    path.write_text(head + "x-typescript: {entries: {plot: plot.ts}}\n", encoding="utf-8")
    (tmp_path / "plot.ts").write_bytes(b"\xef\xbb\xbfexport const a = 1;\r\nexport const b = 2;")
    [entry] = build(load(path), "asyncapi.yaml").entries
    assert entry.text == "export const a = 1;\nexport const b = 2;\n"


@pytest.mark.parametrize(("name", "value"), [("x-history", "{updates: 8}"), ("x-snapshot", "subscribe")])
def test_without_an_envelope_there_are_no_topics_to_keep(tmp_path: Path, name: str, value: str) -> None:
    """Where each channel is a socket of its own, what is said of topics is warned of and has no effect."""
    path = tmp_path / "asyncapi.yaml"
    head = "asyncapi: 2.4.0\ninfo: {title: Test, version: '1'}\n"
    path.write_text(
        f"{head}channels:\n  /a:\n    {name}: {value}\n    subscribe: {{message: {{payload: true}}}}\n",
        encoding="utf-8",
    )
    contract, warnings = build_with_warnings(load(path), "asyncapi.yaml")
    assert [(found.source.line, found.rule) for found in warnings] == [(5, name)]
    assert (contract.channels[0].history, contract.channels[0].snapshot) == (None, None)


GUARDED = """\
asyncapi: 2.4.0
info: {title: Test, version: '1'}
x-envelope: {type: type, payload: payload, topic: topic, error: {$ref: '#/components/messages/error'}}
channels:
  log/{ship}:
    x-name: log
    x-access: {scopes: [log:read, crew], parameter: ship}
    parameters: {ship: {schema: {type: string}}}
    publish: {security: [{pass: []}], message: {$ref: '#/components/messages/log'}}
  chart:
    publish: {security: [{pass: []}, {key: []}], message: {$ref: '#/components/messages/chart'}}
  tides:
    publish: {security: [{pass: []}, {}], message: {$ref: '#/components/messages/tides'}}
    subscribe:
      message: {oneOf: [{$ref: '#/components/messages/reset'}, {$ref: '#/components/messages/closed'}]}
components:
  securitySchemes:
    pass: {type: http, scheme: bearer, bearerFormat: JWT}
    key: {type: httpApiKey, name: X-Key, in: header, description: From the harbour master.}
  messages:
    log: {payload: {type: object, required: [type], properties: {type: {const: log}}}}
    chart: {payload: {type: object, required: [type], properties: {type: {const: chart}}}}
    tides: {payload: {type: object, required: [type], properties: {type: {const: tides}}}}
    reset: {x-action: reset, payload: {$ref: '#/components/schemas/Reset'}}
    closed: {x-action: close, payload: {$ref: '#/components/schemas/Closed'}}
    error: {payload: {$ref: '#/components/schemas/Error'}}
  schemas:
    Reset:
      type: object
      required: [type, topic, payload]
      properties: {type: {const: reset}, topic: {type: string}, payload: {$ref: '#/components/schemas/Why'}}
    Closed:
      type: object
      required: [type, topic, payload]
      properties: {type: {const: closed}, topic: {type: string}, payload: {$ref: '#/components/schemas/Why'}}
    Why:
      type: object
      required: [code, message]
      properties: {code: {enum: [unproven, revoked]}, message: {type: string}}
    Error:
      type: object
      required: [type, payload]
      properties:
        type: {const: error}
        payload: {type: object, required: [status], properties: {status: {const: error}}}
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Contract:
    """The contract of a document with channels that are not for everybody."""
    path = tmp_path / "asyncapi.yaml"
    path.write_text(GUARDED, encoding="utf-8")
    contract, warnings = build_with_warnings(load(path), "asyncapi.yaml")
    assert warnings == []
    return contract


def test_who_may_is_known_of_each_channel(guarded: Contract) -> None:
    """`x-access` says what a token must grant; by `security` alone any will do; an empty one lets all in."""
    log, chart, tides = guarded.channels
    assert (log.security, log.access) == (("pass",), Access(("log:read", "crew"), "ship"))
    assert (chart.security, chart.access) == (("pass", "key"), Access((), None))
    assert (tides.security, tides.access) == ((), None)
    assert [(scheme.name, scheme.title) for scheme in guarded.schemes] == [
        ("pass", "bearer token, JWT"),
        ("key", "API key in the header X-Key"),
    ]


def test_a_server_takes_subscriptions_back_by_messages_of_their_own(guarded: Contract) -> None:
    """One message tells that a topic begins anew, one that it is taken away; documents without them have none."""
    reset, closed = guarded.acting("reset"), guarded.acting("close")
    assert reset is not None
    assert closed is not None
    assert (reset.key, closed.key) == ("reset", "closed")


def test_without_an_envelope_nobody_takes_topics_back(tmp_path: Path) -> None:
    """Where each channel is a socket of its own, access and reset are warned of, and security is still known."""
    path = tmp_path / "asyncapi.yaml"
    path.write_text(
        textwrap.dedent(
            """\
            asyncapi: 2.4.0
            info: {title: Test, version: '1'}
            channels:
              /a:
                x-access: {scopes: [a]}
                publish: {security: [{pass: []}], message: {payload: true}}
                subscribe: {message: {x-action: reset, payload: true}}
            components: {securitySchemes: {pass: {type: http, scheme: bearer}}}
            """
        ),
        encoding="utf-8",
    )
    contract, warnings = build_with_warnings(load(path), "asyncapi.yaml")
    assert [(found.source.line, found.rule) for found in warnings] == [(5, "x-access"), (7, "x-action")]
    assert (contract.channels[0].access, contract.channels[0].security) == (None, ("pass",))
