"""Schemas in a plain form: without annotations, in one spelling, known by a text that equal schemas share.

Two documents, or two variants of one, come into one `World`: definitions that mean the same by their structure have
one name in it, whatever their authors called them and wherever they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from codegen.contract import Json, SchemaDict
from codegen.document import Document, SourceFile
from codegen.load import DATA
from codegen.location import Location
from codegen.schemas.unsent import unsent

Form: TypeAlias = Any
"""`False`, or a mapping of keywords of draft 7; `{}` is what accepts everything."""
Key: TypeAlias = str
Mode = Literal["plain", "inner", "outer"]
"""`outer`: without the properties that only the other document declares; `inner`: a part of such a schema."""

_MODES: tuple[Mode, ...] = ("plain", "inner", "outer")
TYPES = ("string", "number", "boolean", "object", "array", "null")
LISTS = ("allOf", "anyOf", "oneOf")
MAPPINGS = ("properties", "patternProperties")
SINGLE = ("not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems")
IN_PLACE = (*LISTS, "if", "then", "else")
_ENCODER = json.JSONEncoder(check_circular=False, sort_keys=True, separators=(",", ":"))
_LEAST = {"minLength": 0, "minItems": 0, "minProperties": 0}
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


@dataclass(frozen=True, slots=True)
class Root:
    """A schema of one of the world's documents."""

    side: int
    at: Location
    mode: Mode = "plain"


