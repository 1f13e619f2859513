/** What is shown; kept in the address, so that a page can be sent to somebody. */

import type { SymbolInfo } from "../../../generated/typescript/src/index.js";

export interface Selection {
  symbol: string;
  resolution: string;
}

const PREFERRED: Selection = { symbol: "BTCUSD", resolution: "1" };
/** What is offered where the service does not say. */
const RESOLUTIONS = ["1S", "5S", "1", "5", "15", "60", "240", "1D"];

/** The selection in an address such as `#symbol=BTCUSD&resolution=1S`; may be a part of one. */
export function readHash(hash: string): Partial<Selection> {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const symbol = fields.get("symbol")?.trim();
  const resolution = fields.get("resolution")?.trim();
  return { ...(symbol && { symbol }), ...(resolution && { resolution }) };
}

export function writeHash(selection: Selection): string {
  return `#${new URLSearchParams({ symbol: selection.symbol, resolution: selection.resolution })}`;
}

/** Completes a selection with what the service offers. */
export function complete(wanted: Partial<Selection>, symbols: readonly SymbolInfo[]): Selection {
  const { symbol = firstOf(PREFERRED.symbol, symbols.map((info) => info.symbol)) } = wanted;
  const { resolution = firstOf(PREFERRED.resolution, resolutionsOf(symbol, symbols)) } = wanted;
  return { symbol, resolution };
}

/** The resolutions to offer for a symbol. */
export function resolutionsOf(symbol: string, symbols: readonly SymbolInfo[]): readonly string[] {
  return symbols.find((info) => info.symbol === symbol)?.resolutions ?? RESOLUTIONS;
}

function firstOf(preferred: string, offered: readonly string[]): string {
  return offered.includes(preferred) ? preferred : (offered[0] ?? preferred);
}

/** What a resolution is called by people: `1m`, `4h`, `1D`. */
export function nameOf(resolution: string): string {
  if (/^\d+S$/.test(resolution)) return resolution.toLowerCase();
  const minutes = Number(resolution);
  if (Number.isNaN(minutes)) return resolution;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
