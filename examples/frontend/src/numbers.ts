/** How numbers and times are written. */

import type { SymbolInfo } from "trading-client";

export interface Digits {
  price(value: number): string;
  size(value: number): string;
}

/** The digits of a symbol; where nothing is known of it, what is usual. */
export function digitsOf(info: Pick<SymbolInfo, "price_decimals" | "size_decimals"> | undefined): Digits {
  const price = decimals(info?.price_decimals ?? 2, info?.price_decimals ?? 2);
  const size = decimals(0, info?.size_decimals ?? 4);
  return { price: (value) => price.format(value), size: (value) => size.format(value) };
}

/** A change, with its sign. */
export function signed(value: number, digits: Digits): string {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  return sign + digits.price(Math.abs(value));
}

/** A time of day, UTC. */
export function clock(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.valueOf()) ? "—" : date.toISOString().slice(11, 19);
}

function decimals(minimumFractionDigits: number, maximumFractionDigits: number): Intl.NumberFormat {
  return new Intl.NumberFormat("en", { minimumFractionDigits, maximumFractionDigits });
}
