"""The document in one piece: what other files say is brought in, references lead into itself."""

from __future__ import annotations

from codegen.build.names import pascal
from codegen.contract import Json, SchemaDict
from codegen.document import Document, Location

_VERBATIM = ("example", "examples", "const", "enum", "default")


def bundle(document: Document) -> SchemaDict:
    """A copy of the root file without references into other files.

    Schemas of other files become components under a free name (so that recursion ends); everything else is
    copied to where it is referred to.
    """
    return _Bundler(document).whole()


class _Bundler:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._moved: dict[Location, str] = {}
        self._schemas: dict[str, Json] = {}
        components = document.value(document.root)
        existing = components.get("components") if isinstance(components, dict) else None
        schemas = existing.get("schemas") if isinstance(existing, dict) else None
        self._taken = set(schemas) if isinstance(schemas, dict) else set()

    def whole(self) -> SchemaDict:
        root = self._document.root
        copied = self._copy(root, ())
        if not isinstance(copied, dict):
            return {}
        if self._schemas:
            components = copied.setdefault("components", {})
            if isinstance(components, dict):
                schemas = components.setdefault("schemas", {})
                if isinstance(schemas, dict):
                    schemas.update(self._schemas)
        return copied

    def _copy(self, at: Location, trail: tuple[Location, ...]) -> Json:
        value = self._document.value(at)
        if isinstance(value, dict):
            if at in self._document.references:
                return self._reference(at, value, trail)
            return {
                key: item
                if key in _VERBATIM and not isinstance(item, dict)
                else self._copy(at.child(key), trail)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._copy(at.child(index), trail) for index in range(len(value))]
        return value

    def _reference(self, at: Location, value: dict[str, Json], trail: tuple[Location, ...]) -> Json:
        target = self._document.references[at]
        if target.file == self._document.root.file:
            return {**value, "$ref": "#" + "".join("/" + _escape(str(key)) for key in target.pointer)}
        target = self._document.follow(target)
        if target.file == self._document.root.file:
            return {"$ref": "#" + "".join("/" + _escape(str(key)) for key in target.pointer)}
        if not _is_schema_place(at):
            return None if target in trail else self._copy(target, (*trail, target))
        if target not in self._moved:
            name = self._name(target)
            self._moved[target] = name
            self._schemas[name] = True
            self._schemas[name] = self._copy(target, ())
        return {"$ref": f"#/components/schemas/{self._moved[target]}"}

    def _name(self, target: Location) -> str:
        stem = target.file.rsplit("/", 1)[-1].split(".")[0]
        last = str(target.pointer[-1]) if target.pointer else stem
        base = pascal(last) or "Schema"
        for name in (last if last.isidentifier() else base, base, pascal(stem) + base, base + "Schema"):
            if name and name not in self._taken:
                break
        else:
            name = base + "".join(pascal(str(key)) for key in target.pointer) + str(len(self._moved))
        self._taken.add(name)
        return name


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _is_schema_place(at: Location) -> bool:
    """Whether a `$ref` at this place stands for a schema."""
    if not at.pointer:
        return False
    last = at.pointer[-1]
    holder = at.pointer[-2] if len(at.pointer) > 1 else None
    if last in (
        "payload",
        "headers",
        "schema",
        "items",
        "additionalProperties",
        "not",
        "if",
        "then",
        "else",
        "contains",
    ):
        return True
    if holder in (
        "schemas",
        "properties",
        "patternProperties",
        "definitions",
        "$defs",
        "allOf",
        "anyOf",
        "items",
    ):
        return True
    return holder == "oneOf" and (at.pointer[-3] if len(at.pointer) > 2 else None) != "message"
