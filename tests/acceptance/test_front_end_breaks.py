"""The sample front end compiles against the contract as it is, and stops where a change of the contract breaks it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.acceptance.editing import Change, Tree, at, edit, listed, schema
from tests.acceptance.front_end import ROOT, installed, type_errors, updated
from tests.typescript.packages import compile_package, install, write_package

SOURCES = ROOT / "examples" / "frontend" / "src"


def rename_last(document: dict[str, Tree]) -> None:
    """A quote's last price is called otherwise."""
    properties = at(schema(document, "Quote"), "properties")
    properties["last_price"] = properties.pop("last")
    required = listed(schema(document, "Quote"), "required")
    required[required.index("last")] = "last_price"


def require_venue(document: dict[str, Tree]) -> None:
    """Whoever asks for an order book has to say at which venue."""
    listed(schema(document, "BookSelection"), "required").append("venue")
    at(schema(document, "BookSelection"), "properties")["venue"] = {"type": "string", "description": "Where."}
    # The document's own examples follow, as its author would have to let them.
    for name in ("orderbook.subscribe", "orderbook.unsubscribe"):
        for example in listed(document, "components", "messages", name, "examples"):
            at(example, "payload", "payload")["venue"] = "X"


def add_side(document: dict[str, Tree]) -> None:
    """Who took the other's offer may be unknown."""
    listed(schema(document, "Trade"), "properties", "side", "enum").append("unknown")


def spare_change(document: dict[str, Tree]) -> None:
    """A quote need not tell the change any more."""
    listed(schema(document, "Quote"), "required").remove("change")


def add_optional(document: dict[str, Tree]) -> None:
    """A trade may name its venue."""
    at(schema(document, "Trade"), "properties")["venue"] = {"type": "string", "description": "Where."}


def add_kind(document: dict[str, Tree]) -> None:
    """One kind of symbol more, of those of which the contract says that more will come."""
    listed(schema(document, "SymbolInfo"), "properties", "type", "x-open-enum").append("future")


BREAKS: list[tuple[Change, str, str, str]] = [
    # The change, the file that it breaks, the line there, and what the compiler says about it.
    (rename_last, "src/watch.ts", "digits.price(quote.last)", "'last' does not exist on type 'Quote'"),
    (require_venue, "src/book.ts", "const selection: BookSelection", "'venue' is missing in type"),
    (add_side, "src/tape.ts", "side satisfies never", """'"unknown"' does not satisfy"""),
    (spare_change, "src/watch.ts", "signed(quote.change", "Argument of type 'number | undefined'"),
]


def changed(changes: Iterable[Change], folder: Path) -> Path:
    """The package of the document with some changes, written and compiled in `folder`."""
    shutil.copytree(ROOT / "spec", folder / "spec")

    def all_of_them(document: dict[str, Tree]) -> None:
        for change in changes:
            change(document)

    edit(folder / "spec" / "asyncapi.yaml", all_of_them)
    package = write_package(folder / "spec" / "asyncapi.yaml", folder / "generated")
    compiled = compile_package(package)
    assert compiled.returncode == 0, compiled.stdout
    return package


def errors(front_end: Path) -> set[tuple[str, str, str]]:
    """The compiler's errors: file, the text of the line it names, message."""
    found = set()
    for line in type_errors(front_end).splitlines():
        parts = re.match(r"(\S+?)\((\d+),\d+\): error TS\d+: (.*)", line)
        if parts:
            text = (front_end / parts[1]).read_text(encoding="utf-8").splitlines()[int(parts[2]) - 1]
            found.add((parts[1], text.strip(), parts[3]))
    return found


@pytest.fixture(scope="module")
def front_end(trading: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The front end with the package of the contract as it is; installed once."""
    return installed(trading, tmp_path_factory.mktemp("front-end"))


def test_it_compiles(front_end: Path) -> None:
    """Against the contract as it is, the compiler has nothing to say."""
    assert type_errors(front_end) == ""


def test_every_break_is_named(front_end: Path, tmp_path: Path) -> None:
    """Each change that breaks the front end is a compiler's error at the line that it breaks, and nowhere else."""
    package = changed((change for change, *_ in BREAKS), tmp_path)
    found = errors(updated(front_end, package, tmp_path))
    for change, file, line, message in BREAKS:
        named = [said for name, text, said in found if name == file and line in text]
        assert any(message in said for said in named), f"{change.__name__}: {found}"
    lines = {line for _, _, line, _ in BREAKS} | {"quote.change < 0"}
    assert [text for _, text, _ in found if not any(line in text for line in lines)] == []


def test_what_breaks_nobody_compiles(front_end: Path, tmp_path: Path) -> None:
    """An optional property more, or a value more of an open enumeration, is no error."""
    package = changed([add_optional, add_kind], tmp_path)
    assert type_errors(updated(front_end, package, tmp_path)) == ""


def test_a_break_end_to_end(tmp_path: Path) -> None:
    """Edit the document, run the one command, install the package: the compiler names the line."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    edit(tmp_path / "spec" / "asyncapi.yaml", add_side)
    generated = subprocess.run(
        [sys.executable, "-m", "codegen", "generate"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert generated.returncode == 0, generated.stderr
    package = tmp_path / "generated" / "typescript"
    assert compile_package(package).returncode == 0
    said = type_errors(installed(package, tmp_path))
    assert re.search(r"^src/tape\.ts\(\d+,\d+\): error TS1360: .*\"unknown\"", said, re.MULTILINE), said


def test_it_is_built_on_the_package_alone() -> None:
    """At run time there is the package and nothing else: one dependency, and imports of it and of neighbours."""
    named = json.loads((SOURCES.parent / "package.json").read_text(encoding="utf-8"))
    assert named["dependencies"] == {"trading-client": "file:../../generated/typescript"}
    for source in SOURCES.glob("*.ts"):
        for name in re.findall(r'from "([^"]+)"', source.read_text(encoding="utf-8")):
            assert name == "trading-client" or re.fullmatch(r"\./[\w-]+\.js", name), f"{source.name}: {name}"


def test_the_tests_tools_are_those_it_asks_for() -> None:
    """Compiler and bundler of the tests have the versions that the front end names."""
    named = json.loads((SOURCES.parent / "package.json").read_text(encoding="utf-8"))
    for name, version in named["devDependencies"].items():
        there = json.loads((install() / name / "package.json").read_text(encoding="utf-8"))
        assert there["version"] == version
