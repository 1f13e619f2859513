/** How long connecting, and each request, may take if nothing else is said. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** How long to wait before another attempt. */
export interface Backoff {
  /** What the first wait is drawn below of, in milliseconds; 500 if not given. Each further one may be twice as long. */
  readonly minMs?: number | undefined;
  /** What no wait is longer than, in milliseconds; 20000 if not given. */
  readonly maxMs?: number | undefined;
}

/** Draws a wait, in milliseconds, after so many attempts in vain: all of it at random, so that no herd comes back. */
export function draw({ minMs = 500, maxMs = 20_000 }: Backoff, attempts: number): number {
  return Math.random() * Math.min(maxMs, minMs * 2 ** attempts);
}

/** A timer that takes long waits for what they are: the platform's fires at once after more than 24 days. */
export function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(ms, 2 ** 31 - 1));
}
