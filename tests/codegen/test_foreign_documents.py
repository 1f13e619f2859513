"""Documents as people write them elsewhere: unusual, but valid, and so to be served."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from codegen.diagnostics import DocumentError
from codegen.diff import compare_contracts
from codegen.pipeline import Generated, Understood, run, understand

HEAD = "asyncapi: 2.6.0\ninfo: {title: Foreign, version: '1'}\n"


def generated(folder: Path, text: str) -> Generated:
    """What a document gives, with a head of ours unless it has its own."""
    document = folder / "asyncapi.yaml"
    document.write_text(text if "asyncapi:" in text else HEAD + dedent(text), encoding="utf-8")
    return run(document)


def rules(made: Generated) -> list[str]:
    """The rules that were warned of."""
    return [warning.rule for warning in made.warnings]


def lint(made: Generated, folder: Path) -> str:
    """What ruff, left to its defaults, says of the Python that was made."""
    for name, text in made.files.items():
        if name.endswith(".py"):
            target = folder / "package" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet", "package"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_a_document_without_channels_gives_a_package_without_topics(tmp_path: Path) -> None:
    """`channels: {}` is valid; what is made of it is valid Python."""
    made = generated(tmp_path, "channels: {}\n")
    assert "Topic: TypeAlias = Never" in made.files["topics.py"]
    assert lint(made, tmp_path) == ""


def test_a_message_that_is_one_constant_is_no_tag(tmp_path: Path) -> None:
    """A payload that is itself an enumeration stands beside objects; it is found by trying."""
    text = """
        channels:
          /room:
            subscribe:
              message:
                oneOf:
                  - {name: chat, payload: {type: object, properties: {text: {type: string}}}}
                  - {name: heartbeat, payload: {type: string, enum: ["\\r\\n"]}}
    """
    made = generated(tmp_path, text)
    assert 'Literal["\\r\\n"]' in made.files["models.py"]


def test_parameters_that_nobody_declares_are_texts(tmp_path: Path) -> None:
    """An address with braces and no `parameters` at all is served, with a warning."""
    text = "channels:\n  /users/{userId}: {subscribe: {message: {payload: {type: string}}}}\n"
    made = generated(tmp_path, text)
    assert rules(made) == ["channel-parameters"]
    assert "user_id: str" in made.files["topics.py"]


def test_a_parameter_missing_among_others_is_a_mistake(tmp_path: Path) -> None:
    """Where some are declared, one that is not was forgotten or misspelt."""
    text = """
        channels:
          /users/{userId}/{device}:
            parameters: {device: {schema: {type: string}}}
            subscribe: {message: {payload: {type: string}}}
    """
    with pytest.raises(DocumentError) as raised:
        generated(tmp_path, text)
    assert [finding.rule for finding in raised.value.diagnostics] == ["channel-parameters"]


def test_variables_of_a_url_without_braces_are_warned_of(tmp_path: Path) -> None:
    """Variables that no URL uses stop nobody."""
    text = """
        servers:
          main: {url: 'ws://localhost', protocol: ws, variables: {port: {default: '80'}}}
        channels:
          /ws: {subscribe: {message: {payload: {type: string}}}}
    """
    made = generated(tmp_path, text)
    assert rules(made) == ["server-variables"]


def test_references_may_have_spaces(tmp_path: Path) -> None:
    """A key with spaces is referred to as it is written, or percent-encoded."""
    text = """
        channels:
          /a: {subscribe: {message: {$ref: '#/components/messages/Order Placed'}}}
          /b: {subscribe: {message: {$ref: '#/components/messages/Order%20Placed'}}}
        components:
          messages:
            Order Placed: {payload: {type: object, properties: {id: {type: string}}}}
    """
    made = generated(tmp_path, text)
    assert made.files["models.py"].count("\nclass OrderPlaced(") == 1


@pytest.mark.parametrize(
    "title",
    [
        'Say \\"hi\\"',
        "back\\\\slash",
        "*/ {{ x }} {% raw %}",
        "A title that is " + "very " * 30 + "long",
        "🎉",
    ],
)
def test_any_title_gives_clean_python(tmp_path: Path, title: str) -> None:
    """A title may hold what ends a docstring, what a template would read, or more than a line."""
    text = f"""asyncapi: 2.6.0
info: {{title: "{title}", version: '1'}}
channels:
  /ws: {{publish: {{message: {{payload: {{type: object, properties: {{a: {{type: string}}}}}}}}}}}}
