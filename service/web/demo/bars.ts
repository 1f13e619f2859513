/** The bars of one topic in order of time, whatever order they came in. */

import type { Bar } from "../../../generated/typescript/src/index.js";

/** What `put` did: the newest bar grew or followed, or an older one had to be placed among the others. */
export type Placement = "newest" | "older";

export class BarBook {
  #bars: Bar[] = [];
  /** When the bars begin that are as an update told: what is fetched may be older. */
  readonly #told = new Set<number>();

  /** At most `limit` bars are kept; the oldest go first. */
  constructor(readonly limit = 50_000) {}

  get bars(): readonly Bar[] {
    return this.#bars;
  }

  get first(): Bar | undefined {
    return this.#bars[0];
  }

  get last(): Bar | undefined {
    return this.#bars.at(-1);
  }

  /** Takes an update's bar in, in the place of an earlier state of the same bar. */
  put(bar: Bar): Placement {
    this.#told.add(bar.time);
    const last = this.last;
    if (last === undefined || bar.time > last.time) {
      this.#bars.push(bar);
      if (this.#bars.length > this.limit) this.#bars.shift();
      return "newest";
    }
    if (bar.time === last.time) {
      this.#bars[this.#bars.length - 1] = bar;
      return "newest";
    }
    const at = this.#bars.findIndex((other) => other.time >= bar.time);
    this.#bars.splice(at, this.#bars[at]?.time === bar.time ? 1 : 0, bar);
    return "older";
  }

  /** Updates were missed: any bar may have changed, and what is fetched next is newer. */
  doubt(): void {
    this.#told.clear();
  }

  /** Takes the last bars in, instead of all but what updates have told since `doubt`, which is at least as new. */
  replace(page: readonly Bar[]): void {
    this.#bars = this.#bars.filter((bar) => this.#told.has(bar.time));
    this.#merge(page);
  }

  /** Takes bars in that come before those that are here. */
  prepend(page: readonly Bar[]): void {
    this.#merge(page);
  }

  #merge(page: readonly Bar[]): void {
    const all = new Map([...page, ...this.#bars].map((bar) => [bar.time, bar]));
    this.#bars = [...all.values()].sort((a, b) => a.time - b.time);
  }

  /** The bars that begin at `time`, in Unix milliseconds, or later. */
  since(time: number): readonly Bar[] {
    return this.#bars.slice(this.#bars.findLastIndex((bar) => bar.time < time) + 1);
  }

  /** The bar that begins at `time`, in Unix milliseconds. */
  at(time: number): Bar | undefined {
    return this.#bars.findLast((bar) => bar.time === time);
  }

  clear(): void {
    this.#bars = [];
    this.#told.clear();
  }
}

/** How many decimals these prices are written with: as many as the last few need, at least two, at most six. */
export function decimalsOf(bars: readonly Bar[]): number {
  let decimals = 2;
  for (const bar of bars.slice(-20)) {
    for (const price of [bar.open, bar.high, bar.low, bar.close]) {
      const digits = price.toFixed(6).replace(/0+$/, "").split(".")[1] ?? "";
      decimals = Math.max(decimals, digits.length);
    }
  }
  return decimals;
}
