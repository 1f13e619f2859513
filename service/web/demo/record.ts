/**
 * What the page has received, for whoever drives it: `window.tapewire`, and events on `window`.
 *
 *     tapewire.state       the connection: idle, connecting, open, reconnecting or closed
 *     tapewire.topic       the topic of the bars that are shown, as the server named it; null until it has
 *     tapewire.updates     every update of bars so far, in the order of arrival
 *     tapewire.bars        the bodies of these updates
 *     tapewire.shown       how many bars the chart shows, those of the past included
 *     tapewire.trades      what the trades that are shown have counted up to, and whether they were in order
 *     tapewire.book        how often the order book was checked, and how often it was wrong
 *     tapewire.refused     by channel: why the service does not serve it
 *     tapewire.events      what became of the connection
 *     addEventListener("tapewire:bar", event => event.detail)      each update of bars as it comes
 *     addEventListener("tapewire:event", event => event.detail)    each event as it comes
 */

import type { Bar, BarsUpdate, State } from "../../../generated/typescript/src/index.js";
import type { BookCheck, SequenceCheck } from "./checks.js";

/** Something that became of the connection. */
export interface PageEvent {
  kind: "open" | "lost" | "recovered" | "hole" | "leaving" | "cut" | "closed" | "error";
  /** What is said of it. */
  text: string;
  /** When, in Unix milliseconds. */
  at: number;
  /** Updates that were caught up with, where it is about that. */
  caughtUp?: number;
  /** Topics that have a hole, where it is about that. */
  holes?: readonly string[];
}

/** One update of bars, as the client handed it over. */
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
  shown: number;
  trades: SequenceCheck | null;
  book: BookCheck | null;
  readonly refused: Record<string, string>;
  readonly events: readonly PageEvent[];
  readonly updates: readonly Received[];
  readonly bars: readonly Bar[];
}

declare global {
  interface Window {
    tapewire: PageRecord;
  }
}

/** So many are kept; a page that is left open for days must not fill the memory. */
const LIMIT = 100_000;

const updates: Received[] = [];
const events: PageEvent[] = [];

export const record: PageRecord = {
  state: "idle",
  topic: null,
  shown: 0,
  trades: null,
  book: null,
  refused: {},
  events,
  updates,
  get bars() {
    return updates.map((update) => update.bar);
  },
};

window.tapewire = record;

/** Keeps an update of bars and announces it. */
export function keep(bar: Bar, { topic, seq, ts }: BarsUpdate): void {
  const received = { topic, seq, ts, bar };
  push(updates, received);
  window.dispatchEvent(new CustomEvent("tapewire:bar", { detail: received }));
}

/** Keeps an event and announces it. */
export function note(event: PageEvent): void {
  push(events, event);
  window.dispatchEvent(new CustomEvent("tapewire:event", { detail: event }));
}

/** Keeps why a channel is not served; null where it is. */
export function refuse(channel: string, why: string | null): void {
  if (why === null) delete record.refused[channel];
  else record.refused[channel] = why;
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > LIMIT) list.splice(0, LIMIT / 10);
}
