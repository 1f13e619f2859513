/** The tape: trades as they happen, the newest first. */

import type { Hole, SymbolInfo, Trade, TradingClient } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { SequenceCheck } from "./checks.js";
import { clock, Digits } from "./format.js";
import { nextFrame } from "./frame.js";
import { begin, Note, PATIENT } from "./panel.js";
import { record } from "./record.js";
import type { Selection } from "./selection.js";
import type { Traffic } from "./traffic.js";

/** Trades that the tape shows. */
const ROWS = 40;

export class TapePanel {
  readonly #tape = byId("tape", HTMLOListElement);
  readonly #note = new Note("tape-note");
  #digits = new Digits(undefined);
  /** What is not drawn yet; more than fit need never be. */
  #waiting: (Trade | Hole)[] = [];

  constructor(
    readonly client: TradingClient,
    readonly traffic: Traffic,
  ) {}

  show({ symbol }: Selection, signal: AbortSignal, info: SymbolInfo | undefined): void {
    this.#digits = new Digits(info);
    this.#waiting = [];
    this.#tape.replaceChildren();
    const check = (record.trades = new SequenceCheck());
    this.#note.say("Waiting for the first trade…");
    void begin("trades", this.#note, signal, () =>
      this.client.trades.subscribe(
        { symbol },
        (trade, update) => {
          this.traffic.add(update);
          check.take(update);
          this.#add(trade);
        },
        {
          ...PATIENT,
          signal,
          // Trades that were missed cannot be had any more; a tape that hides that would lie.
          onHole: (hole) => {
            check.told(hole);
            this.#add(hole);
          },
        },
      ),
    );
  }

  #add(item: Trade | Hole): void {
    this.#waiting.push(item);
    if (this.#waiting.length > ROWS) this.#waiting.shift();
    nextFrame(this.#draw);
  }

  readonly #draw = (): void => {
    for (const item of this.#waiting) this.#tape.prepend(this.#fill(item));
    if (this.#waiting.length > 0) this.#note.say("");
    this.#waiting = [];
  };

  #fill(item: Trade | Hole): HTMLLIElement {
    // The row that falls off the end is used again for the one that comes.
    const oldest = this.#tape.childElementCount < ROWS ? null : this.#tape.lastElementChild;
    const row = oldest instanceof HTMLLIElement ? oldest : newRow();
    const texts =
      "price" in item
        ? [this.#digits.price(item.price), this.#digits.size(item.size), clock(item.time)]
        : ["some trades are missing here", "", ""];
    row.dataset["side"] = "price" in item ? item.side : "hole";
    for (const [at, text] of texts.entries()) {
      const cell = row.children[at];
      if (cell) setText(cell, text);
    }
    return row;
  }
}

function newRow(): HTMLLIElement {
  const row = make("li");
  row.append(make("span", "at"), make("span"), make("span", "when"));
  return row;
}
