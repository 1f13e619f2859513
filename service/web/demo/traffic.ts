/** How many updates come, and how long they take. */

/** What is read of every update, whatever its channel. */
export interface Stamped {
  topic?: string;
  /** When the server published it, in Unix milliseconds. */
  ts?: number;
  snapshot?: boolean;
}

/** Updates, snapshots not among them, and the topics that they were of. */
export class Tally {
  updates = 0;
  readonly topics = new Set<string>();
}

export class Traffic {
  /** All so far. */
  received = 0;
  /** Those since it was begun. */
  #tally = new Tally();
  readonly #delays: number[] = [];
  readonly #seconds = new Map<number, number>();
  #since: number | null = null;

  /** The latency is the median of the last `kept` delays, the rate that of the last `span` seconds. */
  constructor(
    readonly kept = 120,
    readonly span = 4,
  ) {}

  add(update: Stamped): void {
    const now = Date.now();
    const second = Math.floor(now / 1_000);
    this.#since ??= now;
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
    this.received += 1;
    if (update.snapshot !== true) {
      this.#tally.updates += 1;
      this.#tally.topics.add(update.topic ?? "");
    }
    if (update.ts === undefined) return;
    this.#delays.push(now - update.ts);
    if (this.#delays.length > this.kept) this.#delays.shift();
  }

  /** Counts anew, into what this returns. */
  tally(): Tally {
    return (this.#tally = new Tally());
  }

  get delays(): readonly number[] {
    return this.#delays;
  }

  /** The middle one, in milliseconds, smooth where a mean would jump; null before the first. */
  get latency(): number | null {
    const sorted = this.#delays.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  /** Updates a second, of the last whole seconds; null until one has gone by. */
  get rate(): number | null {
    const now = Date.now();
    if (this.#since === null || now - this.#since < 2_000) return null;
    const current = Math.floor(now / 1_000);
    const whole = Math.min(this.span, current - Math.floor(this.#since / 1_000) - 1);
    let sum = 0;
    for (const [second, count] of this.#seconds) {
      if (second < current - this.span) this.#seconds.delete(second);
      else if (second < current && second >= current - whole) sum += count;
    }
    return whole > 0 ? sum / whole : null;
  }
}
