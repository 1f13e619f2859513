/** How long updates take, and how many come. */

/** The last `size` delays, in milliseconds. */
export class LatencyMeter {
  readonly #delays: number[] = [];

  constructor(readonly size = 60) {}

  get delays(): readonly number[] {
    return this.#delays;
  }

  add(delay: number): void {
    this.#delays.push(delay);
    if (this.#delays.length > this.size) this.#delays.shift();
  }

  /** The middle one, smooth where a mean would jump; null before the first. */
  get median(): number | null {
    const sorted = this.#delays.toSorted((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle];
    if (upper === undefined) return null;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
  }

  clear(): void {
    this.#delays.length = 0;
  }
}

/** How many came within the last `span` milliseconds, told per second. */
export class RateMeter {
  readonly #moments: number[] = [];
  #since: number | null = null;

  constructor(readonly span = 5_000) {}

  add(now: number): void {
    this.#since ??= now;
    this.#moments.push(now);
  }

  /** Updates a second at `now`; null until a second has gone by. */
  rate(now: number): number | null {
    while ((this.#moments[0] ?? Infinity) < now - this.span) this.#moments.shift();
    if (this.#since === null || now - this.#since < 1_000) return null;
    return (this.#moments.length * 1_000) / Math.min(this.span, now - this.#since);
  }

  clear(): void {
    this.#moments.length = 0;
    this.#since = null;
  }
}
