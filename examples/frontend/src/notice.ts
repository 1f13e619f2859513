/** What went wrong, told to a person: refusals of the server, lost connections, updates that were missed. */

import { ConnectionClosedError, RequestError, type Hole } from "trading-client";
import { byId } from "./dom.js";

const notice = byId("notice", HTMLParagraphElement);

/** Shows a sentence at the top of the screen until the next one; an empty one takes it away. */
export function tell(sentence: string): void {
  notice.textContent = sentence;
  notice.hidden = sentence === "";
}

/** Awaits work that belongs to what is shown, and tells of what keeps it from being done. */
export async function attempt(what: string, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      // Given up, since something else is shown by now; or lost with its connection, and asked again on the next.
      if (signal.aborted) return;
      if (error instanceof ConnectionClosedError && error.retryable) continue;
      tell(`${what}: ${sentence(error)}`);
      return;
    }
  }
}

/** A hole is never hidden: what is shown from there on lacks something. */
export function missed({ topic, after, seq }: Hole): void {
  tell(`${topic}: updates after ${after ?? "the start"}, up to ${seq ?? "now"}, were missed.`);
}

function sentence(error: unknown): string {
  if (error instanceof RequestError) {
    const places = error.errors.map(({ path, message }) => `${path}: ${message}`);
    const again = error.retryable ? "; it may work later" : "";
    return `refused (${error.code})${again}. ${[error.message, ...places].join(" ")}`;
  }
  return error instanceof Error ? error.message : String(error);
}
