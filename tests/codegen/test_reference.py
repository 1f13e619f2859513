"""What the reference says of a contract, and that all its links lead somewhere."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from codegen.contract import Json
from codegen.pipeline import understand
from codegen.render.environment import make_environment
from codegen.render.reference import MOST_CHARACTERS, MOST_EXAMPLES, Reference
from codegen.render.reference_markdown import one_blank_line
from codegen.render.reference_pages import ChannelPart, MessagePart, Page
from codegen.written import judge
from tests.codegen.golden import cases

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "spec" / "asyncapi.yaml"
DOCUMENTS = sorted(path for path in (Path(__file__).parent / "documents").iterdir() if path.is_file())
ALL = [OURS, *DOCUMENTS, *(case / "asyncapi.yaml" for case in cases())]

WEATHER = """
asyncapi: 2.4.0
info: {title: Weather, version: '3'}
x-envelope: {type: type, payload: payload, id: id, topic: topic, seq: seq, error: {$ref: '#/components/messages/wrong'}}
x-limits: {message_bytes: 2048, messages_per_second: 5, message_burst: 9, subscriptions_per_connection: 4}
x-heartbeat: {interval_ms: 1500, lifespan_ms: 3600000}
x-close-codes:
  - {code: 4000, name: storm, client: reconnect, description: The station is rebuilt.}
  - {code: 4503, name: closed, client: stop, description: The station is no more.}
channels:
  weather:{station}:
    x-name: weather
    x-delivery: {mode: lossless}
    parameters:
      station:
        description: Where it is measured.
        location: $message.payload#/payload/station
        schema: {type: string, enum: [oslo, bergen]}
        x-aliases: {christiania: oslo}
    publish:
      message:
        oneOf:
          - {$ref: '#/components/messages/watch'}
          - {$ref: '#/components/messages/leave'}
    subscribe:
      message:
        oneOf:
          - {$ref: '#/components/messages/watched'}
          - {$ref: '#/components/messages/left'}
          - {$ref: '#/components/messages/measured'}
          - {$ref: '#/components/messages/wrong'}
