"""A path to a `Document`: reads the file and all that its `$ref`s lead to.

Only what stands where a reference may stand is followed: the values of `examples`, `default`, `const` and
`enum` are data, though a property that happens to have such a name is a schema like any other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from codegen.contract import Json, Source
from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document, Key, Location, SourceFile
from codegen.syntax import Parsed, parse

DATA = frozenset({"examples", "example", "default", "const", "enum"})
"""Fields whose values are data, in which a `$ref` is a text like any other."""
NAMED = frozenset(
    {
        *("properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"),
        *("servers", "variables", "channels", "parameters", "bindings", "scopes"),
        *("schemas", "messages", "securitySchemes", "correlationIds", "serverVariables"),
        *("operationTraits", "messageTraits"),
        *("serverBindings", "channelBindings", "operationBindings", "messageBindings"),
    }
)
"""Fields whose keys are names that the author chose, so that none of them means anything by itself."""
FOLLOWED_EXTENSIONS = frozenset({"x-response", "x-envelope", "x-heartbeat", "x-authenticate"})
"""Extensions in which a `$ref` is followed; all others are the author's own business."""


def load(path: str | Path) -> Document:
    """The document at a path, with every file that it refers to.

    Raises:
        DocumentError: a file cannot be read or parsed, or a reference leads nowhere; carries all findings.

    """
    document, diagnostics = read(path)
    if diagnostics or document is None:
        raise DocumentError(diagnostics)
    return document


def read(path: str | Path) -> tuple[Document | None, list[Diagnostic]]:
    """The document as far as it could be read, and what is wrong; None where nothing could be."""
    loader = _Loader(path)
    root = loader.open(Path(path), None)
    if root is None:
        return None, loader.diagnostics
    start = Location(root)
    loader.walk(start)
    loader.refuse_cycles()
    # A text that stopped making sense half-way has no values to go on with.
    usable = loader.files[root].data is not None
    document = Document(start, loader.files, loader.references) if usable else None
    return document, loader.diagnostics


def from_data(data: Json, name: str = "asyncapi.json") -> tuple[Document, list[Diagnostic]]:
    """A document that is in memory already, without lines, and what is wrong with its references."""
    loader = _Loader(name)
    start = loader.add(Path(name), SourceFile(name, data, {(): (1, 1)}))
    loader.walk(start)
    loader.refuse_cycles()
    return Document(start, loader.files, loader.references), loader.diagnostics


