/** What an account holds and orders, row by row. */

import type { Order, OrderList, Position, PositionList } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { amount, directionOfAmount, gain, shorter } from "./amounts.js";
import { nextFrame } from "./frame.js";
import { Note } from "./panel.js";

/** Orders that have ended, and are listed still. */
const ENDED = 60;
const WORKING: ReadonlySet<string> = new Set(["working", "partially_filled"]);

export class PositionTable {
  readonly #rows = byId("position-rows", HTMLTableSectionElement);
  readonly #note = new Note("positions-note");
  #positions: readonly Position[] = [];

  show({ positions }: PositionList): void {
    // One that was just closed is listed once more, with nothing left of it.
    this.#positions = positions.filter(({ quantity }) => /[1-9]/.test(quantity));
    nextFrame(this.#draw);
  }

  clear(): void {
    this.#positions = [];
    this.#rows.replaceChildren();
    this.#note.say("");
  }

  readonly #draw = (): void => {
    fit(this.#rows, this.#positions.length, 5);
    for (const [at, position] of this.#positions.entries()) {
      const { symbol, quantity, average_price, market_price, unrealized_profit: profit } = position;
      const row = this.#rows.rows[at];
      const paid = amount(shorter(average_price, market_price));
      fill(row, [symbol, amount(quantity), paid, amount(market_price), gain(profit)]);
      const last = row?.cells[4];
      if (last) last.dataset["direction"] = directionOfAmount(profit);
    }
    this.#note.say(this.#positions.length === 0 ? "Nothing is held." : "");
  };
}

export class OrderTable {
  readonly #rows = byId("order-rows", HTMLTableSectionElement);
  readonly #note = new Note("orders-note");
  /** In the order in which they were first heard of. */
  readonly #orders = new Map<string, Order>();

  show({ orders }: OrderList): void {
    const listed = new Set(orders.map(({ order_id }) => order_id));
    // Every update lists all that are working: one that is not there has ended while nobody listened.
    for (const [id, { status }] of this.#orders) {
      if (WORKING.has(status) && !listed.has(id)) this.#orders.delete(id);
    }
    for (const order of orders) this.#orders.set(order.order_id, order);
    const ended = [...this.#orders].filter(([, { status }]) => !WORKING.has(status));
    for (const [id] of ended.slice(0, -ENDED)) this.#orders.delete(id);
    nextFrame(this.#draw);
  }

  clear(): void {
    this.#orders.clear();
    this.#rows.replaceChildren();
    this.#note.say("");
  }

  readonly #draw = (): void => {
    const orders = [...this.#orders.values()].reverse();
    fit(this.#rows, orders.length, 5);
    for (const [at, order] of orders.entries()) {
      const row = this.#rows.rows[at];
      const price = order.average_price ?? order.limit_price;
      fill(row, [
        new Date(order.time).toISOString().slice(11, 19),
        `${order.side === "buy" ? "Buy" : "Sell"} ${order.symbol}`,
        order.status === "filled" ? amount(order.filled) : `${amount(order.filled)} / ${amount(order.quantity)}`,
        price === undefined ? order.kind : amount(shorter(price, order.limit_price ?? "0.00")),
        order.status === "partially_filled" ? "partly" : order.status,
      ]);
      if (!row) continue;
      row.dataset["side"] = order.side;
      row.dataset["final"] = String(!WORKING.has(order.status));
      row.title = order.reason ?? "";
      const last = row.cells[4];
      if (last) last.dataset["status"] = order.status;
    }
    this.#note.say(orders.length === 0 ? "No orders yet." : "");
  };
}

/** As many rows as there have to be. */
function fit(body: HTMLTableSectionElement, rows: number, cells: number): void {
  while (body.rows.length > rows) body.deleteRow(-1);
  while (body.rows.length < rows) body.append(make("tr"));
  for (const row of body.rows) while (row.cells.length < cells) row.append(make("td"));
}

function fill(row: HTMLTableRowElement | undefined, texts: readonly string[]): void {
  for (const [at, text] of texts.entries()) {
    const cell = row?.cells[at];
    if (cell) setText(cell, text);
  }
}
