"""A branch with ten planted changes: the review sorts all of them rightly, and says of each who breaks and how."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from codegen.cli import main
from generated.constants import VERSION
from tests.acceptance.editing import Tree, edit
from tests.acceptance.planted import COMPANIONS, TEN, Planted, all_ten, version

ROOT = Path(__file__).resolve().parents[2]
NOBODY = {
    **{f"GIT_{who}_NAME": "Author" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "author@example.com" for who in ("AUTHOR", "COMMITTER")},
    **{"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
}
"""Whoever runs the tests, and however their git is set up."""
OLD = VERSION
_MAJOR, _MINOR, _PATCH = map(int, OLD.split("."))
MAJOR, MINOR = f"{_MAJOR + 1}.0.0", f"{_MAJOR}.{_MINOR + 1}.0"
"""The versions that follow the contract's: what breaks asks for the one, what is new for the other."""
QUIET = ("TAPEWIRE_REVIEW_BASE", "GITHUB_BASE_REF", "GITHUB_STEP_SUMMARY")
"""What a machine may have set for a review of its own."""


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the clone, with this checkout's packages."""
    environment = {name: value for name, value in os.environ.items() if name not in QUIET}
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, **NOBODY, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def git(folder: Path, *arguments: str) -> None:
    """Run git in the clone."""
    done = run(folder, "git", *arguments)
    assert done.returncode == 0, done.stderr


def codegen(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in the clone."""
    return run(folder, sys.executable, "-m", "codegen", *arguments, **variables)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the contract and what is generated from it on its branch main, and a branch to work on."""
    folder = tmp_path_factory.mktemp("clone")
    skip = shutil.ignore_patterns("node_modules", "__pycache__", "dist")
    for room in ("spec", "generated"):
        shutil.copytree(ROOT / room, folder / room, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ".gitignore").write_text("/build/\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    git(folder, "switch", "--quiet", "--create", "ten-changes")
    return folder


def sections(report: str) -> dict[str, str]:
    """The report's part for each verdict."""
    found = {}
    for verdict in ("breaking", "dangerous", "compatible"):
        part = re.search(
            rf"(?:### |<summary>){verdict} \(\d+\)(.*?)(?=\n#|<summary>|\Z)", report, re.S | re.I
        )
        found[verdict] = part[1] if part else ""
    return found


@pytest.mark.timeout(300)
def test_ten_changes_are_sorted_rightly(clone: Path) -> None:
    """The verdict comes first; each change stands under its own, with who breaks; what has to be mended is named."""
    edit(clone / "spec" / "asyncapi.yaml", all_ten)
    git(clone, "commit", "--quiet", "--all", "--message", "Change the contract in ten ways")

    reviewed = codegen(clone, "review")
    assert reviewed.returncode == 1, reviewed.stdout + reviewed.stderr
    report = (clone / "build" / "review.md").read_text(encoding="utf-8")
    not_ready = rf"Not ready: .*\b{OLD}\b.*, and what breaks asks for {MAJOR}; generated/ is stale\.$"
    for first in (reviewed.stdout.splitlines()[0], report.splitlines()[0]):
        assert re.search(not_ready, first), first
    told = sections(report)
    assert {
        name: len(re.findall(r"(?m)^\| [→←]? \| (?!what )", part)) for name, part in told.items()
    } == counts()
    for planted in TEN:
        rows = [row for row in told[planted.verdict].splitlines() if re.search(planted.who, row)]
        assert rows, f"{planted.name}: {told}"
        assert any(re.search(planted.who, line) for line in unwrapped(reviewed.stdout)), planted.name
    assert "- `generated/models.py`\n" in report
    # What a reviewer may skip is folded, and the report is no longer than a minute's reading.
    assert "<details><summary>What reads differently in the reference" in report
    assert len(report.split("<details>")[0].split()) < 500

    edit(clone / "spec" / "asyncapi.yaml", version(MAJOR))
    assert codegen(clone, "generate").returncode == 0
    summary = clone / "summary.md"
    ready = codegen(clone, "review", "--report", "", GITHUB_STEP_SUMMARY=str(summary))
    assert ready.returncode == 0, ready.stdout
    assert ready.stdout.startswith(f"Ready: 4 breaking changes, and the version says so ({OLD} → {MAJOR}).\n")
    assert summary.read_text(encoding="utf-8").startswith("## ✅ Ready: 4 breaking changes")


def counts() -> dict[str, int]:
    """How many changes the report has to have of each verdict, those that are told in two places twice."""
    verdicts = [planted.verdict for planted in TEN] + list(COMPANIONS.values())
    return {verdict: verdicts.count(verdict) for verdict in ("breaking", "dangerous", "compatible")}


def unwrapped(text: str) -> list[str]:
    """The paragraphs of a text that was broken into lines of a terminal's width."""
    return re.sub(r"\n {6}(?=\S)", " ", text).splitlines()


@pytest.fixture(scope="module")
def written() -> dict[str, Tree]:
    """The document as data; it is read once, since that takes longest."""
    data: dict[str, Tree] = YAML(typ="safe").load(
        (ROOT / "spec" / "asyncapi.yaml").read_text(encoding="utf-8")
    )
    return data


@pytest.mark.parametrize("planted", TEN, ids=[planted.name for planted in TEN])
def test_each_change_alone(
    planted: Planted, written: dict[str, Tree], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`diff --format json` has that change and no other, with verdict, direction, messages and reason."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    document = deepcopy(written)
    planted.change(document)
    new = tmp_path / "spec" / "asyncapi.json"
    new.write_text(json.dumps(document), encoding="utf-8")
    code = main(["diff", str(ROOT / "spec" / "asyncapi.yaml"), str(new), "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    mine = [one for one in told["changes"] if re.search(planted.who, one["reason"])]
    assert len(mine) == 1, told["changes"]
    [change] = mine
    assert (change["verdict"], change["direction"]) == (planted.verdict, planted.direction)
    assert planted.where in change["messages"] or f"/{planted.where}:" in change["path"]
    others = [one["verdict"] for one in told["changes"] if one is not change]
    assert others == [verdict for who, verdict in COMPANIONS.items() if who is planted.change]
    assert told["breaking"] == (planted.verdict == "breaking")
    assert told["version"]["suggested"] == (MAJOR if told["breaking"] else MINOR)
    # The version has not been raised, and would have to be.
    assert code == 1
