/** The order book: what is asked above, what is bid below, and how much of it. */

import type { Book, BookSelection, Level } from "trading-client";
import { byId, framed, make } from "./dom.js";
import { attempt, missed } from "./notice.js";
import type { Digits } from "./numbers.js";
import type { Shown } from "./shown.js";

/** Levels of each side that are shown. */
const LEVELS = 12;

export function showBook({ client, symbol, digits, signal }: Shown): void {
  const selection: BookSelection = { symbol, depth: 25 };
  let book: Book | undefined;
  const draw = framed(() => {
    if (book !== undefined && !signal.aborted) drawBook(book, digits);
  });
  // The client puts the changes together: each time, this is the whole book.
  const take = (whole: Book): void => {
    book = whole;
    draw();
  };
  void attempt("Order book", signal, () =>
    client.orderbook.subscribe(selection, take, { signal, timeoutMs: Infinity, onHole: missed }),
  );
}

export function clearBook(): void {
  drawBook({ bids: [], asks: [] }, { price: String, size: String });
}

function drawBook({ bids, asks }: Book, digits: Digits): void {
  const [bid, ask] = [bids[0], asks[0]];
  const most = Math.max(0, ...[...bids.slice(0, LEVELS), ...asks.slice(0, LEVELS)].map(({ size }) => size));
  drawSide("bids", bids, most, digits);
  drawSide("asks", asks, most, digits);
  byId("spread", HTMLParagraphElement).textContent = bid && ask ? `spread ${digits.price(ask.price - bid.price)}` : "—";
}

function drawSide(id: "bids" | "asks", levels: readonly Level[], most: number, digits: Digits): void {
  const rows = levels.slice(0, LEVELS).map(({ price, size }) => {
    const row = make("li", "level", digits.price(price), digits.size(size));
    row.style.setProperty("--fill", String(most > 0 ? size / most : 0));
    return row;
  });
  byId(id, HTMLOListElement).replaceChildren(...rows);
}
