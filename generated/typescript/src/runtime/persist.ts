import type { Off } from "./emitter.js";
import { ConnectionClosedError, QueueFullError, ResponseTimeoutError } from "./errors.js";
import type { State } from "./link.js";

/** What is used of a client to know when to try again. */
export interface Source {
  readonly state: State;
  onState(listener: (state: State, reason: ConnectionClosedError | undefined) => void): Off;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Attempts something until it is of no use any more: again after a while where that may help, else when the client's
 * connection is opened again. An attempt calls `begun` when it has succeeded, and then lasts for as long as it may.
 */
export async function persist(
  client: Source,
  useless: AbortSignal,
  attempt: (begun: () => void) => Promise<void>,
  failed: (error: Error, again: boolean) => void,
): Promise<void> {
  let failures = 0;
  while (!useless.aborted) {
    let lasted = false;
    let error: unknown = new ConnectionClosedError(1000, "closed by this client", false);
    try {
      await attempt(() => {
        failures = 0;
        lasted = true;
      });
    } catch (caught) {
      error = caught;
    }
    if (!useless.aborted) {
      const wait = waitAfter(client, error, failures++);
      failed(error as Error, wait !== undefined && !lasted);
      await pause(client, wait ?? Infinity, useless);
    }
  }
}

/** After how many milliseconds another attempt may help; `Infinity` is with another connection, undefined never. */
export function waitAfter(client: Source, error: unknown, failures: number): number | undefined {
  const { retryable, retryAfterMs } = error as { retryable?: boolean; retryAfterMs?: number };
  if (!retryable && !(error instanceof ResponseTimeoutError) && !(error instanceof QueueFullError)) {
    return undefined;
  }
  if (error instanceof ConnectionClosedError && client.state !== "open") {
    return Infinity;
  }
  const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  return retryAfterMs ?? most * (0.5 + Math.random() / 2);
}

/** Resolves after a time, when the client's connection is next open, or when there is no use in waiting any more. */
export function pause(client: Source, ms: number, useless: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      off();
      useless.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === Infinity ? undefined : setTimeout(done, ms);
    const off = client.onState((state) => state === "open" && done());
    useless.addEventListener("abort", done);
  });
}
