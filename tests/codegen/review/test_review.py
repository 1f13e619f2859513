"""The report: its verdict, what it says where something cannot be looked at, and its exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegen.cli import main
from tests.codegen.review.conftest import DOCUMENT, NARROWER, Repository

REPORT = Path("build/review.md")


@pytest.fixture
def branch(repository: Repository) -> Repository:
    """A branch of main, where all is fresh."""
    repository.write(DOCUMENT)
    assert main(["generate"]) == 0
    (repository.folder / ".gitignore").write_text("/build/\n")
    repository.commit()
    repository.git("switch", "--quiet", "--create", "work")
    return repository


def reviewed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code of a review, and what it prints."""
    capsys.readouterr()
    code = main(["review", *arguments])
    return code, capsys.readouterr().out


def test_nothing_has_changed(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A branch that leaves the contract alone is ready."""
    code, told = reviewed(capsys)
    assert (code, told.splitlines()[0]) == (0, "Ready: the contract has not changed.")
    assert REPORT.read_text().startswith("## ✅ Ready: the contract has not changed.")


def test_what_breaks_needs_a_version_and_fresh_files(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are named, and what breaks is told; with both, the change is ready."""
    branch.write(NARROWER)
    code, told = reviewed(capsys)
    first = "Not ready: info.version is 1.0.0, and what breaks asks for 2.0.0; generated/ is stale."
    assert (code, told.splitlines()[0]) == (1, first)
    assert "breaking (1)" in told
    assert "generated/models.py" in told
    branch.write(NARROWER.replace("1.0.0", "2.0.0"))
    assert main(["generate"]) == 0
    code, told = reviewed(capsys)
    assert code == 0
    assert told.startswith("Ready: 1 breaking change, and the version says so (1.0.0 → 2.0.0).")
    assert "<summary>What reads differently in the reference</summary>" in REPORT.read_text()


@pytest.mark.parametrize(
    ("text", "why", "fact"),
    [
        (
            DOCUMENT.replace("1.0.0", "2024-05"),
            "info.version is 2024-05, which is no semantic version as 1.0.0 is one",
            "Version    1.0.0 → 2024-05, which is no semantic version: 1.0.0 would do",
        ),
        (
            DOCUMENT.replace("1.0.0", "0.9.0"),
            "info.version is 0.9.0, which is lower than 1.0.0",
            "Version    1.0.0 → 0.9.0, which is lower",
        ),
    ],
)
def test_a_version_at_fault_by_itself_is_told_as_that(
    text: str, why: str, fact: str, branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing has changed, no changes are said to ask for another version."""
    branch.write(text)
    assert main(["generate"]) == 0
    code, told = reviewed(capsys)
    assert (code, told.splitlines()[0]) == (1, f"Not ready: {why}.")
    assert fact in told.splitlines()


def test_names_for_versions_have_to_differ(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Where versions are no numbers, another contract needs another name, and none is higher."""
    branch.write(DOCUMENT.replace("1.0.0", "2024-05"))
    branch.commit()
    branch.write(NARROWER.replace("1.0.0", "2024-05"))
    assert main(["generate"]) == 0
    told = reviewed(capsys, "--base", "HEAD")[1].splitlines()
    assert told[0] == "Not ready: info.version is 2024-05, as it was before what has changed."
    assert "Version    2024-05, but another one is asked for" in told


def test_a_summary_that_cannot_be_written_is_told_of(
    branch: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment names a folder, say: that is no bug of ours, and the report stands where it was printed."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(branch.folder))
    assert main(["review"]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == (
        f"error: GITHUB_STEP_SUMMARY: cannot write {branch.folder.as_posix()}: Is a directory"
    )
    assert said.out.startswith("Ready: ")


def test_new_findings_stand_apart_from_old_ones(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lint had to say on main is folded away; lines may move meanwhile."""
    without = DOCUMENT.replace("    description: All lamps.\n", "")
    branch.git("switch", "--quiet", "main")
    branch.write(without)
    assert main(["generate"]) == 0
    branch.commit()
    branch.git("switch", "--quiet", "--create", "more")
    branch.write("# A comment.\n" + without.replace(", description: Whether it is on.", ""))
    _, told = reviewed(capsys)
    new = told.split("new lint findings\n")[1].split("\n\n")[0]
    assert "property-description" in new
    assert "channel-description" not in new
    assert "channel-description" in REPORT.read_text().split("from before</summary>")[1]


def test_a_faulty_document_is_told_of(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """What lint finds stands in the report; nothing can be compared, nor generated."""
    branch.write(DOCUMENT.replace("type: boolean", "type: truth"))
    code, told = reviewed(capsys)
    assert code == 1
    assert told.startswith("Not ready: lint finds 1 error; nothing can be generated from the document.")
    assert "not compared: the document has errors, and cannot be compared" in told
    assert re.search(r"spec/asyncapi.yaml:14:\d+: error: bad-value: ", told)


def test_a_base_with_errors_is_told_of(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """There was one, and whether what is mended breaks somebody is not known: that is no yes."""
    branch.git("switch", "--quiet", "main")
    branch.commit(DOCUMENT.replace("type: boolean", "type: truth"))
    branch.git("switch", "--quiet", "--create", "mend")
    branch.write(DOCUMENT)
    code, told = reviewed(capsys)
    assert code == 1
    assert told.startswith("Not compared: the document at main at ")
    assert "has errors, name another with --base; the first: " in told


def test_of_a_base_that_cannot_be_read_no_finding_is_known(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lint finds is not called new then: there was nothing to tell it from."""
    branch.git("switch", "--quiet", "main")
    branch.commit(DOCUMENT + "  ]")
    branch.git("switch", "--quiet", "--create", "mend")
    branch.write(DOCUMENT)
    code, told = reviewed(capsys)
    assert code == 1
    assert told.count("has errors, name another with --base") == 1
    assert "\nChanges    not compared\n" in told
    assert "Lint       " in told
    assert "new" not in told


def test_the_verdict_counts_what_lint_finds_too_much_of(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """As bad as the configuration does not allow, or more warnings than that."""
    (branch.folder / "tapewire-lint.toml").write_text('fail-on = "warning"\n')
    branch.write(DOCUMENT.replace("    description: All lamps.\n", ""))
    assert main(["generate"]) == 0
    _, told = reviewed(capsys)
    assert "Not ready: " in told
    assert "lint finds 2 warnings." in told.splitlines()[0]
    (branch.folder / "tapewire-lint.toml").write_text("max-warnings = 0\n")
    _, told = reviewed(capsys)
    assert "lint finds 2 warnings, where none may be." in told.splitlines()[0]


def test_a_new_document_is_new(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """There was none on main, so nobody can break."""
    Path("other").mkdir()
    Path("other/asyncapi.yaml").write_text(DOCUMENT)
    assert main(["generate", "--spec", "other/asyncapi.yaml", "--out", "build/other"]) == 0
    code, told = reviewed(capsys, "other/asyncapi.yaml", "--out", "build/other")
    assert code == 0
    assert told.startswith("Nothing to compare with: there was no other/asyncapi.yaml at main at ")
    assert "Reference  not compared\n" in told


def test_without_a_base_the_rest_is_looked_at(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """No main branch: lint and freshness are told, but not what breaks. A base that was asked for has to be there."""
    branch.git("branch", "--delete", "--force", "main")
    code, told = reviewed(capsys)
    assert code == 1
    assert told.startswith("Not compared: there is no branch main here")
    assert REPORT.read_text().startswith("## ❌ Not compared: ")
    assert main(["review", "--base", "nowhere"]) == 2
    assert "there is no revision nowhere" in capsys.readouterr().err


def test_the_report_goes_where_it_is_wanted(
    branch: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into another file, or none; and into the summary of GitHub's actions, behind what is there."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("Tests pass.\n")
    assert reviewed(capsys, "--report", "")[0] == 0
    assert not REPORT.exists()
    assert Path("summary.md").read_text().startswith("Tests pass.\n## ✅ Ready")
    assert reviewed(capsys, "--report", "deep/down.md")[0] == 0
    assert Path("deep/down.md").read_text().startswith("## ✅ Ready")


def test_a_moved_document_is_compared(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Another name hides nothing; how to generate anew is said of that name."""
    branch.git("mv", "spec/asyncapi.yaml", "spec/contract.yaml")
    Path("spec/contract.yaml").write_text(NARROWER)
    code, told = reviewed(capsys, "spec/contract.yaml")
    assert code == 1
    assert told.startswith(
        "Not ready: info.version is 1.0.0, and what breaks asks for 2.0.0; generated/ is stale."
    )
    assert re.search(r"compared with main at \w{8} \(there: spec/asyncapi\.yaml\)$", told, re.M)
    assert "run python -m codegen generate --spec spec/contract.yaml\n" in told


def test_a_faulty_document_has_no_reference(branch: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing reads as before of which nothing is known."""
    branch.write(DOCUMENT.replace("type: boolean", "type: truth"))
    assert "Reference  not compared\n" in reviewed(capsys)[1]


def test_files_of_other_folders_were_there_before(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lint finds in a document that refers to another folder is known from the base."""
    branch.git("switch", "--quiet", "main")
    branch.write(
        DOCUMENT.replace("{type: boolean, description: Whether it is on.}", "{$ref: ../common/a.yaml}")
    )
    Path("common").mkdir()
    Path("common/a.yaml").write_text("type: object\nproperties: {lit: {type: string}}\n")
    assert main(["generate"]) == 0
    branch.commit()
    branch.git("switch", "--quiet", "--create", "more")
    branch.commit()
    code, told = reviewed(capsys)
    assert code == 0
    assert re.search(r"^Lint +new: nothing; from before: [1-9]", told, re.M), told


def test_one_line_of_the_reference_is_one_line(
    branch: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a channel is for is said once in the reference."""
    branch.write(DOCUMENT.replace("All lamps.", "All of the lamps."))
    assert "Reference  1 line more, 1 less\n" in reviewed(capsys)[1]
