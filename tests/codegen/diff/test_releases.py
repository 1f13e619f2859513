"""Releases: frozen beside the document, told of in a changelog."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.pipeline import generate, understand
from tests.codegen.diff.editing import HERE, ROOT

TEXT = (
    (HERE / "topics.yaml").read_text("utf-8").replace("x-envelope:", "x-releases: releases\nx-envelope:", 1)
)


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document whose version 1.4.2 has been released."""
    (tmp_path / "spec").mkdir()
    path = tmp_path / "spec" / "asyncapi.yaml"
    path.write_text(TEXT, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["release"]) == 0
    return path


def rewrite(document: Path, *edits: tuple[str, str]) -> None:
    """Replace some texts of a document."""
    text = document.read_text("utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    document.write_text(text, "utf-8")


def test_the_first_release_is_the_document_in_one_piece(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It lies under its version, says nothing of files beside it, and can be compared like any document."""
    released = document.parent / "releases" / "1.4.2.json"
    data = json.loads(released.read_text("utf-8"))
    assert data["info"]["version"] == "1.4.2"
    assert "x-releases" not in data
    assert main(["diff", "spec/releases/1.4.2.json"]) == 0
    assert main(["release"]) == 0
    assert capsys.readouterr().out.endswith("spec/releases/1.4.2.json: released already\n")


def test_a_release_is_never_overwritten(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A version that was given away with another content is refused, and the next one is named."""
    before = (document.parent / "releases" / "1.4.2.json").read_bytes()
    rewrite(document, ("maximum: 500", "maximum: 100"))
    assert main(["release"]) == 1
    assert capsys.readouterr().err == (
        "error: 1.4.2 is released already, with another content; after 1.4.2 the document asks for 2.0.0\n"
    )
    assert (document.parent / "releases" / "1.4.2.json").read_bytes() == before


def test_what_asks_for_no_version_leaves_a_release_as_it_is(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where `diff` lets the document keep its version, `release` has nothing to refuse, and nothing to write."""
    released = document.parent / "releases" / "1.4.2.json"
    before = released.read_bytes()
    rewrite(document, ("    publish:\n", "    publish:\n      operationId: speakOfWind\n"))
    assert main(["diff", "spec/releases/1.4.2.json"]) == 0
    assert "version 1.4.2 stays, as it may" in capsys.readouterr().out
    assert main(["release"]) == 0
    assert capsys.readouterr().out == (
        "spec/releases/1.4.2.json: released already; nothing has changed since that asks for another version\n"
    )
    assert released.read_bytes() == before
    assert "not released yet" not in generate("spec/asyncapi.yaml")["changelog.md"]


@pytest.mark.parametrize("build", ["1.4.2+5", "v1.4.2"])
def test_build_metadata_names_no_other_version(
    build: str, document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`1.4.2+5` is 1.4.2 for `diff` and for `release`: released already, or refused where more has changed."""
    rewrite(document, ("version: 1.4.2", f"version: {build}"))
    assert main(["diff", "spec/releases/1.4.2.json"]) == 0
    assert main(["release"]) == 0
    assert "spec/releases/1.4.2.json: released already" in capsys.readouterr().out
    rewrite(document, ("maximum: 500", "maximum: 100"))
    assert main(["diff", "spec/releases/1.4.2.json"]) == 1
    assert main(["release"]) == 1
    assert capsys.readouterr().err == (
        f"error: {build} is released already, with another content; after 1.4.2 the document asks for 2.0.0\n"
    )
    rewrite(document, (f"version: {build}", "version: 2.0.0+7"))
    assert main(["release"]) == 0
    assert "wrote spec/releases/2.0.0.json, since 1.4.2: 1 breaking change\n" in capsys.readouterr().out
    assert main(["generate", "--check"]) == 1  # nothing was generated yet; the release can be read
    assert "x-releases" not in capsys.readouterr().err


def test_a_release_whose_version_does_not_follow_is_refused(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What breaks clients asks for a major version; with it the document is released."""
    rewrite(document, ("maximum: 500", "maximum: 100"), ("version: 1.4.2", "version: 1.5.0"))
    assert main(["release"]) == 1
    assert capsys.readouterr().err == (
        "error: version 1.5.0 does not follow: after 1.4.2 breaking changes ask for 2.0.0\n"
    )
    assert [path.name for path in (document.parent / "releases").iterdir()] == ["1.4.2.json"]
    rewrite(document, ("version: 1.5.0", "version: 2.0.0"))
    assert main(["release"]) == 0
    assert capsys.readouterr().out.endswith(
        "wrote spec/releases/2.0.0.json, since 1.4.2: 1 breaking change\n"
    )


def test_a_document_without_a_folder_for_releases_says_so(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`x-releases` says where releases are; without it there is nothing to release to."""
    rewrite(document, ("x-releases: releases\n", ""))
    assert main(["release"]) == 1
    assert "give it x-releases: releases" in capsys.readouterr().err
    rewrite(document, ("x-envelope:", "x-releases: ../elsewhere\nx-envelope:"))
    assert main(["release"]) == 1
    assert "spec/asyncapi.yaml:3:1: bad-value: " in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["../elsewhere", "/elsewhere"])
def test_a_folder_elsewhere_is_told_as_that(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document without an envelope may have an `x-releases` that is not ours; releasing says why it is no folder."""
    path = tmp_path / "paths.yaml"
    path.write_text(f"x-releases: {folder}\n" + (HERE / "paths.yaml").read_text("utf-8"), "utf-8")
    assert main(["release", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f'error: {path.as_posix()}:1:1: "x-releases" is ignored: ')
    assert folder in err


def test_the_changelog_has_a_chapter_for_each_release(document: Path) -> None:
    """The newest first, by version and not by name; what is not released has one while it differs."""
    assert "changelog.md" in generate("spec/asyncapi.yaml")
    rewrite(document, ("maximum: 500", "maximum: 900"), ("version: 1.4.2", "version: 1.10.0"))
    assert main(["release"]) == 0
    rewrite(document, ("minimum: 1,", "minimum: 2,"), ("version: 1.10.0", "version: 1.11.0"))
    changelog = generate("spec/asyncapi.yaml")["changelog.md"]
    chapters = [line for line in changelog.splitlines() if line.startswith("#")]
    assert chapters == [
        "# Changelog of the contract: Weather",
        "## 1.11.0, not released yet",
        "### Breaking",
        "## 1.10.0",
        "### Compatible",
        "## 1.4.2",
    ]
    assert "- **payload.limit of wind.ask** (what clients send): " in changelog
    assert changelog.endswith("## 1.4.2\n\nThe first release.\n")


def test_what_is_released_is_not_told_of_as_unreleased(document: Path) -> None:
    """The document as it was released has no chapter of its own."""
    assert "not released yet" not in generate("spec/asyncapi.yaml")["changelog.md"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("1.5.json", '{"info": {"version": "1.5"}}', "is to be named after its version, like 1.2.0.json"),
        (
            "1.5.0.json",
            '{"info": {"version": "1.6.0"}}',
            "has the version '1.6.0', which is not what its name says",
        ),
        ("1.5.0.json", "{", "cannot be read"),
        ("1.5.0.json", "[]", "is no document"),
    ],
)
def test_what_is_no_release_is_a_finding(
    name: str, text: str, words: str, document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the folder that is not what its name says stops the generator, at the line of `x-releases`."""
    (document.parent / "releases" / name).write_text(text, "utf-8")
    assert main(["generate"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"spec/asyncapi.yaml:3:1: x-releases: spec/releases/{name} ")
    assert words in err


def test_our_own_releases_follow_one_another() -> None:
    """The releases of this contract are in order, and the document is the last of them or has a higher version."""
    contract = understand(ROOT / "spec" / "asyncapi.yaml").contract
    assert [release.version for release in contract.releases][:3] == ["1.0.0", "1.1.0", "1.2.0"]
