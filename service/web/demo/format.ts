/** Numbers and moments as people read them. */

import type { SymbolInfo } from "../../../generated/typescript/src/index.js";

export type Direction = "up" | "down" | "flat";

const compact = new Intl.NumberFormat("en", { notation: "compact", minimumFractionDigits: 1, maximumFractionDigits: 2 });
export const whole = new Intl.NumberFormat("en");

/** How the prices and sizes of one symbol are written. */
export class Digits {
  readonly #price: Intl.NumberFormat;
  readonly #size: Intl.NumberFormat;

  /** Without a symbol's own number of decimals, prices have as many as they need. */
  constructor(info: SymbolInfo | undefined) {
    this.#price = fixed(info?.price_decimals, 2, 6);
    this.#size = fixed(info?.size_decimals, 0, 4);
  }

  price(value: number): string {
    return this.#price.format(value);
  }

  /** A size, in a few letters where it is large. */
  size(value: number): string {
    return value >= 100_000 ? compact.format(value) : this.#size.format(value);
  }

  /** A difference of prices, with its sign. */
  change(value: number): string {
    return signed(value, this.#price.format(Math.abs(value)));
  }
}

function fixed(decimals: number | undefined, least: number, most: number): Intl.NumberFormat {
  return new Intl.NumberFormat("en", {
    minimumFractionDigits: decimals ?? least,
    maximumFractionDigits: decimals ?? most,
  });
}

/** A change from one price to another, in per cent of the first. */
export function percent(change: number, last: number): string {
  const before = last - change;
  const value = before === 0 ? 0 : (change / before) * 100;
  return `${signed(value, Math.abs(value).toFixed(2))} %`;
}

function signed(value: number, text: string): string {
  // What is written as nothing has no sign.
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

export function directionOf(difference: number): Direction {
  if (difference > 0) return "up";
  return difference < 0 ? "down" : "flat";
}

/** A time of day in UTC, to the tenth of a second. */
export function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 21);
}

/** So many milliseconds, in words that do not change their width much. */
export function duration(ms: number): string {
  return ms < 950 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
