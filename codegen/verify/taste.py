"""Whether a server takes for malformed what the contract allows.

Nothing in a contract says which of its problems means "malformed". But the answers to frames that are malformed do, and
an example of the document that gets the same answer is refused for the wrong reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.verify.report import Finding
from codegen.verify.sight import Sight, at
from codegen.verify.strategies import resolved
from codegen.verify.watching import Asked

_ENOUGH = 3


class Taste:
    """Learns how a server refuses what is malformed, and which examples it refuses in the same way."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._path = _code(sight)
        self._codes: dict[str, Counter[str]] = {}
        self._examples: list[tuple[Asked, str]] = []

    def note(self, asked: Asked) -> None:
        """Take note of an answer."""
        code = at(asked.answer, self._path) if self._path and asked.refused else None
        if asked.message is None or not isinstance(code, str):
            return
        if asked.expect == "refusal":
            self._codes.setdefault(asked.message.key, Counter())[code] += 1
        elif asked.is_example:
            self._examples.append((asked, code))

    def findings(self) -> list[Finding]:
        """Each example that was refused for its form."""
        found = []
        for asked, code in self._examples:
            assert asked.message is not None
            usual = self._codes.get(asked.message.key, Counter()).most_common(1)
            if usual and usual[0][0] == code and usual[0][1] >= _ENOUGH:
                told = f"an example of {asked.message.key} is refused with {code}, as what does not fit its schema is"
                place = self._sight.place(asked.message)
                came = str(at(asked.answer, self._path[:-1]))
                found.append(Finding("valid-refused", asked.message.key, told, asked.text, came, place))
        return found


def _code(sight: Sight) -> tuple[str, ...]:
    """Where in a refusal the kind of problem stands: the property of the problem that is one of a list of texts."""
    envelope = sight.contract.envelope
    assert envelope is not None
    schema = sight.schema(sight.message(envelope.error))
    definitions = cast("SchemaDict", schema.get("definitions", {}))
    body = _property(schema, envelope.payload, definitions)
    properties = resolved(body, definitions).get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        said = resolved(one, definitions)
        if name not in envelope.problem_tag.path and ("enum" in said or "x-open-enum" in said):
            return envelope.payload, name
    return ()


def _property(schema: Json, name: str, definitions: SchemaDict) -> Json:
    properties = resolved(schema, definitions).get("properties")
    return properties.get(name) if isinstance(properties, Mapping) else None
