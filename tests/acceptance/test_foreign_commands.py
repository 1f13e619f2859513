"""Every command on documents that nobody here wrote, or that are as odd as such documents: none falls over."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from codegen.cli import main
from codegen.mock import serving
from codegen.pipeline import understand
from codegen.verify import Options, tried

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests" / "codegen" / "documents"
DATA = Path(os.environ.get("TAPEWIRE_DATA", ROOT.parent / "shared" / "data")) / "documents"
OTHERS = (
    "websocket-gemini.yml",
    "slack-rtm.yml",
    "social-media/frontend/asyncapi.yaml",
    "social-media/notification-service/asyncapi.yaml",
    "social-media/public-api/asyncapi.yaml",
)
"""Documents of others, for who has them: TAPEWIRE_DATA names the folder that `documents` is in."""
FAULTY = "social-media/backend/asyncapi.yaml"
"""One of theirs that refers to what there is not."""


def documents() -> Iterator[Any]:
    """Our own odd ones, then those of others."""
    for path in sorted(OWN.glob("*.*")):
        yield pytest.param(path, id=path.stem)
    for name in OTHERS:
        yield pytest.param(DATA / name, id=name.removesuffix("/asyncapi.yaml"))


@pytest.fixture(params=documents())
def document(request: pytest.FixtureRequest) -> Path:
    """One document."""
    return found(request.param)


def found(path: Path) -> Path:
    """A document; skips where nobody has put it."""
    if not path.is_file():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with documents of others")
    return path


def shortened(document: Path, folder: Path) -> tuple[Path, int]:
    """A copy, with all that lies beside it, in which every unbounded text has a bound; and how many there were."""
    top = document.parents[1] if document.is_relative_to(DATA / "social-media") else document.parent
    shutil.copytree(top, folder / "changed")
    changed = folder / "changed" / document.relative_to(top)
    data = YAML().load(changed.read_text(encoding="utf-8"))
    count = bound(data)
    with changed.open("w", encoding="utf-8") as file:
        if changed.suffix == ".json":
            json.dump(data, file)
        else:
            YAML().dump(data, file)
    return changed, count


def bound(data: object) -> int:
    """Give each text below `payload` or `schemas` a bound that the examples keep; how many there are."""
    found = 0
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("payload", "schemas", "properties", "items") and isinstance(value, dict):
                found += sum(map(bounded, value.values())) + bounded(value)
            found += bound(value)
    elif isinstance(data, list):
        found += sum(map(bound, data))
    return found


def bounded(schema: object) -> int:
    """Bound one schema, if it is that of a text without a bound; how many that are."""
    if not isinstance(schema, dict) or schema.get("type") != "string":
        return 0
    if {"maxLength", "enum", "const", "format", "pattern"} & set(schema):
        return 0
    schema["maxLength"] = 500
    return 1


def test_generate(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is generated, and is fresh then."""
    arguments = ["generate", "--spec", str(document), "--out", str(tmp_path / "out")]
    assert main(arguments) == 0, capsys.readouterr().err
    assert main([*arguments, "--check"]) == 0, capsys.readouterr().err


def test_lint(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a report; its exit code says whether there are errors."""
    code = main(["lint", str(document), "--format", "json", "--fail-on", "error"])
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert code == (1 if report["counts"]["error"] else 0), told.err


def test_diff(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With itself there is no difference; a copy in which texts are bounded breaks who sends them, and nobody else."""
    assert main(["diff", str(document), str(document), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []
    changed, count = shortened(document, tmp_path)
    code = main(["diff", str(document), str(changed), "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert code == (1 if told["breaking"] or not told["version"]["follows"] else 0)
    bounded = [change for change in told["changes"] if change["kind"] == "length-narrowed"]
    assert bool(bounded) == bool(count and understand(document).contract.channels)
    for change in bounded:
        assert (change["verdict"] == "breaking") == (change["direction"] == "client_to_server"), change


async def test_mock_and_verify(document: Path) -> None:
    """A mock serves the document, and keeps to it."""
    understood = understand(document)
    async with serving(understood, seed=3, rate=20) as mock:
        report = await tried(understood, mock.url, Options(examples=1, time=10, patience=5, listen=0.5))
    assert [str(violation) for violation in report.violations] == []


@pytest.mark.parametrize("command", [["generate", "--spec"], ["lint"], ["diff"], ["mock"], ["review"]])
def test_a_faulty_document_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever command is given a document that leads nowhere says so, with the place, and exits with 1."""
    faulty = str(found(DATA / FAULTY))
    more = {"diff": [faulty], "review": ["--report", "", "--base", faulty]}.get(command[0], [])
    assert main([*command, faulty, *more]) == 1
    told = capsys.readouterr()
    assert "messages.yaml:12:5" in told.out + told.err
    assert "ref-pointer" in told.out + told.err
