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
      const wait = waitAfter(error, failures++);
      failed(error as Error, wait !== undefined && !lasted);
      const reopens = error instanceof ConnectionClosedError && client.state !== "open";
      await pause(client, reopens ? undefined : wait, useless);
    }
  }
}

/** After how many milliseconds another attempt may help; undefined where none will. */
export function waitAfter(error: unknown, failures: number): number | undefined {
  const { retryable, retryAfterMs } = error as { retryable?: boolean; retryAfterMs?: number };
  const unsaid = error instanceof ResponseTimeoutError || error instanceof QueueFullError;
  const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  return retryable || unsaid ? (retryAfterMs ?? most * (0.5 + Math.random() / 2)) : undefined;
}

/** Resolves after a time, if one is given, when the client's connection is next open, or when it is of no use. */
export function pause(client: Source, ms: number | undefined, useless: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      off();
      useless.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    const off = client.onState((state) => state === "open" && done());
    useless.addEventListener("abort", done);
  });
}
