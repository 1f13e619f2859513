"""The figures of docs/sizing.md can be taken anew."""

from __future__ import annotations

import pytest

from tests.bench import sizing


async def test_a_short_run_gives_every_figure_of_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """With few connections the figures mean little, but each is there and above nothing where time was spent."""
    for name, value in (
        ("_CONNECTIONS", 100),
        ("_WARM", 50),
        ("_IDLE", 1.2),
        ("_SETTLES", 0.1),
        ("_TOKENS", 5),
    ):
        monkeypatch.setattr(sizing, name, value)
    figures: dict[str, float] = {}

    def say(name: str, figure: float, unit: str) -> None:
        figures[f"{name} ({unit})"] = figure

    await sizing.connections(say)
    await sizing.tokens(say)
    assert len(figures) == 11
    assert figures["processor time of a handshake (µs)"] > 0
    assert figures["processor time of a ping of the protocol, and its pong (µs)"] > 0
    assert figures["verifying a token, ES256 (µs)"] > 0
