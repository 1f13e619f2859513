/** The connection's state, in a word at the top right. */

import type { State, TradingClient } from "trading-client";
import { byId } from "./dom.js";

/** A state that the client may learn of one day is missed here by the compiler, not by a user. */
const WORDS: Record<State, string> = {
  idle: "Starting",
  connecting: "Connecting…",
  open: "Connected",
  reconnecting: "Reconnecting…",
  closed: "Disconnected",
};

export function showConnection(client: TradingClient): void {
  const state = byId("state", HTMLSpanElement);
  byId("socket", HTMLSpanElement).textContent = client.url;
  client.onState((now, reason) => {
    state.dataset["state"] = now;
    state.textContent = WORDS[now];
    state.title = reason?.message ?? "";
  });
}