def plain(value: Json) -> Json:
    """A value with numbers in one spelling, as JSON compares them: `1.0` is `1`."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    return value


def text_of(value: Json | Form) -> Key:
    """What equal values, and equal schemas, share."""
    return _ENCODER.encode(value)


def document_of(schema: SchemaDict | bool) -> Document:
    """A schema on its own as a document; its `$ref`s lead into itself."""
    root = Location("")
    references: dict[Location, Location] = {}
    data: Json = schema if isinstance(schema, bool) else dict(schema)

    def walk(at: Location, value: Json, *, is_schema: bool = True) -> None:
        if isinstance(value, list):
            for index, item in enumerate(value):
                walk(at.child(index), item)
        elif isinstance(value, dict):
            target = value.get("$ref")
            if is_schema and isinstance(target, str) and target.startswith("#"):
                references[at] = _pointed(data, target)
            for key, member in value.items():
                if not (is_schema and key in DATA):
                    named = is_schema and key in {*MAPPINGS, "definitions", "$defs", "dependencies"}
                    walk(at.child(key), member, is_schema=not named)

    walk(root, data)
    return Document(root, {"": SourceFile("", data, {})}, references)


def _pointed(data: Json, target: str) -> Location:
    pointer: list[str | int] = []
    for part in target.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~").replace("%25", "%").replace("%22", '"')
        pointer.append(int(name) if isinstance(data, list) else name)
        data = data[pointer[-1]]  # type: ignore[index]
    return Location("", tuple(pointer))


class World:
    """Documents and all schemas that their roots reach, in plain form."""

    def __init__(
        self,
        documents: Sequence[Document],
        roots: Sequence[Root],
        *,
        leave_out: bool = False,
        own_too: bool = False,
    ) -> None:
        self.documents = documents
        self.branches = False
        """Whether any schema has alternatives."""
        self._roots = roots
        self._own_too = own_too
        self.forms: dict[Key, Form] = {}
        self._names: list[set[str]] = [set() for _ in documents]
        self._raw: dict[str, Form] = {}
        self._forms: dict[Root, Form] = {}
        self._settled: dict[int, Form] = {}
        """Forms without references, by their identity."""
        self._met: dict[str, None] = {}
        self._colours: dict[str, str] = {}
        self._joined: dict[tuple[int, tuple[Location, ...], Mode], Key] = {}
        self.definitions: dict[str, Form] = {}
        self._gather(roots)
        if leave_out:  # now it is known what is declared anywhere
            self._gather([Root(root.side, root.at, mode) for root in roots for mode in _MODES])
        self._join()

    def closed(self) -> World:
        """The same where what is left out are all names that any of the documents knows."""
        return World(self.documents, self._roots, leave_out=True, own_too=True)

    def key(self, root: Root) -> Key:
        """The text of a schema; equal texts are equal schemas."""
        return self.intern(self._renamed(self._form(root), self._colours))

    def joined(self, side: int, places: Sequence[Location], mode: Mode = "plain") -> Key:
        """The text of several schemas of one document together; of none: what accepts everything."""
        what = (side, tuple(places), mode)
        if what not in self._joined:
            forms = [self._form(Root(side, at, "inner" if mode == "outer" else mode)) for at in places]
            form = cleaned({"allOf": forms})
            if mode == "outer" and places:
                form = self._without_unknown(side, places, form)
            self._joined[what] = self.intern(self._renamed(form, self._colours))
        return self._joined[what]

    def refers(self, side: int, at: Location) -> bool:
        """Whether a schema refers to others, as far as is known; true of what is not known."""
        form = self._form(Root(side, at))
        return isinstance(form, dict) and id(form) not in self._settled

    def intern(self, form: Form) -> Key:
        """The text of a form that is made of this world's forms."""
        key = text_of(form)
        self.forms.setdefault(key, form)
        return key

    def _gather(self, roots: Sequence[Root]) -> None:
        """Take in all that the roots lead to, even from parts that say nothing in the end: they may be looked at."""
        for root in roots:
            self._form(root)
        while self._met:
            name = self._met.popitem()[0]
            if name not in self._raw:
                root = _root(name)
                self._raw[name] = self._form(root)
                if root.mode != "plain":  # parts may be looked at on their own
                    self._met.update(dict.fromkeys(_name(Root(root.side, root.at, mode)) for mode in _MODES))

    def _join(self) -> None:
        """Give one name to all definitions that cannot be told apart."""
        colours = dict.fromkeys(self._raw, "")
        count = 0
        while True:
            texts = {name: text_of(self._renamed(form, colours)) for name, form in self._raw.items()}
            first: dict[str, str] = {}
            for name, text in texts.items():
                first.setdefault(text, name)
            colours = {name: first[text] for name, text in texts.items()}
            if len(first) == count:
                break
            count = len(first)
        self._colours = colours
        for name in set(colours.values()):
            self.definitions[name] = self._renamed(self._raw[name], colours)

    def _renamed(self, form: Form, names: Mapping[str, str]) -> Form:
        """A form whose references have other names; the same one where it has none."""
        if not isinstance(form, dict) or id(form) in self._settled:
            return form
        if "$ref" in form:
            return {"$ref": names[form["$ref"]]}
        copy = dict(form)
        changed = False
        for key, name, part in parts_of(form):
            renamed = self._renamed(part, names)
            if renamed is part:
                continue
            changed = True
            if name is None:
                copy[key] = renamed
            else:
                if copy[key] is form[key]:
                    copy[key] = form[key].copy()
                copy[key][name] = renamed
        if not changed:
            self._settled[id(form)] = form
            return form
        for key in LISTS:  # their order says nothing
            if key in copy:
                copy[key] = sorted(copy[key], key=text_of)
        return copy

    def _form(self, root: Root) -> Form:
        if root not in self._forms:
            self._forms[root] = self._formed(root)
        return self._forms[root]

    def _formed(self, root: Root) -> Form:
        document = self.documents[root.side]
        if root.at in document.references:
            name = _name(Root(root.side, document.follow(root.at), root.mode))
            self._met[name] = None
            return {"$ref": name}
        value = document.value(root.at)
        if not isinstance(value, dict):
            return {} if value is not False else False
        members = {key: self._member(root, key, member) for key, member in value.items() if key in _KNOWN}
        if self._own_too and root.mode != "plain" and "oneOf" in members and "anyOf" not in members:
            members["anyOf"] = members.pop("oneOf")  # what closes them tells them apart
        form = cleaned(members)
        if root.mode == "outer":
            return self._without_unknown(root.side, [root.at], form)
        return form

    def _member(self, root: Root, key: str, value: Json) -> Form:
        at = root.at.child(key)
        in_place = root.mode if root.mode == "plain" else "inner"
        below: Mode = "plain" if root.mode == "plain" or key in {"not", "if"} else "outer"
        inner: Mode = in_place if key in IN_PLACE and key != "if" else below

        def form(*keys: str | int, mode: Mode = inner) -> Form:
            return self._form(Root(root.side, at.child(*keys), mode))

        if key in LISTS and isinstance(value, list):
            self.branches = self.branches or (key != "allOf" and len(value) > 1)
            return [form(index) for index in range(len(value))]
        if key in MAPPINGS and isinstance(value, dict):
            if key == "properties":
                self._names[root.side].update(value)
            return {name: form(name) for name in value}
        if key == "items" and isinstance(value, list):
            return [form(index) for index in range(len(value))]
        if key in SINGLE or key == "items":
            return form()
        if key == "dependencies" and isinstance(value, dict):
            return {
                name: sorted(set(member)) if isinstance(member, list) else form(name, mode=in_place)
                for name, member in value.items()
            }
        return value

    def _without_unknown(self, side: int, places: Sequence[Location], form: Form) -> Form:
        if form is False or "object" not in form.get("type", ("object",)):
            return form
        others = set().union(
            *(names for other, names in enumerate(self._names) if self._own_too or other != side)
        )
        added = unsent(self.documents[side], places, others, lambda at: self._form(Root(side, at, "inner")))
        return {"allOf": [form, *added]} if added else form


