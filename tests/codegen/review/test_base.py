"""What a document under review is compared with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from codegen.review.base import NoBaseError, checked_out, choose, text_at
from tests.codegen.review.conftest import DOCUMENT, NARROWER, Repository


def test_a_branch_is_compared_with_where_it_left_main(repository: Repository) -> None:
    """What main has learned since is no change of this branch."""
    left = repository.commit(DOCUMENT)
    repository.git("switch", "--quiet", "--create", "work")
    repository.commit(NARROWER)
    repository.git("switch", "--quiet", "main")
    repository.commit(DOCUMENT + "# later\n")
    repository.git("switch", "--quiet", "work")
    base = choose(repository.document)
    assert (base.reference, base.revision) == (f"{left[:10]}:spec/asyncapi.yaml", left)
    assert base.name == f"main at {left[:8]}"


def test_a_branch_with_nothing_of_its_own_is_compared_with_main(repository: Repository) -> None:
    """It has just begun: there is nothing that differs."""
    head = repository.commit(DOCUMENT)
    repository.git("switch", "--quiet", "--create", "work")
    assert choose(repository.document).name == f"main at {head[:8]}"


def test_what_was_fetched_comes_before_what_is_here(repository: Repository) -> None:
    """`origin/main` is the main branch where there is one; under GitHub's actions it is where a pull request goes."""
    first, second = repository.commit(DOCUMENT), repository.commit(DOCUMENT + "# more\n")
    repository.git("switch", "--quiet", "--create", "work")
    repository.commit(NARROWER)
    assert choose(repository.document).revision == second
    repository.git("update-ref", "refs/remotes/origin/main", first)
    assert choose(repository.document).name == f"origin/main at {first[:8]}"


def test_a_pull_requests_target_is_its_base(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under GitHub's actions the branch that a pull request goes to may be another than main."""
    stable = repository.commit(DOCUMENT)
    repository.git("update-ref", "refs/remotes/origin/stable", stable)
    repository.commit(NARROWER)
    monkeypatch.setenv("GITHUB_BASE_REF", "stable")
    assert choose(repository.document).revision == stable


def test_any_revision_or_file_may_be_the_base(repository: Repository) -> None:
    """A tag, a commit, a file of the past: whoever asks may choose."""
    first = repository.commit(DOCUMENT)
    repository.git("tag", "v1")
    repository.commit(NARROWER)
    assert choose(repository.document, "v1").revision == first
    shutil.copy(repository.document, "old.yaml")
    assert choose(repository.document, "old.yaml").reference == "old.yaml"


def test_on_main_what_is_not_committed_is_compared_with_what_is(repository: Repository) -> None:
    """Nothing but the working folder differs, so that is what is looked at."""
    head = repository.commit(DOCUMENT)
    repository.write(NARROWER)
    assert choose(repository.document).reference == f"{head[:10]}:spec/asyncapi.yaml"


def test_on_main_the_last_release_is_the_base(repository: Repository) -> None:
    """Where all is committed, and something was released."""
    repository.commit(DOCUMENT)
    assert choose(repository.document, release=Path("spec/releases/1.0.0.json")).name == "the release 1.0.0"


def test_on_main_without_a_release_the_commit_before_is_the_base(repository: Repository) -> None:
    """There is nothing better."""
    first = repository.commit(DOCUMENT)
    repository.commit(NARROWER)
    assert choose(repository.document).revision == first


def test_where_there_is_nothing_it_says_what_to_do(repository: Repository) -> None:
    """No such revision, no main branch, no history."""
    repository.commit(DOCUMENT)
    with pytest.raises(NoBaseError, match="there is no revision nowhere"):
        choose(repository.document, "nowhere")
    with pytest.raises(NoBaseError, match="this is the first commit, or all that was fetched"):
        choose(repository.document)
    repository.git("branch", "--move", "other")
    with pytest.raises(NoBaseError, match=r"no branch main here, nor origin/main: fetch it, or .* --base"):
        choose(repository.document)


def test_without_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that git knows nothing of."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    document = tmp_path / "asyncapi.yaml"
    document.write_text(DOCUMENT)
    with pytest.raises(NoBaseError, match="this is no git repository"):
        choose(document)


def test_a_base_has_its_own_files(repository: Repository) -> None:
    """The document, and what lies beside it, are as they were; what was not there is not known."""
    repository.write(DOCUMENT)
    (repository.folder / "spec" / "part.yaml").write_text("old")
    repository.commit()
    repository.write(NARROWER)
    (repository.folder / "spec" / "part.yaml").write_text("new")
    base = choose(repository.document)
    with checked_out(base, repository.document) as there:
        assert there.read_text() == DOCUMENT
        assert (there.parent / "part.yaml").read_text() == "old"
    assert text_at(base, Path("spec/part.yaml")) == "old"
    assert text_at(base, Path("generated/reference.md")) is None
