"""What a browser is shown that opens the mock's address."""

from __future__ import annotations

from html import escape

from codegen.contract import Contract

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: mock</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}}
code{{background:#8882;padding:.1em .3em;border-radius:3px}}li{{margin:.2em 0}}</style></head><body>
<h1>{title} {version}: mock</h1>
<p>A server that nobody wrote: it answers and sends what <a href="/asyncapi.json">the document</a> describes, with
made-up values. Nothing here is real.</p>
<ul>{sockets}</ul>
<p>Channels: {channels}</p>
</body></html>
"""


def page(contract: Contract, base: str) -> str:
    """The page as HTML; `base` is `ws://host:port`."""
    sockets = "".join(
        f"<li><code>{escape(base + endpoint.path)}</code></li>" for endpoint in contract.endpoints
    )
    channels = ", ".join(f"<code>{escape(channel.address)}</code>" for channel in contract.channels)
    return _PAGE.format(
        title=escape(contract.title), version=escape(contract.version), sockets=sockets, channels=channels
    )
