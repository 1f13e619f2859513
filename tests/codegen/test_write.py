"""What the output folder looks like after writing, and what a check says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.write import MANIFEST, OutputError, check, write

FILES = {"a.py": "one\n", "sub/b.ts": "two\n"}


def tree(folder: Path) -> dict[str, str]:
    """Every file of a folder but the list of generated ones."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def test_files_are_written_and_left_alone_when_right(tmp_path: Path) -> None:
    """The first run writes everything; the second touches nothing, not even a time stamp."""
    out = tmp_path / "out"
    assert write(FILES, out).written == ("a.py", "sub/b.ts")
    assert tree(out) == FILES
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    report = write(FILES, out)
    assert (report.written, report.removed, report.unchanged) == ((), (), ("a.py", "sub/b.ts"))
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """A file that is right keeps its time stamp when another changes."""
    write(FILES, tmp_path)
    before = (tmp_path / "a.py").stat().st_mtime_ns
    assert write({**FILES, "sub/b.ts": "three\n"}, tmp_path).written == ("sub/b.ts",)
    assert (tmp_path / "a.py").stat().st_mtime_ns == before
    assert (tmp_path / "sub/b.ts").read_text(encoding="utf-8") == "three\n"


def test_what_is_generated_no_longer_is_removed_and_all_else_stays(tmp_path: Path) -> None:
    """A file of an earlier run goes, with its folder; files of others stay."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "mine.js").write_text("mine\n", encoding="utf-8")
    write({**FILES, "old/c.py": "c\n"}, tmp_path)
    assert write(FILES, tmp_path).removed == ("old/c.py",)
    assert tree(tmp_path) == {**FILES, "node_modules/mine.js": "mine\n"}
    assert not (tmp_path / "old").exists()


def test_a_list_that_names_files_elsewhere_removes_nothing(tmp_path: Path) -> None:
    """Whatever stands in the list of generated files, nothing outside the folder is removed."""
    outside = tmp_path / "precious.txt"
    outside.write_text("mine\n", encoding="utf-8")
    out = tmp_path / "out"
    write(FILES, out)
    (out / MANIFEST).write_text(
        f"../precious.txt\n{outside.as_posix()}\nsub/../../precious.txt\n", encoding="utf-8"
    )
    assert write(FILES, out).removed == ()
    assert outside.exists()


def test_check_shows_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    """Changed, missing and stale files are in the diff; the folder stays as it was."""
    write({**FILES, "old.py": "old\n"}, tmp_path)
    (tmp_path / "a.py").write_text("edited\n", encoding="utf-8")
    before = tree(tmp_path)
    difference = check({**FILES, "new.py": "new\n"}, tmp_path)
    assert "-edited\n+one\n" in difference
    assert f"--- /dev/null\n+++ {tmp_path.as_posix()}/new.py\n@@ -0,0 +1 @@\n+new\n" in difference
    assert f"--- {tmp_path.as_posix()}/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n" in difference
    assert tree(tmp_path) == before


def test_check_says_nothing_of_a_fresh_folder(tmp_path: Path) -> None:
    """After writing there is nothing to show; files of others do not count."""
    write(FILES, tmp_path)
    (tmp_path / "mine.txt").write_text("mine\n", encoding="utf-8")
    assert check(FILES, tmp_path) == ""


def test_check_of_a_folder_that_is_not_there_shows_every_file(tmp_path: Path) -> None:
    """A missing folder is a folder in which everything is missing; even an empty file counts."""
    difference = check({"a.py": "one\n", "py.typed": ""}, tmp_path / "none")
    assert difference.count("--- /dev/null\n") == 2
    assert not (tmp_path / "none").exists()


def test_line_ends_and_bytes_of_others_count_as_changed(tmp_path: Path) -> None:
    """A file with other line ends, or that is no text at all, is not up to date."""
    write(FILES, tmp_path)
    (tmp_path / "a.py").write_bytes(b"one\r\n")
    assert check(FILES, tmp_path) != ""
    (tmp_path / "a.py").write_bytes(b"\xff\x00")
    assert check(FILES, tmp_path) != ""
    write(FILES, tmp_path)
    assert (tmp_path / "a.py").read_bytes() == b"one\n"


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    """A file where a folder belongs, and a folder where a file belongs, are named; nothing is half done."""
    (tmp_path / "sub").write_text("a file\n", encoding="utf-8")
    with pytest.raises(OutputError, match="sub"):
        write(FILES, tmp_path)
    assert tree(tmp_path) == {"sub": "a file\n"}
    out = tmp_path / "out"
    (out / "a.py").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"a\.py"):
        write(FILES, out)
    with pytest.raises(OutputError, match="is a file"):
        write(FILES, tmp_path / "sub")
