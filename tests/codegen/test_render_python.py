"""Rendering Python: what becomes of a document's words, and what all output has in common."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.pipeline import generate
from codegen.render.formatting import format_python
from codegen.render.text import docstring, from_import, literal, oneline, string, union

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "spec" / "asyncapi.yaml", ROOT / "tests" / "generated" / "paths.yaml"]

NASTY = [
    'a"b',
    "it's",
    "\\d+\\",
    'ends with "',
    '"""',
    '\\"""',
    "\x00\u2028",
    "{{ x }} {% raw %}",
    "é😀",
    "\ud800",
    "'\"",
]


@pytest.mark.parametrize("text", NASTY)
def test_strings_survive(text: str) -> None:
    """A literal evaluates to the text that it was made of."""
    assert ast.literal_eval(string(text)) == text
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize("text", [*NASTY, "One. " + "word " * 100, "a\n\n- list\n- \\more\\", "x" * 300, ""])
@pytest.mark.parametrize("indent", [0, 4, 8])
def test_docstrings_survive(text: str, indent: int) -> None:
    """Whatever a description says becomes one docstring, which says the same in the same order."""
    made = docstring(text, "Fallback.", indent)
    source = f"class A:\n    {made}\n" if indent else made
    tree = ast.parse(source)
    kept = ast.get_docstring(tree.body[0] if indent else tree)  # type: ignore[arg-type]
    assert kept is not None
    for word in text.encode("utf-8", "replace").decode().split():
        if word.isalnum() and word.isascii():
            assert word in kept
    if text:
        lines = made.split("\n")
        assert all(
            len(line) + (indent if number == 0 else 0) <= 110
            for number, line in enumerate(lines)
            if " " in line.strip()
        )


def test_docstrings_begin_with_a_sentence() -> None:
    """The first sentence is the summary; what follows stands apart."""
    assert docstring("One thing. Another\nthing.", "F.") == '"""One thing.\n\n    Another thing.\n    """'
    assert docstring("no full stop", "F.") == '"""no full stop."""'
    assert docstring("", "F.") == '"""F."""'
    assert docstring("x " * 100, "F.").startswith('"""F.\n\n')


def test_layout_of_descriptions_is_kept() -> None:
    """Lists and code are not run together into paragraphs."""
    assert (
        docstring("Choose:\n\n- one\n- two\n\n    code", "F.", 0)
        == '"""Choose.\n\n- one\n- two\n\n    code\n"""'
    )


def test_imports_are_sorted_and_wrapped() -> None:
    """Constants, then classes, then functions; each once; nothing for nothing."""
    assert from_import(".a", ["b", "B", "AB", "b"]) == "from .a import AB, B, b"
    assert from_import(".a", []) == ""
    long = [f"Name{number:03}" for number in range(20)]
    assert from_import(".a", long).splitlines()[1] == "    Name000,"


def test_unions_name_each_type_once() -> None:
    """Nothing at all is Never."""
    assert union(["A", "B", "A"]) == "A | B"
    assert union([]) == "Never"


def test_cells_of_tables_hold_one_line() -> None:
    """Line breaks and bars would end a cell."""
    assert oneline("a\nb | c") == "a b \\| c"


def test_formatting_removes_what_nobody_uses() -> None:
    """Unused imports go, used ones are sorted, lines are wrapped; a second time changes nothing."""
    source = "import re\nimport os\nfrom typing import Any\nx = {'a':re}\n"
    once = format_python({"a.py": source, "b/c.py": ""})
    assert once["a.py"] == 'import re\n\nx = {"a": re}\n'
    assert format_python(once) == once


def test_formatting_tells_what_is_no_python() -> None:
    """A template that makes no Python is an error with the formatter's words."""
    with pytest.raises(RuntimeError, match=r"a\.py"):
        format_python({"a.py": "def ("})


@pytest.fixture(scope="module", params=DOCUMENTS, ids=lambda path: path.stem)
def files(request: pytest.FixtureRequest) -> dict[str, str]:
    """Everything that a document gives."""
    return generate(request.param)


