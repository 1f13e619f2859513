/** The tape: trades as they happen, the newest first. */

import type { Trade } from "trading-client";
import { byId, framed, make } from "./dom.js";
import { attempt, missed } from "./notice.js";
import { clock } from "./numbers.js";
import type { Shown } from "./shown.js";

const ROWS = 40;

export function showTape({ client, symbol, digits, signal }: Shown): void {
  const tape = byId("trades", HTMLOListElement);
  let waiting: Trade[] = [];
  const draw = framed(() => {
    if (signal.aborted) return;
    for (const { price, size, side, time } of waiting.slice(-ROWS)) {
      tape.prepend(make("li", classOf(side), digits.price(price), digits.size(size), clock(time)));
    }
    waiting = [];
    while (tape.childElementCount > ROWS) tape.lastElementChild?.remove();
  });
  const take = (trade: Trade): void => {
    waiting.push(trade);
    draw();
  };
  void attempt("Trades", signal, () =>
    client.trades.subscribe({ symbol }, take, { signal, timeoutMs: Infinity, onHole: missed }),
  );
}

export function clearTape(): void {
  byId("trades", HTMLOListElement).replaceChildren();
}

/** The colour of a side. A side that the contract gains one day is an error of the compiler here. */
function classOf(side: Trade["side"]): "up" | "down" {
  switch (side) {
    case "buy":
      return "up";
    case "sell":
      return "down";
    default:
      return side satisfies never;
  }
}
