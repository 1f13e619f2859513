"""Topic addresses, built and parsed by the generated package."""

from __future__ import annotations

from pathlib import Path

from tests.typescript.packages import run_program


async def test_addresses(trading: Path, tmp_path: Path) -> None:
    """Defaults are filled in, aliases normalised, numbers told as such, what the contract forbids is refused."""
    await run_program(
        trading,
        tmp_path,
        """
        import assert from "node:assert/strict";
        import { barsTopic, orderbookTopic, parseTopic } from "package";
        assert.equal(barsTopic.build({ symbol: "AAPL" }), "bars:AAPL:1");
        assert.equal(barsTopic.build({ symbol: "EUR/USD", resolution: "D" }), "bars:EUR/USD:1D");
        assert.throws(() => barsTopic.build({ symbol: "A:B" }), RangeError);
        assert.throws(() => barsTopic.build({ symbol: "$&", resolution: "1" }), /symbol/);
        assert.throws(() => barsTopic.build({ symbol: "A", resolution: "7X" }), /resolution/);
        assert.throws(() => barsTopic.build({}), RangeError);
        assert.deepEqual(barsTopic.parse("bars:AAPL:W"), { symbol: "AAPL", resolution: "1W" });
        for (const other of ["", "bars:AAPL", "bars::1", "bars:A:1:2", "xbars:A:1", "bars:A:1\\n"]) {
          assert.equal(barsTopic.parse(other), undefined, other);
        }
        const parameters = { symbol: "A", resolution: "5" };
        assert.deepEqual(parseTopic("bars:A:5"), { channel: "bars", parameters });
        assert.equal(parseTopic("nothing"), undefined);
        assert.equal(orderbookTopic.build({ symbol: "A" }), "orderbook:A:25");
        assert.equal(orderbookTopic.build({ symbol: "A", depth: 100 }), "orderbook:A:100");
        assert.throws(() => orderbookTopic.build({ symbol: "A", depth: 7 }), /depth/);
        assert.throws(() => orderbookTopic.build({ symbol: "A", depth: 0 }), /depth/);
        assert.deepEqual(orderbookTopic.parse("orderbook:A:1000"), { symbol: "A", depth: 1000 });
        """,
    )
