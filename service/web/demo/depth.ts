/** The order book as a ladder: what is asked above, what is bid below, and how much. */

import type { Book, Level, SymbolInfo, TradingClient } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { BookCheck } from "./checks.js";
import { Digits } from "./format.js";
import { nextFrame } from "./frame.js";
import { begin, Note, PATIENT } from "./panel.js";
import { record } from "./record.js";
import type { Selection } from "./selection.js";
import type { Traffic } from "./traffic.js";

/** How many levels of each side to ask for; how many are shown depends on the room. */
const DEPTH = 25;
/** The least height of a level. */
const ROW_PX = 19;

export class DepthPanel {
  readonly #ladder = byId("ladder", HTMLDivElement);
  readonly #asks = byId("asks", HTMLOListElement);
  readonly #bids = byId("bids", HTMLOListElement);
  readonly #spread = byId("spread", HTMLParagraphElement);
  readonly #note = new Note("book-note");
  #digits = new Digits(undefined);
  #book: Book | undefined;
  #shown = 0;

  constructor(
    readonly client: TradingClient,
    readonly traffic: Traffic,
  ) {
    new ResizeObserver(() => this.#fit()).observe(this.#ladder);
  }

  show({ symbol }: Selection, signal: AbortSignal, info: SymbolInfo | undefined): void {
    this.#digits = new Digits(info);
    this.#book = undefined;
    const check = (record.book = new BookCheck());
    this.#note.say("Waiting for the book…");
    nextFrame(this.#draw);
    void begin("orderbook", this.#note, signal, () =>
      this.client.orderbook.subscribe(
        { symbol, depth: DEPTH },
        // The client puts the changes together: this is the whole book, each time.
        (book, update) => {
          this.traffic.add(update);
          check.take(book, update);
          this.#book = book;
          nextFrame(this.#draw);
        },
        { ...PATIENT, signal },
      ),
    );
  }

  /** As many rows of each side as there is room for. */
  #fit(): void {
    const half = (this.#ladder.clientHeight - this.#spread.offsetHeight) / 2;
    const rows = Math.max(1, Math.min(DEPTH, Math.floor(half / ROW_PX)));
    this.#ladder.style.setProperty("--row", `${Math.min(22, half / rows)}px`);
    if (rows === this.#shown) return;
    this.#shown = rows;
    for (const side of [this.#asks, this.#bids]) side.replaceChildren(...Array.from({ length: rows }, newRow));
    nextFrame(this.#draw);
  }

  readonly #draw = (): void => {
    const { bids = [], asks = [] } = this.#book ?? {};
    const [bid, ask] = [bids[0], asks[0]];
    const most = Math.max(sum(bids.slice(0, this.#shown)), sum(asks.slice(0, this.#shown)));
    this.#drawSide(this.#bids, bids, most);
    this.#drawSide(this.#asks, asks, most);
    if (this.#book !== undefined) this.#note.say("");
    const between = bid && ask ? this.#digits.price(ask.price - bid.price) : "—";
    setText(this.#spread, `Spread ${between}`);
  };

  #drawSide(side: HTMLOListElement, levels: readonly Level[], most: number): void {
    let total = 0;
    for (const [at, row] of [...side.children].entries()) {
      const level = levels[at];
      total += level?.size ?? 0;
      const texts = level
        ? [this.#digits.price(level.price), this.#digits.size(level.size), this.#digits.size(total)]
        : ["", "", ""];
      for (const [column, text] of texts.entries()) {
        const cell = row.children[column];
        if (cell) setText(cell, text);
      }
      (row as HTMLElement).style.setProperty("--fill", level && most > 0 ? (total / most).toFixed(3) : "0");
    }
  }
}

function newRow(): HTMLLIElement {
  const row = make("li");
  row.append(make("span", "at"), make("span"), make("span"));
  return row;
}

function sum(levels: readonly Level[]): number {
  return levels.reduce((total, { size }) => total + size, 0);
}
