"""The package as somebody installs it: its entry points by name, rendered on a server, and what each of them weighs."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.typescript.packages import NODE, install
from tests.typescript.pages import bundle


@pytest.fixture(scope="module")
def site(trading: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the package, React and Vue among its dependencies."""
    folder = tmp_path_factory.mktemp("site")
    modules = folder / "node_modules"
    modules.mkdir()
    for module in install().iterdir():
        if not module.name.startswith("."):
            (modules / module.name).symlink_to(module)
    # A copy, as npm makes one of what comes from a registry or an archive: links lead where no peer is.
    name = json.loads((trading / "package.json").read_text())["name"]
    shutil.copytree(trading / "dist", modules / name / "dist")
    shutil.copy(trading / "package.json", modules / name)
    return folder


def run(site: Path, program: str) -> str:
    """Run a program of the project under Node; what it prints."""
    path = site / "program.mjs"
    path.write_text(program)
    result = subprocess.run([str(NODE), str(path)], capture_output=True, text=True, check=False, timeout=90)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_entry_point_is_there(site: Path) -> None:
    """Each that `package.json` names can be imported by its name, and has types; what is not named cannot."""
    package = site / "node_modules" / "trading-client"
    exports = json.loads((package / "package.json").read_text())["exports"]
    assert list(exports) == [".", "./react", "./vue", "./tradingview", "./package.json"]
    for name, places in exports.items():
        if name != "./package.json":
            assert (package / places["types"]).is_file()
            run(site, f"import * as entry from 'trading-client{name[1:]}'; if (!Object.keys(entry)) throw 1;")
    run(
        site,
        """
        import assert from "node:assert/strict";
        await assert.rejects(import("trading-client/charting-library"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
        """,
    )


def test_the_client_alone_needs_no_framework(trading: Path, tmp_path: Path) -> None:
    """Without React and Vue the client and the datafeed work all the same."""
    shutil.copytree(trading / "dist", tmp_path / "node_modules" / "trading-client" / "dist")
    shutil.copy(trading / "package.json", tmp_path / "node_modules" / "trading-client")
    run(tmp_path, "import 'trading-client'; import 'trading-client/tradingview';")


@pytest.mark.parametrize("framework", ["react", "vue"])
def test_rendered_on_a_server(site: Path, framework: str) -> None:
    """A server renders `loading`, or `idle`; nothing connects, and nothing keeps the process alive."""
    programs = {
        "react": """
        import { createElement as h } from "react";
        import { renderToString } from "react-dom/server";
        const App = () => h("p", null, JSON.stringify([
          api.useQuote({ symbol: "A" }), api.useQuote(null), api.useTrades({ symbol: "A" }), api.useConnectionState(),
        ]));
        const html = renderToString(h(api.TradingProvider, { client }, h(App)));
        """,
        "vue": """
        import { createSSRApp, h } from "vue";
        import { renderToString } from "vue/server-renderer";
        const plain = (refs) => Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, ref.value]));
        const app = createSSRApp({ setup: () => {
          const views = [
            api.useQuote({ symbol: "A" }), api.useQuote(null), api.useTrades({ symbol: "A" }), api.useConnectionState(),
          ];
          return () => h("p", JSON.stringify(views.map(plain)));
        } });
        api.provideTradingClient(client, app);
        const html = await renderToString(app);
        """,
    }
    printed = run(
        site,
        f"""
        import {{ TradingClient }} from "trading-client";
        import * as api from "trading-client/{framework}";
        const refuse = class {{ constructor() {{ throw new Error("connects"); }} }};
        const client = new TradingClient("ws://127.0.0.1:9", {{ WebSocket: refuse }});
        {programs[framework]}
        if (client.state !== "idle") throw new Error(client.state);
        console.log(html.replaceAll("&quot;", '"').replace(/<\\/?p>/g, ""));
        """,
    )
    assert json.loads(printed) == [
        {"status": "loading"},
        {"status": "idle"},
        {"status": "loading", "data": []},
        {"state": "idle"},
    ]


@pytest.mark.parametrize(("entry", "budget"), [("react", 2048), ("vue", 2048), ("tradingview", 3584)])
async def test_weight(trading: Path, tmp_path: Path, entry: str, budget: int) -> None:
    """An entry point is small: what it weighs beside the client, minified and compressed, without the frameworks."""

    async def weight(*names: str) -> int:
        program = tmp_path / "entry.js"
        lines = [f'export * as {name} from "{(trading / "dist" / name).as_posix()}.js";\n' for name in names]
        program.write_text("".join(lines))
        text = await bundle(program, minify=True, format="esm", external=["react", "vue"])
        return len(gzip.compress(text.encode(), 9))

    client, both = await weight("client"), await weight("client", entry)
    print(f"{entry}: {both - client} bytes beside the client's {client}")
    assert both - client <= budget