"""
    assert lint(generated(tmp_path, text), tmp_path) == ""


def test_unions_of_themselves_are_written_as_linters_want_them(tmp_path: Path) -> None:
    """A JSON value that may be null and holds itself is one union; ruff has nothing to say."""
    text = """
        channels:
          /ws: {publish: {message: {payload: {$ref: '#/components/schemas/Value'}}}}
        components:
          schemas:
            Value:
              anyOf:
                - {type: 'null'}
                - {type: number}
                - {type: array, items: {$ref: '#/components/schemas/Value'}}
    """
    made = generated(tmp_path, text)
    assert 'Union[Number, "list[Value]", None]' in made.files["models.py"]
    assert lint(made, tmp_path) == ""


def test_parameters_and_paths_may_be_called_anything(tmp_path: Path) -> None:
    """Parameters are called as our own arguments are, paths make names that Python has already."""
    text = """
        channels:
          /a/b: {publish: {message: {payload: {type: string}}}}
          /c/{query}/{on_invalid}/{path}/{self}/{channel}:
            parameters:
              channel: {schema: {type: string}}
              query: {schema: {type: string}}
              on_invalid: {schema: {type: string}}
              path: {schema: {type: string}}
              self: {schema: {type: string}}
            subscribe: {message: {payload: {type: string}}}
    """
    made = generated(tmp_path, text)
    assert lint(made, tmp_path) == ""
    assert "query_: str, on_invalid_: str, path_: str, self_: str, channel_: str" in " ".join(
        made.files["client.py"].split()
    )


def test_parameters_may_be_written_in_any_alphabet(tmp_path: Path) -> None:
    """TypeScript reaches a parameter whose name is not of its plain identifiers in brackets."""
    text = """
        channels:
          ключ/{имя}:
            parameters: {имя: {schema: {type: string}}}
            publish: {message: {payload: {type: string}}}
    """
    client = generated(tmp_path, text).files["typescript/src/client.ts"]
    assert '"имя": parameters["имя"],' in client


def test_answers_that_another_channel_sends_are_not_awaited(tmp_path: Path) -> None:
    """A request whose answer is no message of its own socket is a message that nobody answers."""
    text = """
        channels:
          /in: {publish: {message: {name: ask, x-response: {$ref: '#/components/messages/told'},
            payload: {type: object, properties: {a: {type: string}}}}}}
          /out: {subscribe: {message: {$ref: '#/components/messages/told'}}}
        components:
          messages:
            told: {payload: {type: object, properties: {b: {type: string}}}}
    """
    made = generated(tmp_path, text)
    assert lint(made, tmp_path) == ""
    assert "async def ask(self, message: Ask) -> None:" in made.files["client.py"]
    assert rules(made) == ["x-response"]


def test_extensions_of_others_are_ignored(tmp_path: Path) -> None:
    """A document that is not ours may use our names for what it likes; each is warned of, with the reason."""
    text = """
        x-envelope: {style: json}
        x-close-codes: {4000: bye}
        channels:
          /ws:
            x-name: 5
            publish:
              message: {name: ask, x-response: true, x-action: shout, payload: {type: string}}
    """
    made = generated(tmp_path, text)
    assert rules(made) == ["foreign-extension"] * 5
    assert 'x-action" is ignored: "x-action" is one of' in "\n".join(map(str, made.warnings))


def test_extensions_of_ours_are_checked(tmp_path: Path) -> None:
    """A document that says how its frames are made is one of ours: what is wrong in it is an error."""
    text = """
        x-envelope: {type: type, payload: payload, error: {$ref: '#/components/messages/error'}}
        channels:
          /ws: {x-name: 5, publish: {message: {$ref: '#/components/messages/error'}}}
        components:
          messages:
            error: {payload: {type: object, required: [type], properties: {type: {const: error}}}}
    """
    with pytest.raises(DocumentError) as raised:
        generated(tmp_path, text)
    assert [finding.rule for finding in raised.value.diagnostics] == ["wrong-type"]


def test_messages_without_names_are_called_by_what_they_say(tmp_path: Path) -> None:
    """The payload's schema, or the constant that tells a message, names it; its place does only after that."""
    text = """
        channels:
          /ws:
            publish:
              message:
                oneOf:
                  - {payload: {$ref: '#/components/schemas/Login'}}
                  - {payload: {type: object, properties: {op: {enum: [log.out]}}}}
                  - {payload: {type: object, properties: {text: {type: string}}}}
        components:
          schemas:
            Login: {type: object, required: [op], properties: {op: {const: login}}}
    """
    made = generated(tmp_path, text)
    for method in ("login", "log_out", "ws_request"):
        assert f"async def {method}" in made.files["handlers.py"]


