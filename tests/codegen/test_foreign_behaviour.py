"""Foreign documents: what is generated of them reads what the documents describe."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
from litestar import Litestar

from codegen.pipeline import run

HEAD = "asyncapi: 2.6.0\ninfo: {title: Foreign, version: '1'}\n"
Import = Callable[[str, str], ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Generates from a document and imports a module of the package that comes of it."""

    def generate(text: str, module: str) -> ModuleType:
        document = tmp_path / "asyncapi.yaml"
        document.write_text(HEAD + dedent(text), encoding="utf-8")
        name = f"foreign_{abs(hash(text))}"
        for path, content in run(document).files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return importlib.import_module(f"{name}.{module}")

    return generate


def test_messages_of_one_tag_are_told_by_the_rest(package: Import) -> None:
    """Two messages with the same `type` are both read, by trying; a tag of its own is still a tag."""
    client = package(
        """
        channels:
          /rtm:
            subscribe:
              message:
                oneOf:
                  - name: added
                    payload: {type: object, required: [type, subtype], properties: {type: {const: emoji},
                      subtype: {const: add}, name: {type: string}}}
                  - name: removed
                    payload: {type: object, required: [type, subtype], properties: {type: {const: emoji},
                      subtype: {const: remove}, names: {type: array, items: {type: string}}}}
                  - {name: hello, payload: {type: object, required: [type], properties: {type: {const: hello}}}}
        """,
        "client",
    )
    frames = [
        {"type": "emoji", "subtype": "remove", "names": ["a"]},
        {"type": "hello"},
        {"type": "emoji", "subtype": "add", "name": "a"},
    ]
    keys = [client._RTM_READER.read(json.dumps(frame))[0].key for frame in frames]
    assert keys == ["removed", "hello", "added"]


def test_an_optional_tag_is_sent_all_the_same(package: Import) -> None:
    """A message whose tag is not required is made without telling it, and sent with it; so it can be told."""
    client = package(
        """
        channels:
          /ws:
            subscribe:
              message:
                oneOf:
                  - {name: tick, payload: {type: object, required: [type], properties: {type: {const: tick}}}}
                  - name: news
                    payload: {type: object, required: [text], properties: {type: {const: news},
                      text: {type: string}}}
        """,
        "client",
    )
    frame = client._NEWS_CODEC.encode(client.News(text="a"))
    assert json.loads(frame) == {"type": "news", "text": "a"}
    assert client._WS_READER.read(frame)[0].key == "news"


def test_paths_may_name_what_litestar_keeps_for_itself(package: Import) -> None:
    """A parameter called as Litestar's own arguments are is served all the same."""
    handlers = package(
        """
        channels:
          /{data}/{state}:
            parameters: {data: {schema: {type: string}}, state: {schema: {type: string}}}
            subscribe: {message: {payload: {type: string}}}
        """,
        "handlers",
    )
    kind = next(
        value
        for name, value in vars(handlers).items()
        if name.endswith("Handler") and name != "WebsocketRouteHandler"
    )
    route = next(value for name, value in vars(handlers).items() if name.endswith("_route"))
    connection = importlib.import_module(f"{handlers.__package__}.runtime.connection")
    app = Litestar(route_handlers=[route(kind(), connect=connection.accept)], openapi_config=None)
    assert [item.path for item in app.routes] == ["/{data_:str}/{state_:str}"]
