"""YAML, from the events of ruamel.yaml's parser."""

from __future__ import annotations

import re

from codegen.contract import Json
from codegen.syntax.nodes import Builder, Mark
from codegen.syntax.scalars import plain, string

_TAG = "tag:yaml.org,2002:"


def read_yaml(text: str, builder: Builder) -> None:
    """Give a YAML text to a builder."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes a while, and JSON does without
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415
    from ruamel.yaml.reader import ReaderError  # noqa: PLC0415

    try:
        _yaml_events(YAML(typ="safe", pure=True).parse(text), builder)
    except ReaderError as error:
        before = text[: error.position]
        mark = (before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        code = error.character if isinstance(error.character, int) else ord(error.character)
        builder.stop(mark, "bad-character", f"a control character (U+{code:04X}) cannot stand in a document")
    except MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = (at.line + 1, at.column + 1) if at else (1, 1)
        parts = [part for part in (error.problem, error.context) if part]
        builder.stop(mark, "yaml-syntax", _problem(", ".join(parts)))
    except (YAMLError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        # ruamel.yaml stumbles over some broken escapes and directives instead of refusing them.
        builder.stop(builder.last, "yaml-syntax", _problem(str(error)))


def _problem(text: str) -> str:
    """The parser's words, less its way of printing tokens."""
    return re.sub(r"\('(.)',\)", r"'\1'", text.partition("\n")[0]) or "this is no YAML"


def _yaml_events(events: object, builder: Builder) -> None:
    from ruamel.yaml import events as kind  # noqa: PLC0415 - see read_yaml

    documents = 0
    for event in events:  # type: ignore[attr-defined]
        mark = builder.last = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case kind.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    builder.stop(mark, "many-documents", "a second document begins here; a file holds one")
            case kind.ScalarEvent():
                _yaml_scalar(event, mark, builder)
            case kind.AliasEvent():
                builder.alias(event.anchor, mark)
            case kind.MappingStartEvent() | kind.SequenceStartEvent():
                is_mapping = isinstance(event, kind.MappingStartEvent)
                if event.tag not in (None, "!", _TAG + ("map" if is_mapping else "seq")):
                    builder.report(mark, "unknown-tag", f"the tag {_tag(event.tag)} has no meaning in JSON")
                builder.start(mark, is_mapping=is_mapping, anchor=event.anchor)
            case kind.MappingEndEvent() | kind.SequenceEndEvent():
                builder.end()


def _tag(tag: str) -> str:
    return "!!" + tag[len(_TAG) :] if tag.startswith(_TAG) else tag


def _yaml_scalar(event: object, mark: Mark, builder: Builder) -> None:
    text: str = event.value  # type: ignore[attr-defined]
    tag: str | None = event.tag  # type: ignore[attr-defined]
    anchor: str | None = event.anchor  # type: ignore[attr-defined]
    is_plain = not event.style  # type: ignore[attr-defined]
    text = string(text, mark, builder)
    value: Json = text
    if tag is None:
        value = plain(text, mark, builder) if is_plain else text
    elif tag in (_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"):
        value = plain(text, mark, builder)
        if isinstance(value, str):
            builder.report(mark, "unknown-tag", f'"{text}" is no {tag[len(_TAG) :]}')
    elif tag not in ("!", _TAG + "str"):
        builder.report(mark, "unknown-tag", f"the tag {_tag(tag)} has no meaning in JSON")
    key = "null" if is_plain and tag is None and not text else text
    builder.scalar(value, mark, key=key, merges=is_plain and tag is None and text == "<<", anchor=anchor)