def test_every_file_is_there(files: dict[str, str]) -> None:
    """One file for each thing, and the package says that it is typed."""
    expected = {
        "__init__",
        "models",
        "topics",
        "constants",
        "handlers",
        "publisher",
        "client",
        "runtime/dispatch",
    }
    assert {f"{name}.py" for name in expected} | {"py.typed", "reference.md", "asyncapi.json"} <= files.keys()


def test_every_python_file_says_where_it_comes_from(files: dict[str, str]) -> None:
    """The header names the document and the command; run-time code is nobody's output."""
    for name, text in files.items():
        if name.endswith(".py") and not name.startswith("runtime/"):
            assert text.startswith("# Generated from ")
            assert 'Do not edit; run "python -m codegen generate".' in text.splitlines()[0]


def test_output_imports_itself_relatively_and_nothing_of_ours(files: dict[str, str]) -> None:
    """The package works wherever it is put; it has no Any and no suppression."""
    for name, text in files.items():
        if not name.endswith(".py"):
            continue
        assert "type: ignore" not in text, name
        assert "noqa" not in text, name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert node.module is not None
                assert node.module.partition(".")[0] not in {"codegen", "service", "generated"}, name
            if isinstance(node, ast.ImportFrom):
                assert "Any" not in {alias.name for alias in node.names}, name
                assert "*" not in {alias.name for alias in node.names}, name


def test_rendering_is_repeatable(files: dict[str, str], request: pytest.FixtureRequest) -> None:
    """The same document gives the same text."""
    document = next(path for path in DOCUMENTS if path.stem in request.node.name)
    assert generate(document) == files


def test_output_type_checks_and_lints(files: dict[str, str], tmp_path: Path) -> None:
    """`mypy --strict` and ruff, with the project's own rules, find nothing."""
    for name, text in files.items():
        if not name.startswith("typescript"):
            target = tmp_path / "made" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    for command in (
        ["mypy", "--config-file", str(ROOT / "pyproject.toml"), "made"],
        ["ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--no-cache", "made"],
        ["ruff", "format", "--config", str(ROOT / "pyproject.toml"), "--no-cache", "--check", "made"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_user_replaces_one_template(tmp_path: Path) -> None:
    """A template in the user's folder takes the place of ours; all other files stay as they are."""
    (tmp_path / "reference.md.jinja").write_text("# {{ contract.title }}, briefly\n", encoding="utf-8")
    ours, theirs = generate(DOCUMENTS[1]), generate(DOCUMENTS[1], tmp_path)
    assert theirs["reference.md"] == "# Chat, briefly\n"
    assert {name for name in ours if ours[name] != theirs[name]} == {"reference.md"}


def test_data_has_the_names_of_channels_as_they_are(tmp_path: Path) -> None:
    """A word of Python is escaped in names only; what no channel declares is left out."""
    document = tmp_path / "d.yaml"
    document.write_text(
        "asyncapi: 2.6.0\ninfo: {title: T, version: '1'}\n"
        "channels: {/class: {subscribe: {message: {name: m, payload: {type: object}}}}}\n",
        encoding="utf-8",
    )
    files = generate(document)
    assert 'channel: ClassVar[str] = "class"' in files["topics.py"]
    assert 'channel="class"' in files["publisher.py"]
    assert "Delivery" not in files["constants.py"]
    assert "subscribers" not in files["publisher.py"]


@pytest.mark.parametrize(
    ("schema", "named"), [("{type: string}", True), ("{type: [string, integer]}", False)]
)
def test_clients_name_requests_by_texts_where_they_must(tmp_path: Path, schema: str, named: bool) -> None:
    """Where the id's schema takes no integer the client is told to use texts."""
    source = (ROOT / "tests" / "golden" / "topic-with-updates" / "asyncapi.yaml").read_text(encoding="utf-8")
    document = tmp_path / "asyncapi.yaml"
    document.write_text(source.replace("ref: {type: integer}", f"ref: {schema}"), encoding="utf-8")
    client = generate(document)["client.py"]
    assert ("string_ids=True" in client) is named
