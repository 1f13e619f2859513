/**
 * What the page has received, for whoever drives it: `window.tapewire` and the event `tapewire:bar` on `window`.
 *
 *     tapewire.state                the connection: idle, connecting, open or closed
 *     tapewire.topic                the topic that the server named, or null
 *     tapewire.updates              every update of the topics followed so far, in the order of arrival
 *     tapewire.bars                 the bodies of these updates
 *     addEventListener("tapewire:bar", event => event.detail)      each update as it comes
 */

import type { Bar, State } from "./feed.js";

/** One update, as the client handed it over. */
export interface Received {
  topic: string | undefined;
  seq: number | undefined;
  /** When the server published it, in Unix milliseconds. */
  ts: number | undefined;
  bar: Bar;
}

export interface PageRecord {
  state: State;
  topic: string | null;
  readonly updates: readonly Received[];
  readonly bars: readonly Bar[];
}

declare global {
  interface Window {
    tapewire: PageRecord;
  }
}

/** So many updates are kept; a page that is left open for days must not fill the memory. */
const LIMIT = 100_000;

const updates: Received[] = [];

export const record: PageRecord = {
  state: "idle",
  topic: null,
  updates,
  get bars() {
    return updates.map((update) => update.bar);
  },
};

window.tapewire = record;

/** Keeps an update and announces it. */
export function keep(received: Received): void {
  updates.push(received);
  if (updates.length > LIMIT) updates.splice(0, LIMIT / 10);
  window.dispatchEvent(new CustomEvent("tapewire:bar", { detail: received }));
}
