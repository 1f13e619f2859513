"""A repository of one small document, as git sees it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codegen.review.base import VARIABLE

DOCUMENT = """\
asyncapi: 2.6.0
info: {title: Lamps, version: 1.0.0, description: Lamps., license: {name: MIT}}
channels:
  /lamps:
    description: All lamps.
    subscribe:
      message:
        name: lamp
        payload:
          type: object
          description: A lamp.
          required: [on]
          properties:
            on: {type: boolean, description: Whether it is on.}
"""
NARROWER = DOCUMENT.replace("required: [on]", "required: []")
"""Who reads whether a lamp is on may not find it any more."""


class Repository:
    """A folder under git, with the document in spec/."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document = folder / "spec" / "asyncapi.yaml"

    def git(self, *arguments: str) -> str:
        """Run git; what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, text: str) -> None:
        """Put another document in its place."""
        self.document.parent.mkdir(exist_ok=True)
        self.document.write_text(text, encoding="utf-8")

    def commit(self, text: str | None = None) -> str:
        """Commit all that there is, another document if one is given; the commit."""
        if text is not None:
            self.write(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository on its branch main, which is the working folder."""
    for name in (VARIABLE, "GITHUB_BASE_REF", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Author")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "author@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    made = Repository(tmp_path)
    made.git("init", "--quiet", "--initial-branch", "main")
    return made