def test_a_variable_without_a_value_is_part_of_the_path(tmp_path: Path) -> None:
    """A URL's variable that has no default becomes a parameter, and the URL no default of the client."""
    text = """
        servers:
          main: {url: 'ws://localhost/{tenant}', protocol: ws, variables: {tenant: {description: Who.}}}
        channels:
          /ws: {publish: {message: {payload: {type: string}}}}
    """
    made = generated(tmp_path, text)
    assert 'WS_PATH: Final = "/{tenant}/ws"' in made.files["constants.py"]
    assert "DEFAULT_URL" not in made.files["constants.py"]


def test_what_is_odd_between_the_parts_is_warned_of(tmp_path: Path) -> None:
    """Servers of other protocols, places that no message has, and types that a text has not are told."""
    text = """
        servers: {queue: {url: 'broker:9092', protocol: kafka}}
        channels:
          rooms/{room}/{size}/{tags}:
            parameters:
              room: {schema: {type: string}, location: '$message.payload#/nope'}
              size: {schema: {type: integer, minimum: 1}}
              tags: {schema: {type: array}}
            publish: {message: {name: ask, payload: {type: object, properties: {room: {type: string}}}}}
    """
    made = generated(tmp_path, text)
    assert [(warning.source.line, warning.rule) for warning in made.warnings] == [
        (4, "no-websocket"),
        (8, "parameter-location"),
        (9, "parameter-type"),
        (10, "parameter-type"),
    ]
    assert 'pattern="^-?[0-9]+$"' in made.files["topics.py"]


def test_parameters_that_a_message_may_have_are_not_warned_of(tmp_path: Path) -> None:
    """A place counts as there where a reference, an arm of a union or an open object may hold it."""
    text = """
        channels:
          rooms/{a}/{b}:
            parameters:
              a: {schema: {type: integer}, location: '$message.payload#/inner/a'}
              b: {schema: {type: boolean}, location: '$message.payload#/open/b'}
            publish: {message: {name: ask, payload: {$ref: '#/components/schemas/Either'}}}
        components:
          schemas:
            Either: {oneOf: [{$ref: '#/components/schemas/One'}, {type: object, properties: {x: {type: string}}}]}
            One: {type: object, properties: {inner: {$ref: '#/components/schemas/Inner'}, open: {type: object}}}
            Inner: {type: object, properties: {a: {type: string}}}
    """
    assert rules(generated(tmp_path, text)) == []


def test_alternatives_may_be_files_of_their_own(tmp_path: Path) -> None:
    """Arms that are whole files are told apart by the files' names when two documents are compared."""

    def written(folder: str, size: str) -> Understood:
        (tmp_path / folder).mkdir()
        text = "channels: {/ws: {publish: {message: {payload: {oneOf: [{$ref: a.json}, {$ref: b.json}]}}}}}"
        (tmp_path / folder / "asyncapi.yaml").write_text(HEAD + text, encoding="utf-8")
        for name in ("a", "b"):
            schema = (
                f'{{"type": "object", "properties": {{"{name}": {{"type": "string", "maxLength": {size}}}}}}}'
            )
            (tmp_path / folder / f"{name}.json").write_text(schema, encoding="utf-8")
        return understand(tmp_path / folder / "asyncapi.yaml")

    old = written("old", "3")
    assert compare_contracts(old, old).changes == ()
    changes = compare_contracts(old, written("new", "2")).changes
    assert {change.kind for change in changes} == {"length-narrowed"}
    assert {change.verdict for change in changes} == {"breaking"}


def test_a_binding_that_is_no_schema_says_nothing(tmp_path: Path) -> None:
    """What stands in a binding is warned of at most; two documents are compared without it."""

    def written(name: str, query: str) -> Understood:
        (tmp_path / name).mkdir()
        text = f"channels: {{/ws: {{bindings: {{ws: {{query: {query}}}}}, publish: {{message: {{payload: {{}}}}}}}}}}"
        (tmp_path / name / "asyncapi.yaml").write_text(HEAD + text, encoding="utf-8")
        return understand(tmp_path / name / "asyncapi.yaml")

    odd = written("odd", "{type: object, properties: {a: {type: -1.5}}}")
    assert [warning.rule for warning in odd.warnings] == ["wrong-type"]
    assert compare_contracts(odd, odd).changes == ()
    assert compare_contracts(written("plain", "{type: object, properties: {a: {type: string}}}"), odd)
