"""The command line, run as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

DOCUMENT = """\
asyncapi: 2.4.0
info: {title: Small, version: '1'}
channels:
  /ticks:
    subscribe:
      message:
        name: tick
        payload: {type: object, required: [price], properties: {price: {type: number}}}
"""


def codegen(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m codegen` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "codegen", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a small document where the generator looks for one."""
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "asyncapi.yaml").write_text(DOCUMENT, encoding="utf-8")
    return tmp_path


def test_generate_writes_what_it_names_and_then_nothing_more(project: Path) -> None:
    """The first run tells of each file; the second says that all are unchanged; check agrees."""
    first = codegen("generate", cwd=project)
    assert (first.returncode, first.stderr) == (0, "")
    lines = first.stdout.splitlines()
    assert "wrote generated/models.py" in lines
    named = [line.removeprefix("wrote ") for line in lines[:-1]]
    assert lines[-1] == f"generated: {len(named)} written, 0 unchanged"
    assert all((project / name).is_file() for name in named)
    second = codegen("generate", cwd=project)
    assert second.stdout == f"generated: 0 written, {len(named)} unchanged\n"
    check = codegen("generate", "--check", cwd=project)
    assert (check.returncode, check.stdout) == (0, f"generated: up to date, {len(named)} files\n")


def test_check_shows_a_diff_and_writes_nothing(project: Path) -> None:
    """When the document has changed, the diff is printed, the exit code is 1, and the files stay."""
    codegen("generate", cwd=project)
    models = project / "generated" / "models.py"
    before = models.read_text(encoding="utf-8")
    document = project / "spec" / "asyncapi.yaml"
    document.write_text(DOCUMENT.replace("price:", "prize:"), encoding="utf-8")
    check = codegen("generate", "--check", cwd=project)
    assert check.returncode == 1
    assert "--- generated/models.py\n+++ generated/models.py\n" in check.stdout
    assert "+    prize" in check.stdout
    assert check.stderr == "generated is stale; run the same command without --check\n"
    assert models.read_text(encoding="utf-8") == before


def test_mistakes_leave_the_old_files(project: Path) -> None:
    """While the document has mistakes, what was generated before stays."""
    codegen("generate", cwd=project)
    before = {path: path.read_bytes() for path in (project / "generated").rglob("*") if path.is_file()}
    (project / "spec" / "asyncapi.yaml").write_text(DOCUMENT.replace("number", "numbr"), encoding="utf-8")
    for arguments in (("generate",), ("generate", "--check")):
        result = codegen(*arguments, cwd=project)
        assert result.returncode == 1
        assert result.stderr.startswith("spec/asyncapi.yaml:8:")
        assert result.stderr.endswith("1 error; nothing was written\n")
    assert {
        path: path.read_bytes() for path in (project / "generated").rglob("*") if path.is_file()
    } == before


def test_warnings_are_told_and_stop_nothing(project: Path) -> None:
    """An example that contradicts its schema is reported at its line; the files are written."""
    text = DOCUMENT + "        examples: [{payload: {price: much}}]\n"
    (project / "spec" / "asyncapi.yaml").write_text(text, encoding="utf-8")
    result = codegen("generate", cwd=project)
    assert result.returncode == 0
    assert result.stderr == (
        "spec/asyncapi.yaml:9:31: warning: example: the example contradicts its schema: "
        '"much" is not of type "number"\n1 warning\n'
    )
    assert (project / "generated" / "models.py").is_file()


def test_the_same_files_come_from_anywhere(project: Path) -> None:
    """An absolute path, another working folder and another hash seed change no byte."""
    codegen("generate", cwd=project)
    for seed, folder in (("1", "one"), ("2", "two")):
        document = project / "spec" / "asyncapi.yaml"
        codegen("generate", "--spec", str(document), "--out", folder, cwd=project, PYTHONHASHSEED=seed)

    def tree(folder: str) -> dict[str, bytes]:
        top = project / folder
        return {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}

    assert tree("generated") == tree("one") == tree("two") != {}


def test_the_files_are_fresh_from_any_folder(project: Path) -> None:
    """What was generated from above is up to date from beside the document, and the other way round."""
    beside = project / "spec"
    assert codegen("generate", cwd=project).returncode == 0
    again = ("generate", "--spec", "asyncapi.yaml", "--out", "../generated")
    assert codegen(*again, "--check", cwd=beside).returncode == 0
    (project / "generated" / "models.py").unlink()
    assert codegen(*again, cwd=beside).returncode == 0
    assert codegen("generate", "--check", cwd=project).returncode == 0


