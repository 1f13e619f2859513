/** Which bars are shown; kept in the address, so that a page can be sent to somebody. */

export interface Selection {
  symbol: string;
  resolution: string;
}

export const SYMBOLS: readonly string[] = ["BTCUSD", "EURUSD", "AAPL", "GOOGL", "MSFT", "NVDA"];

/** What each resolution is called for people. */
export const RESOLUTIONS: ReadonlyMap<string, string> = new Map([
  ["1S", "1s"],
  ["5S", "5s"],
  ["1", "1m"],
  ["5", "5m"],
  ["15", "15m"],
  ["60", "1h"],
  ["1D", "1D"],
]);

const DEFAULT: Selection = { symbol: "BTCUSD", resolution: "1S" };

/** The selection in an address such as `#symbol=BTCUSD&resolution=1S`; what it leaves out is the default's. */
export function readHash(hash: string): Selection {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    symbol: fields.get("symbol")?.trim() || DEFAULT.symbol,
    resolution: fields.get("resolution")?.trim() || DEFAULT.resolution,
  };
}

export function writeHash(selection: Selection): string {
  return `#${new URLSearchParams({ symbol: selection.symbol, resolution: selection.resolution })}`;
}

/** What a resolution is called: its short name, else as it is. */
export function nameOf(resolution: string): string {
  return RESOLUTIONS.get(resolution) ?? resolution;
}
