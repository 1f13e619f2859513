"""The TypeScript clients' program, bundled with the generated package."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from generated.constants import HEARTBEAT_INTERVAL_MS
from tests.stress.recovery.plan import HEARTBEAT_MS
from tests.stress.recovery.workers import ROOT
from tests.typescript.packages import NODE, install

PROGRAM = Path(__file__).with_name("clients.ts")
SOURCES = ROOT / "generated" / "typescript" / "src"


def bundle(folder: Path) -> Path:
    """Bundle it with a package whose clients notice silence soon; the program that Node runs."""
    package = folder / "package"
    shutil.copytree(SOURCES, package)
    constants = package / "constants.ts"
    text, interval = constants.read_text(encoding="utf-8"), f"intervalMs: {HEARTBEAT_INTERVAL_MS},"
    assert interval in text
    constants.write_text(text.replace(interval, f"intervalMs: {HEARTBEAT_MS},"), encoding="utf-8")
    program = folder / "clients.mjs"
    esbuild = install() / "esbuild" / "bin" / "esbuild"
    command = [
        *(str(NODE), str(esbuild), str(PROGRAM), f"--outfile={program}", "--bundle", "--platform=node"),
        *("--format=esm", "--target=es2022", "--log-level=warning"),
        f"--alias:trading-client={package / 'index.ts'}",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return program