class _Loader:
    def __init__(self, root: str | Path) -> None:
        self.files: dict[str, SourceFile] = {}
        self.references: dict[Location, Location] = {}
        self.diagnostics: list[Diagnostic] = []
        self._prefer_relative = not Path(root).is_absolute()
        self._names: dict[str, str | None] = {}
        self._paths: dict[str, Path] = {}
        self._visited: set[Location] = set()
        self._unread: dict[str, tuple[str, list[Location]]] = {}
        """Files that could not be read, by their real paths: why, and where they are wanted."""

    def report(self, at: Location | Source, rule: str, message: str) -> None:
        if isinstance(at, Location):
            at = Document(at, self.files).source(at)
        self.diagnostics.append(Diagnostic(at, rule, message))

    # --- files ---

    def open(self, path: Path, wanted_at: Location | None) -> str | None:
        """Parse a file; returns the name it is known by, or None, and reports, if it cannot be."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError) as error:  # a loop of links, a NUL in the name
            text = str(path).replace("\0", "\\0")
            at = wanted_at if wanted_at is not None else Source(text, 1, 1)
            self.report(at, "ref-file" if wanted_at else "file", f"{text} cannot be read: {error}")
            return None
        if real in self._names:
            if wanted_at is not None and real in self._unread:
                self._unread[real][1].append(wanted_at)
            return self._names[real]
        shown = self._display(path)
        content = self._text(path, shown, real, wanted_at)
        if content is None:
            self._names[real] = None
            return None
        parsed: Parsed = parse(content, shown)
        self.diagnostics += parsed.diagnostics
        self._names[real] = shown
        self.add(path, SourceFile(shown, parsed.data, parsed.positions))
        return shown

    def add(self, path: Path, file: SourceFile) -> Location:
        """Take in a file whose values are known."""
        self._paths[file.name] = path
        self.files[file.name] = file
        return Location(file.name)

    def _text(self, path: Path, name: str, real: str, wanted_at: Location | None) -> str | None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            why = f"there is no file {name}"
        except IsADirectoryError:
            why = f"{name} is a folder, not a file"
        except (OSError, ValueError) as error:
            why = f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"
        else:
            return self._decoded(raw, name)
        if wanted_at is None:
            self.report(Source(name, 1, 1), "file", why)
        else:
            self._unread[real] = (why, [wanted_at])
        return None

    def _tell_unread(self) -> None:
        """Of each file that could not be read, say so once: where it is wanted first."""
        for why, places in self._unread.values():
            first = min(places, key=lambda at: self._order(Document(at, self.files).source(at)))
            more = len(places) - 1
            again = f"; it is referred to {more} more time{'s' if more > 1 else ''}" if more else ""
            self.report(first, "ref-file", why + again)
        self._unread.clear()

    def _order(self, source: Source) -> tuple[int, int, int]:
        return list(self.files).index(source.file), source.line, source.column

    def _decoded(self, raw: bytes, name: str) -> str | None:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.report(Source(name, 1, 1), "encoding", "the file is UTF-16; save it as UTF-8")
            return None
        try:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            before = raw[: error.start]
            line = before.count(b"\n") + 1
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
            message = f"the byte 0x{raw[error.start]:02X} is not UTF-8; save the file as UTF-8"
            self.report(Source(name, line, column), "encoding", message)
            return None

    def _display(self, path: Path) -> str:
        absolute = Path(os.path.normpath(path.absolute()))
        here = Path.cwd()
        if absolute.is_relative_to(here):
            return absolute.relative_to(here).as_posix()
        if self._prefer_relative:
            try:
                return Path(os.path.relpath(absolute, here)).as_posix()
            except ValueError:  # another drive
                return absolute.as_posix()
        return absolute.as_posix()

    # --- references ---

    def walk(self, start: Location) -> None:
        """Record every reference that can be reached from a place."""
        waiting = [start]
        while waiting:
            at = waiting.pop()
            if at in self._visited:
                continue
            for place, mapping in self._mappings(at):
                target = self._reference(place, mapping)
                if target is not None:
                    self.references[place] = target
                    waiting.append(target)
        self._tell_unread()

    def _mappings(self, start: Location) -> Iterator[tuple[Location, dict[str, Json]]]:
        """Every mapping at or below a place that may hold a `$ref`, not seen before."""
        waiting: list[tuple[Location, Json, bool]] = [
            (start, Document(start, self.files).value(start), False)
        ]
        while waiting:
            at, value, is_named = waiting.pop()
            if isinstance(value, list):
                waiting += [(at.child(i), item, False) for i, item in enumerate(value)]
                continue
            if not isinstance(value, dict) or at in self._visited:
                continue
            self._visited.add(at)
            if "$ref" in value and not (is_named and isinstance(value["$ref"], dict | bool)):
                yield at, value
                continue
            for key, member in value.items():
                if is_named:
                    waiting.append((at.child(key), member, False))
                elif key not in DATA and (not key.startswith("x-") or key in FOLLOWED_EXTENSIONS):
                    waiting.append((at.child(key), member, key in NAMED))

    def _reference(self, at: Location, mapping: dict[str, Json]) -> Location | None:
        reference = mapping["$ref"]
        if not isinstance(reference, str):
            self.report(at.child("$ref"), "ref-type", "a $ref is a text")
            return None
        return self._resolve(at, reference, set())

    def _resolve(self, at: Location, reference: str, seen: set[Location]) -> Location | None:
        """Where a reference that stands at a place leads; None, and a finding, if nowhere."""
        where = at.child("$ref")
        address, _, fragment = reference.partition("#")
        file: str | None = at.file
        if address:
            path = self._path(where, address, at.file)
            file = self.open(path, where) if path is not None else None
        if file is None:
            return None
        if fragment and not fragment.startswith("/"):
            self.report(where, "ref-pointer", f'"#{fragment}" is no JSON pointer; it would begin with "#/"')
            return None
        if not self.files[file].positions:
            return None  # the file has been found wanting already
        return self._descend(Location(file), fragment, where, reference, seen)

    def _path(self, where: Location, address: str, holder: str) -> Path | None:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address):
            parts = urlsplit(address)
            if parts.scheme.lower() == "file" and parts.netloc in ("", "localhost"):
                return Path(url2pathname(parts.path))
            self.report(
                where, "ref-remote", f"{address} is not fetched; put a copy beside the document and name that"
            )
            return None
        if address.startswith("//"):
            self.report(
                where, "ref-remote", f"{address} is not fetched; put a copy beside the document and name that"
            )
            return None
        return self._paths[holder].parent / unquote(address)

    def _descend(
        self, at: Location, fragment: str, where: Location, reference: str, seen: set[Location]
    ) -> Location | None:
        document = Document(at, self.files)
        value = document.value(at)
        tokens = fragment.split("/")[1:]
        if tokens == [""] and not (isinstance(value, dict) and "" in value):
            tokens = []  # "file.yaml#/" for the whole file is wrong, and common
        for token in tokens:
            key = _key(value, token)
            if key is None and isinstance(value, dict) and isinstance(value.get("$ref"), str):
                # The way leads through another reference.
                if at in seen:
                    self.report(where, "ref-cycle", f"{reference} leads back to itself")
                    return None
                through = self._resolve(at, str(value["$ref"]), {*seen, at})
                if through is None:
                    return None
                at, value = through, document.value(through)
                key = _key(value, token)
            if key is None:
                self._missing(at, value, token, where, reference)
                return None
            at = at.child(key)
            value = document.value(at)
        return at

    def _missing(self, at: Location, value: Json, token: str, where: Location, reference: str) -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - only needed when something is wrong

        name = unquote(token).replace("~1", "/").replace("~0", "~")
        where_to = "/".join(map(str, at.pointer)) or "the file"
        message = f'{reference} leads nowhere: there is no "{name}" in {where_to}'
        close = get_close_matches(name, value, 1) if isinstance(value, dict) else []
        if close:
            message += f'; did you mean "{close[0]}"?'
        self.report(where, "ref-pointer", message)

    def refuse_cycles(self) -> None:
        """Report chains of references in which nothing is ever said, and cut them."""
        settled: set[Location] = set()
        for start in list(self.references):
            chain: list[Location] = []
            at = start
            while at in self.references and at not in settled:
                if at in chain:
                    ring = chain[chain.index(at) :]
                    for place in ring:
                        text = Document(place, self.files).value(place.child("$ref"))
                        self.report(place.child("$ref"), "ref-cycle", f"{text} leads back to itself")
                    for place in ring:
                        del self.references[place]
                    break
                chain.append(at)
                at = self.references[at]
            settled.update(chain)


def _key(value: Json, token: str) -> Key | None:
    """The key or index of a value that a token of a JSON pointer means; None if there is none."""
    for text in (unquote(token), token):
        name = text.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            return name
        if isinstance(value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", name) and int(name) < len(value):
            return int(name)
    return None