def _name(root: Root) -> str:
    return text_of([root.side, root.at.file, list(root.at.pointer), root.mode])


def _root(name: str) -> Root:
    side, file, pointer, mode = json.loads(name)
    return Root(side, Location(file, tuple(pointer)), mode)


_KNOWN = frozenset(
    {
        *("type", "enum", "const", "format", "pattern", "required", "uniqueItems", "items", "dependencies"),
        *(*LISTS, *MAPPINGS, *SINGLE, *_NUMBERS, *_COUNTS),
    }
)


def cleaned(form: Mapping[str, Form]) -> Form:  # noqa: PLR0911, PLR0912, PLR0915 - a table of keywords
    """A mapping of keywords, whose schemas are forms, without what says nothing, in one spelling."""
    found: dict[str, Form] = {}
    for key, value in form.items():
        match key:
            case "type":
                kinds = {value} if isinstance(value, str) else set(value)
                kinds -= {"integer"} if "number" in kinds else set()
                if not kinds >= set(TYPES):
                    found[key] = sorted(kinds)
            case "const":
                pass
            case "enum":
                found[key] = Values(value)
            case "required":
                if isinstance(value, list) and value:
                    found[key] = sorted(set(value))
            case "uniqueItems":
                if value is True:
                    found[key] = True
            case "allOf":
                parts = {text_of(part): part for part in value if part != {}}
                if any(part is False for part in value):
                    return False
                if parts:
                    found[key] = [parts[text] for text in sorted(parts)]
            case "anyOf":
                parts = {text_of(part): part for part in value if part is not False}
                if not parts:
                    return False
                if "{}" not in parts:
                    found[key] = [parts[text] for text in sorted(parts)]
            case "oneOf":
                arms = [part for part in value if part is not False]
                if not arms:
                    return False
                found["anyOf" if len(arms) == 1 and "anyOf" not in form else key] = sorted(arms, key=text_of)
            case "not":
                if value == {} and value is not False:
                    return False
                if value is not False:
                    found[key] = value
            case "then" | "else":
                if "if" in form and value != {}:
                    found[key] = value
            case "if":
                if form.get("then", {}) != {} or form.get("else", {}) != {}:
                    found[key] = value
            case "items" | "additionalProperties" | "propertyNames":
                if value not in ({}, []):
                    found[key] = value
            case "additionalItems":
                if isinstance(form.get("items"), list) and value != {}:
                    found[key] = value
            case "format" | "pattern":
                if isinstance(value, str):
                    found[key] = value
            case _ if key in MAPPINGS or key == "dependencies":
                if value:
                    found[key] = value
            case _ if key in _NUMBERS or key in _COUNTS:
                number = plain(value)
                if (
                    isinstance(number, int | float)
                    and not isinstance(number, bool)
                    and _LEAST.get(key) != number
                ):
                    found[key] = number
            case _:
                found[key] = value
    if "const" in form:
        value = plain(form["const"])
        found["enum"] = Values([value] if text_of(value) in map(text_of, found.get("enum", [value])) else [])
    if found.get("enum") == []:
        return False
    for key in ("allOf", "anyOf"):
        if list(found) == [key] and len(found[key]) == 1:
            return found[key][0]
    return found


class Values(list[Json]):
    """Different values in one order, with what they are called."""

    def __init__(self, values: Iterable[Json]) -> None:
        texts = {text_of(plain(value)): plain(value) for value in values}
        self.texts = frozenset(texts)
        super().__init__(texts[text] for text in sorted(texts))


def parts_of(form: Form) -> Iterator[tuple[str, str | int | None, Form]]:
    """The schemas right within a form: keyword, name or index, form."""
    if not isinstance(form, dict):
        return
    for key, value in form.items():
        if key in LISTS or (key == "items" and isinstance(value, list)):
            yield from ((key, index, part) for index, part in enumerate(value))
        elif key in MAPPINGS:
            yield from ((key, name, part) for name, part in value.items())
        elif key == "dependencies":
            yield from ((key, name, part) for name, part in value.items() if not isinstance(part, list))
        elif key in SINGLE or key == "items":
            yield key, None, value