components:
  messages:
    watch:
      x-action: subscribe
      x-response: {$ref: '#/components/messages/watched'}
      correlationId: {location: $message.payload#/id}
      payload:
        type: object
        required: [type, payload]
        properties:
          type: {const: watch}
          id: {type: integer}
          payload: {$ref: '#/components/schemas/Place'}
      examples:
        - {name: bad, summary: No such place., payload: {type: watch, id: 1, payload: {station: rome}}}
        - {name: other, summary: Of nobody's answer., payload: {type: watch, id: 9, payload: {station: bergen}}}
        - {name: good, summary: Oslo's weather., payload: {type: watch, id: 2, payload: {station: oslo}}}
    leave:
      x-action: unsubscribe
      x-response: {$ref: '#/components/messages/left'}
      correlationId: {location: $message.payload#/id}
      payload:
        type: object
        required: [type, payload]
        properties: {type: {const: leave}, id: {type: integer}, payload: {$ref: '#/components/schemas/Place'}}
    watched:
      correlationId: {location: $message.payload#/id}
      payload:
        type: object
        required: [type, payload]
        properties:
          type: {const: watched}
          id: {type: integer}
          seq: {type: integer}
          payload: {oneOf: [{$ref: '#/components/schemas/Yes'}, {$ref: '#/components/schemas/No'}]}
      examples:
        - summary: There is none.
          payload:
            type: watched
            id: 2
            payload: {status: error, code: no_such_place, message: No | such, retryable: false}
        - summary: Here it comes.
          payload: {type: watched, id: 2, seq: 7, payload: {status: ok, topic: 'weather:oslo'}}
    left:
      correlationId: {location: $message.payload#/id}
      payload:
        type: object
        required: [type, payload]
        properties: {type: {const: left}, id: {type: integer}, payload: {$ref: '#/components/schemas/Yes'}}
    measured:
      x-action: update
      payload:
        type: object
        required: [type, topic, payload]
        properties:
          type: {const: measured}
          topic: {type: string}
          seq: {type: integer}
          payload: {$ref: '#/components/schemas/Weather'}
      examples:
        - {payload: {type: measured, topic: 'weather:bergen', seq: 8, payload: {celsius: 1.5}}}
        - {payload: {type: measured, topic: 'weather:oslo', seq: 8, payload: {celsius: -3}}}
        - {payload: {type: measured, topic: 'weather:oslo', seq: 11, payload: {celsius: -4}}}
    wrong:
      payload:
        type: object
        required: [type, payload]
        properties: {type: {const: wrong}, id: {type: integer}, payload: {$ref: '#/components/schemas/No'}}
  schemas:
    Place:
      type: object
      required: [station]
      additionalProperties: false
      properties: {station: {enum: [oslo, bergen], description: Which one.}, days: {$ref: '#/components/schemas/Days'}}
    Days: {type: integer, minimum: 1, maximum: 14, default: 3, description: How many days.}
    Weather:
      type: object
      required: [celsius]
      properties: {celsius: {type: number, minimum: -90.0}}
    Yes: {type: object, required: [status, topic], properties: {status: {const: ok}, topic: {type: string}}}
    No:
      type: object
      required: [status, code, message, retryable]
      properties:
        status: {const: error}
        code: {type: string, x-open-enum: [no_such_place, too_many], description: What is wrong.}
        message: {type: string}
        retryable: {type: boolean}
"""


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    """A small document with an envelope."""
    path = tmp_path / "weather.yaml"
    path.write_text(WEATHER, encoding="utf-8")
    return path


@cache
def written(path: Path) -> tuple[str, str]:
    """The Markdown and the JSON of a document's reference, without all else that would be generated."""
    contract = understand(path).contract
    names = {"contract": contract, "reference": Reference(contract)}
    environment = make_environment()
    markdown, data = (
        environment.get_template(f"reference.{kind}.jinja").render(names) for kind in ("md", "json")
    )
    return one_blank_line(markdown), data


def page_of(path: Path) -> Page:
    """The reference of a document."""
    return Reference(understand(path).contract).page


def message_of(channel: ChannelPart, name: str) -> MessagePart:
    """The message that readers know by a name."""
    return next(one for section in channel.sections for one in section.messages if one.name == name)


def without_code(markdown: str) -> str:
    """Markdown without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)


def shown_anchors(markdown: str) -> set[str]:
    """The anchors that a page has where it is shown, by the rules of GitHub: told here independently of the code."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.*)$", without_code(markdown), re.MULTILINE):
        text = re.sub(r"(`+) ?(.*?) ?\1", r"\2", heading).lower()
        slug = "".join(
            "-" if c == " " else c
            for c in text
            if c in " -" or unicodedata.category(c)[0] in "LMN" or c == "_"
        )
        name, number = slug, 0
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


@pytest.mark.parametrize("document", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_link_within_the_page_leads_somewhere(document: Path) -> None:
    """Whatever a document calls its channels, messages and types, each anchor that is linked to is a heading's."""
    markdown, _ = written(document)
    linked = set(re.findall(r"\]\(#([^)]*)\)", without_code(markdown)))
    assert linked
    assert linked - shown_anchors(markdown) == set()


@pytest.mark.parametrize("document", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_data_has_the_anchors_of_the_page(document: Path) -> None:
    """What a page is made of the JSON has the same anchors as the Markdown, none twice."""
    markdown, text = written(document)
    data = json.loads(text)
    named = [value for value in anchors_in(data) if value]
    assert len(named) == len(set(named))
    headings = shown_anchors(markdown)
    assert set(named) - headings <= ({data["types_anchor"]} if not data["types"] else set())


def anchors_in(value: Json) -> list[str]:
    """The value of every field that is an anchor, but for those of steps, which are links."""
    if isinstance(value, list):
        return [found for one in value for found in anchors_in(one)]
    if not isinstance(value, dict):
        return []
    own = [
        str(one)
        for key, one in value.items()
        if (key.endswith("anchor") or key == "socket") and key != "changes_anchor" and "sent" not in value
    ]
    below = [one for key, one in value.items() if key not in ("schemas", "changes")]
    return own + [found for one in below for found in anchors_in(one)]


@pytest.mark.parametrize("document", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_that_is_shown_was_judged(document: Path) -> None:
    """Examples and frames of exchanges are accepted by the schema that the document has for their message."""
    understood = understand(document)
    page = Reference(understood.contract).page
    messages = {one.key: one for one in understood.contract.messages}
    for channel in page.channels:
        shown = [
            (one.key, example.payload)
            for section in channel.sections
            for one in section.messages
            for example in one.examples
        ]
        by_name = {one.name: one.key for section in channel.sections for one in section.messages}
        shown += [(by_name[step.name], json.loads(step.text)) for step in channel.exchange]
        for key, payload in shown:
            place = messages[key].payload
            assert place is not None
            assert judge(understood.document, place).accepts(payload), (key, payload)


def test_an_example_that_does_not_fit_is_left_out(weather: Path) -> None:
    """An example that its schema refuses is not shown, and it is said that there is one."""
    watch = message_of(page_of(weather).channels[0], "watch")
    assert [one.title for one in watch.examples] == ["Of nobody's answer.", "Oslo's weather."]
    assert watch.left_out == "1 of the document's examples is not shown, for this schema refuses it."


def test_a_message_without_examples_says_so(weather: Path) -> None:
    """Nothing is made up where the document shows nothing."""
    assert message_of(page_of(weather).channels[0], "leave").left_out == "The document has no example."


def test_an_exchange_is_of_examples_that_belong_together(weather: Path) -> None:
    """The answer has the request's id and says yes, the update is the next one of the answer's topic."""
    steps = page_of(weather).channels[0].exchange
    assert [(step.sent, json.loads(step.text)) for step in steps] == [
        (True, {"type": "watch", "id": 2, "payload": {"station": "oslo"}}),
        (False, {"type": "watched", "id": 2, "seq": 7, "payload": {"status": "ok", "topic": "weather:oslo"}}),
        (False, {"type": "measured", "topic": "weather:oslo", "seq": 8, "payload": {"celsius": -3}}),
    ]


def test_fields_are_told_with_type_bounds_and_default(weather: Path) -> None:
    """A request's table lists its payload's fields too; what a reference leads to is told where it is used."""
    shape = message_of(page_of(weather).channels[0], "watch").shape
    fields = {one.name: one for one in shape.fields}
    assert list(fields) == ["type", "id", "payload", "payload.station", "payload.days"]
    assert fields["type"].allowed == '`"watch"`'
    assert (fields["payload"].type, fields["payload"].required) == ("[Place](#place)", True)
    station, days = fields["payload.station"], fields["payload.days"]
    assert (station.type, station.required, station.allowed) == ("string", True, '`"oslo"`, `"bergen"`')
    assert station.meaning == "Which one."
    assert (days.type, days.required, days.default) == ("integer ([Days](#days))", False, "`3`")
    assert (days.allowed, days.meaning) == ("at least 1, at most 14", "How many days.")


def test_of_a_union_each_arm_has_bounds_of_its_own(tmp_path: Path) -> None:
    """Who sends an id of either type is told what is refused; arms of one type, or of fields, are for the section."""
    text: Json = {"type": "string", "maxLength": 64}
    properties: dict[str, Json] = {
        "id": {"$ref": "#/components/schemas/Id"},
        "size": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        "either": {"oneOf": [text, {"type": "string", "pattern": "^a"}]},
        "part": {"oneOf": [text, {"type": "object"}]},
    }
    document: Json = {
        "asyncapi": "2.6.0",
        "info": {"title": "Unions", "version": "1"},
        "channels": {
            "/unions": {
                "publish": {"message": {"name": "m", "payload": {"type": "object", "properties": properties}}}
            }
        },
        "components": {"schemas": {"Id": {"oneOf": [text, {"type": "integer"}]}}},
    }
    path = tmp_path / "unions.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    fields = {one.name: one.allowed for one in message_of(page_of(path).channels[0], "m").shape.fields}
    assert fields == {
        "id": "string: at most 64 characters",
        "size": "integer: at least 1",
        "either": "",
        "part": "",
    }


def test_an_answer_is_told_by_its_outcomes(weather: Path) -> None:
    """What an answer says when all went well, and that it may be the problem instead."""
    watched = message_of(page_of(weather).channels[0], "watched")
    good, bad = watched.outcomes
    assert [one.name for one in good.shape.fields] == ["payload.status", "payload.topic"]
    assert "[No](#no)" in bad.says
    assert '`payload.status` is `"error"`' in bad.says
    assert watched.answered == "Answers [`watch`](#watch)."


def test_errors_are_told_with_what_examples_show_of_them(weather: Path) -> None:
    """Every code that the document knows, and in a channel those that its examples show."""
    page = page_of(weather)
    rule = next(one for one in page.rules if one.title == "Errors")
    assert rule.rows == (("`no_such_place`", "no", "No | such"), ("`too_many`", "", ""))
    assert rule.more == "What is wrong."
    assert "Examples of this channel show `no_such_place` ([`watched`](#watched))." in page.channels[0].errors


def test_a_channel_tells_its_rules_in_sentences(weather: Path) -> None:
    """Delivery, limits and the spellings of a parameter are said in words, with their numbers."""
    channel = page_of(weather).channels[0]
    facts = {one.title: one.text for one in channel.facts}
    assert facts["Delivery"] == (
        "Lossless: every update is sent. A subscriber that reads too slowly is [closed](#close-codes), for it would "
        "miss some."
    )
    assert facts["Limits"] == (
        "A message may have 2 048 bytes; messages count among the 5 a second (9 at once) that a client may send; each "
        "topic is one of the 4 that a connection may have. See [limits](#limits), [errors](#errors), "
        "[close codes](#close-codes)."
    )
    (station,) = channel.parameters
    assert station.values == "`oslo`, `bergen`; also spelled `christiania` for `oslo`"
    assert station.stands == "`payload.station`"


def test_how_the_socket_works_is_told_where_the_document_says(weather: Path) -> None:
    """There is a part for each thing that is declared, and none for what is not."""
    page = page_of(weather)
    assert [one.title for one in page.rules] == [
        "Frames",
        "Requests and answers",
        "Errors",
        "Heartbeat",
        "Limits",
        "Close codes",
    ]
    rules = {one.title: one for one in page.rules}
    assert "1500 ms" in rules["Heartbeat"].text
    assert "1 h (3600000 ms)" in rules["Heartbeat"].text
    assert rules["Close codes"].rows[0] == ("4000", "`storm`", "reconnects", "The station is rebuilt.")
    fields = {row[0]: row[1] for row in rules["Frames"].rows}
    assert fields == {
        "`type`": "all",
        "`payload`": "all",
        "`id`": "requests, answers, notices",
        "`topic`": "updates",
        "`seq`": "answers, updates",
    }


def test_the_markdown_has_the_sections_that_reviewers_look_for(weather: Path) -> None:
    """Per channel: an exchange, what is sent, what comes back, what is pushed, the errors."""
    headings = re.findall(r"^### (.*)$", written(weather)[0], re.MULTILINE)
    own = [one for one in headings if one.endswith(": weather")]
    assert own == [
        "An exchange: weather",
        "What clients send: weather",
        "What comes back: weather",
        "What is pushed: weather",
        "Errors: weather",
    ]


def test_a_huge_document_is_told_in_bounded_length(tmp_path: Path) -> None:
    """Of many examples the first are shown, a long one is not, and of a long enumeration the first values."""
    examples: list[Json] = [{"payload": {"word": f"w{number}"}} for number in range(40)]
    examples.insert(0, {"payload": {"word": "x" * MOST_CHARACTERS}})
    values: list[Json] = [f"v{number}" for number in range(500)]
    payload: Json = {
        "type": "object",
        "properties": {"word": {"type": "string"}, "one": {"type": "string", "enum": values}},
    }
    message: Json = {"payload": payload, "examples": examples}
    document: Json = {
        "asyncapi": "2.6.0",
        "info": {"title": "Huge", "version": "1"},
        "channels": {"/words": {"subscribe": {"message": message}}},
    }
    path = tmp_path / "huge.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    page = page_of(path)
    ((shown,),) = (section.messages for section in page.channels[0].sections)
    assert [one.payload for one in shown.examples] == [{"word": f"w{n}"} for n in range(MOST_EXAMPLES)]
    assert shown.left_out == f"{41 - MOST_EXAMPLES} more stand in the document."
    assert shown.shape.fields[1].allowed.endswith('`"v29"`, 470 more')


def test_descriptions_cannot_break_the_page(tmp_path: Path) -> None:
    """Headings, open fences and comments of a description neither end a section nor take an anchor."""
    description = "# Types\n\nText <!-- open\n\n```json\n# no heading\n{"
    document: Json = {
        "asyncapi": "2.6.0",
        "info": {"title": "Types", "version": "1", "description": description},
        "channels": {
            "/types": {"description": "Under\n===\nline", "subscribe": {"message": {"payload": {}}}}
        },
    }
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    markdown, _ = written(path)
    headings = re.findall(r"^#+ .*$", without_code(markdown), re.MULTILINE)
    assert headings[:4] == ["# Types", "## Contents", "## How the sockets work", "### Frames"]
    assert "**Under**" in markdown
    assert "&lt;!-- open" in markdown


def test_the_reference_is_the_same_each_time() -> None:
    """The same document gives the same bytes."""
    assert written.__wrapped__(OURS) == written.__wrapped__(OURS)
