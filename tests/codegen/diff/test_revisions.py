"""Documents by file and by revision, from the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.diff import pair, read
from codegen.diff.revisions import split
from tests.codegen.diff.editing import HERE

SCHEMAS = """\
Wind:
  type: object
  required: [knots]
  properties:
    knots: {type: number}
"""
DOCUMENT = """\
asyncapi: 2.4.0
info: {title: Small, version: 1.0.0}
channels:
  /wind:
    subscribe:
      message:
        name: wind
        payload: {$ref: '../shared/schemas.yaml#/Wind'}
"""


def git(folder: Path, *arguments: str) -> None:
    """Run git with an identity of its own."""
    identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
    ]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose document has a part in another folder, and was changed there since the last commit."""
    if shutil.which("git") is None:
        pytest.skip("no git")
    (tmp_path / "spec").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "spec" / "asyncapi.yaml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "shared" / "schemas.yaml").write_text(SCHEMAS, "utf-8")
    (tmp_path / ".gitattributes").write_text("shared export-ignore\n", "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "tag", "v1.0")
    git(tmp_path, "branch", "fix/of.wind")
    (tmp_path / "shared" / "schemas.yaml").write_text(SCHEMAS.replace("number", "string"), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["main:"],
        ["main"],
        ["v1.0"],
        ["fix/of.wind:"],
        ["fix/of.wind"],
        ["HEAD", "spec/asyncapi.yaml"],
        ["main:spec/asyncapi.yaml"],
    ],
)
def test_a_revision_is_compared_with_what_lies_here(
    arguments: list[str], repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the document refers to comes from the same revision; places name it; breaking is exit code 1."""
    assert main(["diff", *arguments]) == 1
    out = capsys.readouterr().out
    revision = arguments[0].partition(":")[0]
    assert out.startswith(f"{revision}:spec/asyncapi.yaml → spec/asyncapi.yaml: 1 breaking change\n")
    assert "shared/schemas.yaml:5:13" in out
    assert "version 1.0.0 does not follow: after 1.0.0 breaking changes ask for 2.0.0" in out


def test_places_at_a_revision_are_named_by_it(repository: Path) -> None:
    """Where a document of a revision says something is told with the revision's name, wherever it was unpacked."""
    understood = read("main:spec/asyncapi.yaml")
    assert sorted(understood.document.files) == ["main:shared/schemas.yaml", "main:spec/asyncapi.yaml"]
    message = understood.contract.message("wind")
    assert str(message.source) == "main:spec/asyncapi.yaml:6:7"
    assert understood.contract.source == "main:spec/asyncapi.yaml"


def test_mistakes_at_a_revision_are_told_of_it(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document with mistakes is not compared: its findings are printed by the revision's name, exit code 1."""
    path = repository / "spec" / "asyncapi.yaml"
    path.write_text(DOCUMENT.replace("/wind:", "/wind: &a"), "utf-8")
    path.write_text(DOCUMENT.replace("subscribe", "subscrib"), "utf-8")
    git(repository, "commit", "-qam", "two")
    path.write_text(DOCUMENT, "utf-8")
    assert main(["diff", "HEAD:", "spec/asyncapi.yaml"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("HEAD:spec/asyncapi.yaml:5:5: unknown-field:")
    assert main(["diff", "HEAD~1:", "HEAD:"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("HEAD:spec/asyncapi.yaml:5:5: unknown-field:")
    assert err.endswith("; nothing was compared\n")


def test_a_document_that_was_called_otherwise_is_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where git sees that a file was renamed since a revision, the error says what to ask for."""
    git(repository, "mv", "spec/asyncapi.yaml", "spec/contract.yaml")
    assert main(["diff", "main:", "spec/contract.yaml"]) == 2
    assert capsys.readouterr().err == (
        "error: there is no spec/contract.yaml at main; "
        "it was spec/asyncapi.yaml there: name main:spec/asyncapi.yaml\n"
    )
    assert main(["diff", "main:spec/asyncapi.yaml", "spec/contract.yaml"]) == 1


def test_what_is_staged_can_be_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty revision is git's index, as git has it."""
    assert main(["diff", "HEAD:spec/asyncapi.yaml", ":spec/asyncapi.yaml"]) == 0
    assert main(["diff", "HEAD:spec/asyncapi.yaml", ":0:spec/asyncapi.yaml"]) == 0
    git(repository, "add", ".")
    assert main(["diff", "HEAD:spec/asyncapi.yaml", ":spec/asyncapi.yaml"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere:"], "error: there is no revision nowhere\n"),
        (["nowhere.yaml"], "error: there is no file nowhere.yaml\n"),
        (["main:nowhere.yaml"], "error: there is no nowhere.yaml at main\n"),
        (["spec/asyncapi.yaml", "other/asyncapi.yaml"], "error: there is no file other/asyncapi.yaml\n"),
        (["spec", "spec/asyncapi.yaml"], "error: spec is a folder; name a document in it\n"),
        (["main:spec", "spec/asyncapi.yaml"], "error: spec at main is a folder; name a document in it\n"),
        (["nowhere"], "error: there is neither a file nor a revision nowhere\n"),
        (["--help-me:"], "error"),
    ],
)
def test_what_is_not_there_is_one_line(
    arguments: list[str], words: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No such file or revision: exit code 2 and one line."""
    if arguments[0].startswith("--"):
        arguments = ["--", *arguments]
    assert main(["diff", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(words)
    assert captured.err.count("\n") == 1


def test_without_a_repository_files_can_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files need no git; a revision without a repository is one line."""
    shutil.copy(HERE / "topics.yaml", tmp_path / "old.yaml")
    (tmp_path / "new.yaml").write_text(
        (HERE / "topics.yaml")
        .read_text("utf-8")
        .replace("maximum: 500", "maximum: 900")
        .replace("1.4.2", "1.5.0"),
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["diff", "old.yaml", "new.yaml", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["breaking"] is False
    assert told["version"] == {"old": "1.4.2", "new": "1.5.0", "suggested": "1.5.0", "follows": True}
    assert told["counts"] == {"breaking": 0, "dangerous": 0, "compatible": 1}
    (change,) = told["changes"]
    assert change["path"] == "/components/schemas/Question/properties/limit/maximum"
    assert (change["verdict"], change["direction"], change["messages"]) == (
        "compatible",
        "client_to_server",
        ["wind.ask"],
    )
    assert (change["file"], change["old"], change["new"]) == ("new.yaml", 500, 900)
    assert main(["diff", "main:", "new.yaml"]) == 2
    assert (
        capsys.readouterr().err
        == "error: there is no git repository here, so there are no revisions to read\n"
    )


def test_a_missing_part_is_taken_from_the_other_side(repository: Path) -> None:
    """A bare revision means the other document; a missing second one the same file as it is here."""
    assert pair("main:", None) == ("main:spec/asyncapi.yaml", "spec/asyncapi.yaml")
    assert pair("main", "HEAD:shared/x.yaml") == ("main:shared/x.yaml", "HEAD:shared/x.yaml")
    assert pair("main:a/b.yaml", None) == ("main:a/b.yaml", "a/b.yaml")
    assert pair("old.yaml", None) == ("old.yaml", "spec/asyncapi.yaml")
    assert split("C:\\spec\\asyncapi.yaml") == (None, "C:\\spec\\asyncapi.yaml")


def test_paths_behind_a_revision_are_from_the_root_or_from_here(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git has it: `main:spec/…` from the repository's root, `main:./…` from the working folder."""
    monkeypatch.chdir(repository / "spec")
    for reference in ("main:spec/asyncapi.yaml", "main:./asyncapi.yaml", "main:../spec/asyncapi.yaml"):
        assert read(reference).contract.source == "main:spec/asyncapi.yaml"
    assert pair("main:", "asyncapi.yaml") == ("main:spec/asyncapi.yaml", "asyncapi.yaml")