def test_the_users_template_replaces_ours(project: Path) -> None:
    """A file in the templates folder is used for its output, and for no other."""
    codegen("generate", cwd=project)
    before = {path: path.read_bytes() for path in (project / "generated").rglob("*") if path.is_file()}
    (project / "mine").mkdir()
    (project / "mine" / "constants.py.jinja").write_text('TITLE = "{{ contract.title }}"\n', encoding="utf-8")
    (project / "mine" / "_notes.txt").write_text("what only the author reads\n", encoding="utf-8")
    assert codegen("generate", "--templates", "mine", cwd=project).returncode == 0
    changed = [
        path for path, raw in before.items() if path.read_bytes() != raw and not path.name.startswith(".")
    ]
    assert [path.name for path in changed] == ["constants.py"]
    assert changed[0].read_text(encoding="utf-8") == 'TITLE = "Small"\n'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if %}\n", "mine/constants.py.jinja:1: template: "),
        ("\n{{ contract.nothing }}\n", "mine/constants.py.jinja:2: template: "),
        ("\n\n{{ 1 / 0 }}\n", "mine/constants.py.jinja:3: template: division by zero"),
        ("{% include 'nothing.jinja' %}\n", "mine/constants.py.jinja:1: template: "),
        (
            "\nX = = 1\n",
            "mine/constants.py.jinja: template: what it makes is not Python: line 2: invalid syntax: X = = 1",
        ),
        (
            "X = 'caf\udce9'\n",
            "mine/constants.py.jinja: template: the byte 0xE9 is not UTF-8; save the file as UTF-8",
        ),
    ],
)
def test_a_broken_template_is_told_in_one_line(project: Path, template: str, expected: str) -> None:
    """A template that does not parse, asks for what there is not, or makes no Python is named."""
    (project / "mine").mkdir()
    (project / "mine" / "constants.py.jinja").write_text(template, "utf-8", "surrogateescape")
    result = codegen("generate", "--templates", "mine", cwd=project)
    assert result.returncode == 1
    assert result.stderr.startswith(expected)
    assert result.stderr.count("\n") == 1
    assert not (project / "generated").exists()


def test_misuse_is_told_in_one_line(project: Path) -> None:
    """What does not exist, or cannot be written to, is named; the exit code is 2 and nothing happens."""
    (project / "file").write_text("", encoding="utf-8")
    (project / "mine").mkdir()
    (project / "mine" / "constant.py.jinja").write_text("", encoding="utf-8")
    for arguments, words in (
        (("--templates", "nowhere"), "there is no folder nowhere"),
        (
            ("--templates", "mine"),
            'mine/constant.py.jinja replaces nothing, did you mean "constants.py.jinja"?',
        ),
        (("--out", "file"), "file is not a folder"),
        (("--out", ""), "--out"),
    ):
        result = codegen("generate", *arguments, cwd=project)
        assert result.returncode == 2
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
    assert codegen("generate", "--nonsense", cwd=project).returncode == 2
    assert codegen("nonsense", cwd=project).returncode == 2
    assert codegen(cwd=project).returncode == 2
    assert not (project / "generated").exists()


def test_models_have_no_template(project: Path) -> None:
    """A template for the models is refused with the reason: they are another tool's work."""
    (project / "mine").mkdir()
    (project / "mine" / "models.py.jinja").write_text("", encoding="utf-8")
    result = codegen("generate", "--templates", "mine", cwd=project)
    assert result.returncode == 2
    assert result.stderr == (
        "error: --templates: mine/models.py.jinja replaces nothing: models.py comes from "
        "datamodel-code-generator and has no template; change the document's schemas instead\n"
    )


def test_an_output_folder_that_cannot_be_made_is_named(project: Path) -> None:
    """A file in the way of the output folder is told by its path, without a traceback."""
    (project / "file").write_text("", encoding="utf-8")
    result = codegen("generate", "--out", "file/generated", cwd=project)
    assert result.returncode == 1
    assert result.stderr.startswith("error: cannot write file")
    assert result.stderr.count("\n") == 1


def test_a_missing_document_is_a_finding(project: Path) -> None:
    """A document that is not there is told like any other mistake."""
    result = codegen("generate", "--spec", "nowhere.yaml", cwd=project)
    assert result.returncode == 1
    assert (
        result.stderr
        == "nowhere.yaml:1:1: file: there is no file nowhere.yaml\n1 error; nothing was written\n"
    )


def test_help_teaches_and_is_quick(project: Path) -> None:
    """`--help` has examples and exit codes, and does not wait for what generating needs."""
    started = time.monotonic()
    result = codegen("generate", "--help", cwd=project)
    assert time.monotonic() - started < 2
    assert result.returncode == 0
    for word in ("--spec", "--out", "--check", "--templates", "examples:", "exit codes:"):
        assert word in result.stdout


def test_a_bug_is_told_without_a_traceback(project: Path) -> None:
    """Should the generator itself fail, it says so in a sentence, exits 3, and shows more only when asked."""
    (project / "sitecustomize.py").write_text(
        "import codegen.validate\n"
        "def broken(document):\n"
        "    raise ZeroDivisionError('oops')\n"
        "codegen.validate.validate = broken\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(project), str(ROOT)])
    result = codegen("generate", cwd=project, PYTHONPATH=path)
    assert result.returncode == 3
    assert result.stderr.startswith("internal error: ZeroDivisionError: oops")
    assert "report" in result.stderr
    assert "Traceback" not in result.stderr
    asked = codegen("generate", cwd=project, PYTHONPATH=path, TAPEWIRE_DEBUG="1")
    assert "Traceback" in asked.stderr
