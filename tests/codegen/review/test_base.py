"""What a document under review is compared with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from codegen.review.base import NoBaseError, NoPastError, checked_out, choose, follow, text_at
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


def test_the_main_branch_may_have_another_name(repository: Repository) -> None:
    """What the other side's HEAD names, or `master`: where there is no main, that is what a branch leaves."""
    left = repository.commit(DOCUMENT)
    repository.git("branch", "--move", "main", "develop")
    repository.git("clone", "--quiet", repository.folder.as_uri(), "clone")
    clone = Repository(repository.folder / "clone")
    clone.git("switch", "--quiet", "--create", "work")
    clone.commit(NARROWER)
    assert choose(clone.document).name == f"origin/develop at {left[:8]}"
    repository.git("switch", "--quiet", "--create", "work")
    repository.git("branch", "--move", "develop", "master")
    assert choose(repository.document).name == f"master at {left[:8]}"


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
    with pytest.raises(NoPastError, match=r"^this is the first commit$"):
        choose(repository.document)
    repository.git("branch", "--move", "other")
    with pytest.raises(NoBaseError, match=r"no branch main here, nor .* a master: fetch it, or .* --base"):
        choose(repository.document)


def test_without_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that git knows nothing of."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    document = tmp_path / "asyncapi.yaml"
    document.write_text(DOCUMENT)
    with pytest.raises(NoPastError, match="this is no git repository"):
        choose(document)


def test_without_a_commit_it_says_so(repository: Repository) -> None:
    """Git tells of its own usage then, which is no answer."""
    repository.write(DOCUMENT)
    with pytest.raises(NoPastError, match=r"^nothing has been committed here yet$"):
        choose(repository.document)


def test_one_fetched_commit_is_no_first_one(repository: Repository, tmp_path: Path) -> None:
    """A clone of one commit has a past that it does not know."""
    repository.commit(DOCUMENT)
    repository.commit(NARROWER)
    repository.git("clone", "--quiet", "--depth", "1", repository.folder.as_uri(), "shallow")
    with pytest.raises(NoBaseError, match="this is all that was fetched") as raised:
        choose(repository.folder / "shallow" / "spec" / "asyncapi.yaml")
    assert not isinstance(raised.value, NoPastError)


@pytest.mark.parametrize("how", ["git mv", "mv", "git mv, committed", "git mv, committed, rewritten"])
def test_a_document_that_has_moved_is_found_where_it_was(repository: Repository, how: str) -> None:
    """Whether git has been told of it or not, and whatever else has been done to it."""
    main = repository.commit(DOCUMENT)
    repository.git("switch", "--quiet", "--create", "work")
    moved = repository.folder / "api" / "contract.yaml"
    moved.parent.mkdir()
    if how == "mv":
        repository.document.rename(moved)
    else:
        repository.git("mv", "spec/asyncapi.yaml", "api/contract.yaml")
    if "committed" in how:
        repository.commit()
    moved.write_text(NARROWER if "rewritten" not in how else "asyncapi: 2.6.0\n" + "# other words\n" * 40)
    index = (repository.folder / ".git" / "index").read_bytes()
    base = follow(choose(moved), moved)
    assert (base.reference, base.revision) == (f"{main[:10]}:spec/asyncapi.yaml", main)
    assert base.name == f"main at {main[:8]} (there: spec/asyncapi.yaml)"
    assert (repository.folder / ".git" / "index").read_bytes() == index


def test_a_document_that_may_have_been_another_is_not_taken_for_a_new_one(repository: Repository) -> None:
    """One contract is gone, and one has come that has little in common with it: somebody has to say what it was."""
    main = repository.commit(DOCUMENT)
    repository.git("switch", "--quiet", "--create", "work")
    repository.document.unlink()
    other = repository.folder / "contract.yaml"
    other.write_text("asyncapi: 2.6.0\n" + "# other words\n" * 40)
    repository.commit()
    old = f"{main[:10]}:spec/asyncapi.yaml"
    with pytest.raises(NoBaseError, match=f"spec/asyncapi.yaml is gone since: .* --base {old}$") as raised:
        follow(choose(other), other)
    assert not isinstance(raised.value, NoPastError)
    assert follow(choose(other, old), other).reference == old


def test_a_new_document_has_no_past(repository: Repository) -> None:
    """The others are where they were."""
    repository.commit(DOCUMENT)
    repository.git("switch", "--quiet", "--create", "work")
    other = repository.folder / "contract.yaml"
    other.write_text("asyncapi: 2.6.0\n")
    with pytest.raises(NoPastError, match=r"there was no contract\.yaml at main at .*: all of it is new"):
        follow(choose(other), other)


def test_on_main_a_change_elsewhere_counts_where_the_document_refers_to_it(repository: Repository) -> None:
    """A file of another folder is part of it; what it does not refer to is not."""
    repository.write(DOCUMENT)
    common = repository.folder / "common" / "schemas.yaml"
    common.parent.mkdir()
    common.write_text("old")
    first = repository.commit()
    head = repository.commit(DOCUMENT + "# more\n")
    common.write_text("new")
    assert choose(repository.document, files=[repository.document, common]).revision == head
    assert choose(repository.document, files=[repository.document]).revision == first


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
